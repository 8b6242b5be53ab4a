// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "correspondents.hpp"

namespace bobbin::contract {
namespace {

using namespace std::chrono_literals;

// Two UDP ports on one reactor, for each family of addresses that the world has.
class Datagrams : public testing::TestWithParam<Address> {
 protected:
  static constexpr std::size_t largest = 64;

  ~Datagrams() override {
    for (Correspondent* one : {&ann_, &bob_, &cid_}) one->improvise();
  }

  void listen(DatagramPort& port, const UdpOptions& options = {}) {
    ASSERT_FALSE(world_.reactor().listen_udp(GetParam(), port, options));
    ASSERT_TRUE(port.listening());
  }
  void listen_both() {
    listen(ann_port_);
    listen(bob_port_);
  }

  // An address of the other family than the test's.
  Address other_family() const {
    return GetParam().family() == Address::Family::ip4 ? Address::ip6({1}, 9) : Address::any(9);
  }

  // For those that may be lost on the way, a system's buffer being full for a moment.
  static void write(DatagramPort& from, std::string_view text, const Address& to) {
    ASSERT_FALSE(from.write(bytes_of(text), to));
  }

  template <class Done>
  bool run_until(Done done) {
    return world_.run_until(done);
  }
  // Long enough for anything that is on its way to arrive.
  void settle() { world_.run_for(200ms); }

  World world_;
  Correspondent ann_;
  Correspondent bob_;
  Correspondent cid_;
  UdpPort<largest> ann_port_{ann_};
  UdpPort<largest> bob_port_{bob_};
  UdpPort<largest> cid_port_{cid_};
};

TEST_P(Datagrams, arrive_whole_and_say_from_where) {
  listen_both();
  EXPECT_NE(bob_port_.host().port(), 0);
  EXPECT_EQ(bob_port_.host().with_port(0), GetParam());
  write(ann_port_, "hello", bob_port_.host());
  ASSERT_TRUE(run_until([&] { return bob_.received == Texts{"hello"}; }));
  EXPECT_EQ(bob_.from, ann_port_.host());
  EXPECT_EQ(bob_.trace, (Trace{"start", "datagram"}));
  write(bob_port_, "and back", bob_.from);
  ASSERT_TRUE(run_until([&] { return ann_.received == Texts{"and back"}; }));
  EXPECT_EQ(ann_.from, bob_port_.host());
}

TEST_P(Datagrams, are_counted) {
  listen_both();
  for (const char* text : {"one", "two"}) {
    write(ann_port_, text, bob_port_.host());
    ASSERT_TRUE(run_until([&] { return !bob_.received.empty() && bob_.received.back() == text; }));
  }
  EXPECT_EQ(ann_port_.statistics().sent, 2U);
  EXPECT_EQ(ann_port_.statistics().received, 0U);
  EXPECT_EQ(bob_port_.statistics().received, 2U);
  EXPECT_EQ(world_.reactor().statistics().bytes_received, 6U);
  EXPECT_EQ(world_.reactor().statistics().bytes_sent, 6U);
}

TEST_P(Datagrams, may_be_empty) {
  listen_both();
  write(ann_port_, "", bob_port_.host());
  EXPECT_TRUE(run_until([&] { return bob_.received == Texts{""}; }));
}

TEST_P(Datagrams, are_not_joined_or_split) {
  listen_both();
  Texts sent;
  for (std::size_t length = 1; length <= 4; ++length) {
    sent.push_back(std::string(length * 16, static_cast<char>('a' + length)));
    write(ann_port_, sent.back(), bob_port_.host());
  }
  ASSERT_TRUE(run_until([&] { return bob_.received.size() == sent.size(); }));
  std::ranges::sort(bob_.received);
  EXPECT_EQ(bob_.received, sent);
}

TEST_P(Datagrams, that_are_too_long_for_the_buffer_are_dropped_whole_and_counted) {
  listen_both();
  write(ann_port_, std::string(largest + 1, 'x'), bob_port_.host());
  write(ann_port_, std::string(1400, 'y'), bob_port_.host());
  ASSERT_TRUE(run_until([&] { return bob_port_.statistics().dropped_too_long == 2; }));
  const std::string fits(largest, 'z');
  write(ann_port_, fits, bob_port_.host());
  ASSERT_TRUE(run_until([&] { return !bob_.received.empty(); }));
  EXPECT_EQ(bob_.received, Texts{fits});
  EXPECT_EQ(bob_port_.statistics().received, 1U);
}

TEST_P(Datagrams, that_nobody_carries_are_refused_to_the_sender) {
  UdpPort<65535> wide(bob_);
  listen(ann_port_);
  listen(wide);
  const std::string too_long(World::longest_datagram(GetParam()) + 1, 'x');
  EXPECT_EQ(ann_port_.write(bytes_of(too_long), wide.host()), Errc::message_too_long);
  const std::string text(World::longest_datagram(GetParam()), 'y');
  EXPECT_FALSE(ann_port_.write(bytes_of(text), wide.host()));
  EXPECT_TRUE(run_until([&] { return !bob_.received.empty(); }));
  EXPECT_TRUE(bob_.received == Texts{text});
  EXPECT_EQ(ann_port_.statistics().sent, 1U);
}

TEST_P(Datagrams, are_not_written_where_they_cannot_go) {
  EXPECT_EQ(ann_port_.write(bytes_of("x"), GetParam().with_port(9)), Errc::not_running);
  EXPECT_EQ(ann_port_.write(bytes_of("x")), Errc::not_running);
  EXPECT_EQ(ann_port_.connect(GetParam().with_port(9)), Errc::not_running);
  listen(ann_port_);
  EXPECT_EQ(ann_port_.write(bytes_of("x"), GetParam()), Errc::invalid_argument) << "port 0";
  EXPECT_EQ(ann_port_.write(bytes_of("x")), Errc::invalid_argument) << "no peer";
  EXPECT_EQ(ann_port_.write(bytes_of("x"), other_family()), Errc::not_supported);
  EXPECT_EQ(ann_port_.connect(GetParam()), Errc::invalid_argument);
  EXPECT_EQ(ann_port_.connect(other_family()), Errc::not_supported);
  const bool ip4 = GetParam().family() == Address::Family::ip4;
  EXPECT_EQ(ann_port_.connect(ip4 ? Address::any(9) : Address::ip6({}, 9)), Errc::invalid_argument);
  EXPECT_EQ(ann_port_.statistics().sent, 0U);
}

TEST_P(Datagrams, a_protocol_starts_and_stops_from_the_reactor) {
  listen_both();
  EXPECT_EQ(ann_.trace, Trace{}) << "not from inside listen_udp";
  ASSERT_TRUE(run_until([&] { return ann_.trace == Trace{"start"}; }));
  EXPECT_EQ(&ann_.transport(), &ann_port_);
  ann_port_.stop_listening();
  EXPECT_FALSE(ann_port_.listening());
  EXPECT_EQ(ann_port_.host(), Address());
  EXPECT_EQ(ann_.trace, Trace{"start"}) << "not from inside stop_listening";
  ASSERT_TRUE(run_until([&] { return ann_.trace == Trace({"start", "stop"}); }));
  settle();
  EXPECT_EQ(ann_.trace, Trace({"start", "stop"}));
}

TEST_P(Datagrams, may_be_sent_before_the_protocol_has_started) {
  listen_both();
  write(ann_port_, "early", bob_port_.host());
  ASSERT_TRUE(run_until([&] { return !bob_.received.empty(); }));
  EXPECT_EQ(bob_.trace, (Trace{"start", "datagram"}));
}

TEST_P(Datagrams, a_protocol_that_never_started_is_not_stopped) {
  listen(ann_port_);
  ann_port_.stop_listening();
  settle();
  EXPECT_EQ(ann_.trace, Trace{});
  listen(ann_port_);
  EXPECT_TRUE(run_until([&] { return ann_.trace == Trace{"start"}; }));
}

TEST_P(Datagrams, a_protocol_may_stop_from_inside_its_start) {
  ann_.on_start = [&] { ann_port_.stop_listening(); };
  listen(ann_port_);
  ASSERT_TRUE(run_until([&] { return ann_.trace == Trace({"start", "stop"}); }));
  settle();
  EXPECT_EQ(ann_.trace, Trace({"start", "stop"}));
}

TEST_P(Datagrams, a_protocol_may_stop_while_it_looks_at_one_and_hears_no_other) {
  std::string seen;
  bob_.on_datagram = [&](Bytes datagram, const Address&) {
    bob_port_.stop_listening();
    EXPECT_EQ(bob_port_.write(datagram, GetParam().with_port(9)), Errc::not_running);
    seen = text_of(datagram);
  };
  listen_both();
  for (int i = 0; i < 3; ++i) write(ann_port_, "the same", bob_port_.host());
  ASSERT_TRUE(run_until([&] { return bob_.trace == Trace({"start", "datagram", "stop"}); }));
  settle();
  EXPECT_EQ(bob_.trace, Trace({"start", "datagram", "stop"}));
  EXPECT_EQ(bob_.received, Texts{"the same"});
  EXPECT_EQ(seen, "the same");
}

TEST_P(Datagrams, a_port_may_listen_again_from_inside_the_stop) {
  ann_.on_stop = [&] {
    ann_.on_stop = nullptr;
    listen(ann_port_);
  };
  listen_both();
  ASSERT_TRUE(run_until([&] { return ann_.trace == Trace{"start"}; }));
  ann_port_.stop_listening();
  EXPECT_EQ(world_.reactor().listen_udp(GetParam(), ann_port_), Errc::already_running)
      << "the protocol has not heard of the stop";
  ASSERT_TRUE(run_until([&] { return ann_.trace == Trace({"start", "stop", "start"}); }));
  write(bob_port_, "again", ann_port_.host());
  EXPECT_TRUE(run_until([&] { return ann_.received == Texts{"again"}; }));
}

TEST_P(Datagrams, an_address_is_one_ports_and_free_at_once_when_that_stops) {
  listen_both();
  const Address taken = ann_port_.host();
  EXPECT_EQ(world_.reactor().listen_udp(taken, ann_port_), Errc::already_running);
  EXPECT_EQ(world_.reactor().listen_udp(taken, cid_port_), Errc::address_in_use);
  EXPECT_FALSE(cid_port_.listening());
  ann_port_.stop_listening();
  ASSERT_FALSE(world_.reactor().listen_udp(taken, cid_port_));
  write(bob_port_, "who is there", taken);
  EXPECT_TRUE(run_until([&] { return cid_.received == Texts{"who is there"}; }));
}

TEST_P(Datagrams, of_the_connected_peer_alone_are_delivered) {
  listen_both();
  listen(cid_port_);
  ASSERT_FALSE(ann_port_.connect(bob_port_.host()));
  ASSERT_FALSE(ann_port_.write(bytes_of("to the peer")));
  ASSERT_TRUE(run_until([&] { return bob_.received == Texts{"to the peer"}; }));
  EXPECT_EQ(bob_.from, ann_port_.host());
  write(cid_port_, "from a stranger", ann_port_.host());
  settle();
  write(bob_port_, "from the peer", ann_port_.host());
  ASSERT_TRUE(run_until([&] { return !ann_.received.empty(); }));
  settle();
  EXPECT_EQ(ann_.received, Texts{"from the peer"});
}

TEST_P(Datagrams, that_came_from_others_before_connecting_are_not_delivered) {
  listen_both();
  listen(cid_port_);
  ann_port_.pause_producing();
  write(cid_port_, "from a stranger", ann_port_.host());
  write(bob_port_, "from the peer", ann_port_.host());
  settle();
  ASSERT_FALSE(ann_port_.connect(bob_port_.host()));
  ann_port_.resume_producing();
  ASSERT_TRUE(run_until([&] { return !ann_.received.empty(); }));
  settle();
  EXPECT_EQ(ann_.received, Texts{"from the peer"});
  EXPECT_EQ(ann_port_.statistics().received, 1U);
}

TEST_P(Datagrams, of_a_connected_port_may_go_to_others_and_to_another_peer) {
  listen_both();
  listen(cid_port_);
  ASSERT_FALSE(ann_port_.connect(bob_port_.host()));
  write(ann_port_, "aside", cid_port_.host());
  ASSERT_TRUE(run_until([&] { return cid_.received == Texts{"aside"}; }));
  ASSERT_FALSE(ann_port_.connect(cid_port_.host()));
  ASSERT_FALSE(ann_port_.write(bytes_of("straight")));
  ASSERT_TRUE(run_until([&] { return cid_.received.size() == 2; }));
  write(cid_port_, "hello", ann_port_.host());
  EXPECT_TRUE(run_until([&] { return ann_.received == Texts{"hello"}; }));
}

TEST_P(Datagrams, to_nobody_are_told_to_the_connected_if_the_system_tells) {
  listen_both();
  const Address nobody = bob_port_.host();
  bob_port_.stop_listening();
  ASSERT_FALSE(ann_port_.connect(nobody));
  ASSERT_FALSE(ann_port_.write(bytes_of("anybody there?")));
  const auto heard = [&] { return ann_.trace == Trace({"start", "refused"}); };
  if (World::tells_refusals) {
    ASSERT_TRUE(run_until(heard));
  } else {
    settle();
    EXPECT_FALSE(heard());
  }
  // It goes on, and a later write does not answer for an earlier one.
  EXPECT_FALSE(ann_port_.write(bytes_of("once more")));
  settle();
  EXPECT_FALSE(ann_port_.write(bytes_of("and again")));
  EXPECT_EQ(ann_port_.statistics().sent, 3U);
  EXPECT_TRUE(ann_port_.listening());
}

TEST_P(Datagrams, to_nobody_do_not_disturb_those_not_connected) {
  listen_both();
  const Address nobody = bob_port_.host();
  bob_port_.stop_listening();
  listen(cid_port_);
  for (int i = 0; i < 3; ++i) {
    write(ann_port_, "anybody there?", nobody);
    settle();
  }
  EXPECT_EQ(ann_.trace, Trace{"start"});
  write(ann_port_, "you?", cid_port_.host());
  EXPECT_TRUE(run_until([&] { return cid_.received == Texts{"you?"}; }));
}

TEST_P(Datagrams, are_not_delivered_while_paused) {
  listen_both();
  bob_port_.pause_producing();
  write(ann_port_, "patience", bob_port_.host());
  settle();
  EXPECT_EQ(bob_.trace, Trace{"start"});
  bob_port_.resume_producing();
  EXPECT_EQ(bob_.received, Texts{}) << "not from inside resume_producing";
  EXPECT_TRUE(run_until([&] { return bob_.received == Texts{"patience"}; }));
}

TEST_P(Datagrams, stop_coming_as_soon_as_one_pauses) {
  bob_.on_datagram = [&](Bytes, const Address&) { bob_port_.pause_producing(); };
  listen_both();
  for (const char* text : {"one", "two", "three"}) write(ann_port_, text, bob_port_.host());
  for (std::size_t count = 1; count <= 3; ++count) {
    ASSERT_TRUE(run_until([&] { return bob_.received.size() == count; }));
    settle();
    EXPECT_EQ(bob_.received.size(), count);
    bob_port_.resume_producing();
  }
}

TEST_P(Datagrams, of_a_busy_port_leave_turns_to_others) {
  constexpr std::size_t sent = 4;
  world_.reactor().budget().datagrams = 1;
  listen_both();
  std::vector<std::uint32_t> turns;
  bob_.on_datagram = [&](Bytes, const Address&) {
    turns.push_back(world_.reactor().statistics().turns);
  };
  bob_port_.pause_producing();
  for (std::size_t i = 0; i < sent; ++i) write(ann_port_, "busy", bob_port_.host());
  settle();
  bob_port_.resume_producing();
  ASSERT_TRUE(run_until([&] { return bob_.received.size() == sent; }));
  EXPECT_EQ(std::ranges::adjacent_find(turns), turns.end()) << "one in each turn";
}

TEST_P(Datagrams, are_also_bounded_in_bytes) {
  constexpr std::size_t sent = 4;
  world_.reactor().budget().bytes = 20;
  listen_both();
  std::vector<std::uint32_t> turns;
  bob_.on_datagram = [&](Bytes, const Address&) {
    turns.push_back(world_.reactor().statistics().turns);
  };
  bob_port_.pause_producing();
  for (std::size_t i = 0; i < sent; ++i) write(ann_port_, "ten bytes.", bob_port_.host());
  settle();
  bob_port_.resume_producing();
  ASSERT_TRUE(run_until([&] { return bob_.received.size() == sent; }));
  EXPECT_EQ(turns[0], turns[1]);
  EXPECT_NE(turns[1], turns[2]);
  EXPECT_EQ(turns[2], turns[3]);
}

TEST_P(Datagrams, that_the_system_has_no_room_for_are_dropped_and_counted) {
  UdpPort<1472> wide(bob_);
  listen(ann_port_);
  listen(wide);
  ASSERT_TRUE(run_until([&] { return !bob_.trace.empty(); }));
  wide.pause_producing();
  const std::string text(1400, 'x');
  constexpr std::uint32_t many = 400;
  for (std::uint32_t count = 0; count < many; ++count) {
    ASSERT_TRUE(run_until([&] {
      return ann_port_.statistics().sent > count || !ann_port_.write(bytes_of(text), wide.host());
    }));
    world_.reactor().turn({});
  }
  settle();
  wide.resume_producing();
  settle();
  const std::uint32_t received = wide.statistics().received;
  EXPECT_GT(received, 0U);
  EXPECT_LT(received, many);
  write(ann_port_, "the next", wide.host());
  ASSERT_TRUE(run_until([&] { return bob_.received.back() == "the next"; }));
  EXPECT_EQ(wide.statistics().dropped_no_room, many - received);
}

TEST_P(Datagrams, end_with_the_reactor) {
  listen_both();
  ASSERT_TRUE(run_until([&] { return ann_.trace == Trace{"start"}; }));
  bob_.on_stop = [&] {
    EXPECT_EQ(world_.reactor().listen_udp(GetParam(), bob_port_), Errc::not_running);
  };
  ASSERT_FALSE(world_.reactor().stop());
  world_.reactor().turn({});
  for (const Correspondent* one : {&ann_, &bob_}) EXPECT_EQ(one->trace, Trace({"start", "stop"}));
  EXPECT_FALSE(ann_port_.listening());
  EXPECT_EQ(world_.reactor().listen_udp(GetParam(), ann_port_), Errc::not_running);
}

TEST_P(Datagrams, a_port_that_is_destroyed_stops_its_protocol) {
  std::optional<UdpPort<largest>> port(std::in_place, cid_);
  listen(*port);
  listen(ann_port_);
  ASSERT_TRUE(run_until([&] { return cid_.trace == Trace{"start"}; }));
  const Address was_at = port->host();
  write(ann_port_, "too late", was_at);
  port.reset();
  EXPECT_EQ(cid_.trace, Trace({"start", "stop"}));
  settle();
  EXPECT_EQ(cid_.received, Texts{});
}

TEST_P(Datagrams, a_port_that_is_destroyed_before_it_started_says_nothing) {
  {
    UdpPort<largest> port(cid_);
    listen(port);
  }
  settle();
  EXPECT_EQ(cid_.trace, Trace{});
}

TEST_P(Datagrams, to_broadcast_addresses_need_leave) {
  if (GetParam().family() != Address::Family::ip4) return;  // IPv6 has none
  ASSERT_FALSE(world_.reactor().listen_udp(Address::any(0), ann_port_));
  const Address everybody = World::broadcast(9);
  EXPECT_EQ(ann_port_.write(bytes_of("hear"), everybody), Errc::permission_denied);
  ASSERT_FALSE(world_.reactor().listen_udp(Address::any(0), bob_port_, {.broadcast = true}));
  EXPECT_FALSE(bob_port_.write(bytes_of("hear"), everybody));
}

INSTANTIATE_TEST_SUITE_P(Of, Datagrams, testing::ValuesIn(World::hosts()), [](const auto& place) {
  return std::string(place.param.family() == Address::Family::ip4 ? "ip4" : "ip6");
});

// Ports that hear groups, where the world has a network with groups.
class Groups : public testing::TestWithParam<Circle> {
 protected:
  ~Groups() override {
    for (Correspondent* one : {&ann_, &bob_, &cid_}) one->improvise();
  }

  Address any(std::uint16_t port = 0) const { return any_of(group(0), port); }
  static Address any_of(const Address& group, std::uint16_t port) {
    return group.family() == Address::Family::ip4 ? Address::any(port) : Address::ip6({}, port);
  }
  Address group(std::uint16_t port) const { return GetParam().group.with_port(port); }
  // Nothing leaves the machine.
  UdpOptions options() const {
    return {.multicast_ttl = 0, .multicast_interface = GetParam().interface};
  }
  Error join(DatagramPort& port) { return port.join_group(group(0), GetParam().interface); }
  Error leave(DatagramPort& port) { return port.leave_group(group(0), GetParam().interface); }

  // Ann speaks from a port of her own; Bob and Cid listen at one address.
  void listen() {
    ASSERT_FALSE(world_.reactor().listen_udp(any(), ann_port_, options()));
    UdpOptions shared = options();
    shared.shared = true;
    ASSERT_FALSE(world_.reactor().listen_udp(any(), bob_port_, shared));
    number_ = bob_port_.host().port();
    ASSERT_FALSE(world_.reactor().listen_udp(any(number_), cid_port_, shared));
  }
  void speak(std::string_view text) {
    ASSERT_FALSE(ann_port_.write(bytes_of(text), group(number_)));
  }
  void settle() { world_.run_for(200ms); }

  World world_;
  Correspondent ann_;
  Correspondent bob_;
  Correspondent cid_;
  UdpPort<64> ann_port_{ann_};
  UdpPort<64> bob_port_{bob_};
  UdpPort<64> cid_port_{cid_};
  std::uint16_t number_ = 0;
};

TEST_P(Groups, are_heard_by_their_members_alone) {
  listen();
  ASSERT_FALSE(join(bob_port_));
  speak("to Bob");
  ASSERT_TRUE(world_.run_until([&] { return bob_.received == Texts{"to Bob"}; }));
  settle();
  EXPECT_EQ(cid_.received, Texts{}) << "another port of this machine has joined, not this one";
  ASSERT_FALSE(join(cid_port_));
  speak("to both");
  ASSERT_TRUE(world_.run_until([&] { return cid_.received == Texts{"to both"}; }));
  ASSERT_TRUE(world_.run_until([&] { return bob_.received.size() == 2; }));
  ASSERT_FALSE(leave(bob_port_));
  speak("to Cid");
  ASSERT_TRUE(world_.run_until([&] { return cid_.received.size() == 2; }));
  settle();
  EXPECT_EQ(bob_.received, Texts({"to Bob", "to both"}));
  EXPECT_EQ(cid_.received, Texts({"to both", "to Cid"}));
}

TEST_P(Groups, are_joined_once_and_left_once) {
  listen();
  EXPECT_EQ(leave(bob_port_), Errc::address_not_available);
  EXPECT_FALSE(join(bob_port_));
  EXPECT_EQ(join(bob_port_), Errc::already_registered);
  EXPECT_FALSE(leave(bob_port_));
  EXPECT_EQ(leave(bob_port_), Errc::address_not_available);
  EXPECT_FALSE(join(bob_port_));
}

TEST_P(Groups, are_left_when_the_port_stops) {
  listen();
  ASSERT_FALSE(join(bob_port_));
  ASSERT_TRUE(world_.run_until([&] { return bob_.trace == Trace{"start"}; }));
  bob_port_.stop_listening();
  ASSERT_TRUE(world_.run_until([&] { return bob_.trace == Trace({"start", "stop"}); }));
  UdpOptions shared = options();
  shared.shared = true;
  ASSERT_FALSE(world_.reactor().listen_udp(any(number_), bob_port_, shared));
  speak("anybody?");
  settle();
  EXPECT_EQ(bob_.received, Texts{});
  EXPECT_FALSE(join(bob_port_));
  speak("Bob?");
  EXPECT_TRUE(world_.run_until([&] { return bob_.received == Texts{"Bob?"}; }));
}

TEST_P(Groups, are_not_heard_on_the_senders_machine_if_it_says_so) {
  if (GetParam().loops) GTEST_SKIP() << "this machine has only its loopback interface";
  listen();
  ASSERT_FALSE(join(bob_port_));
  UdpOptions silent = options();
  silent.multicast_loop = false;
  UdpPort<64> quiet(cid_);
  cid_port_.stop_listening();
  ASSERT_TRUE(world_.run_until([&] { return cid_.trace.empty() || cid_.trace.back() == "stop"; }));
  ASSERT_FALSE(world_.reactor().listen_udp(any(), quiet, silent));
  ASSERT_FALSE(quiet.write(bytes_of("to others"), group(number_)));
  settle();
  speak("to all");
  ASSERT_TRUE(world_.run_until([&] { return !bob_.received.empty(); }));
  EXPECT_EQ(bob_.received, Texts{"to all"});
}

TEST_P(Groups, must_be_groups) {
  EXPECT_EQ(join(bob_port_), Errc::not_running);
  listen();
  EXPECT_EQ(bob_port_.join_group(any()), Errc::invalid_argument);
  EXPECT_EQ(bob_port_.leave_group(any()), Errc::invalid_argument);
  EXPECT_EQ(bob_port_.join_group(group(0), Address::ip6({1}, 0)), Errc::invalid_argument);
  const bool ip4 = group(0).family() == Address::Family::ip4;
  const Address other = ip4 ? Address::ip6({0xff, 2}, 0) : Address::ip4({239, 1, 1, 1}, 0);
  EXPECT_EQ(bob_port_.join_group(other), Errc::not_supported);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Groups);
INSTANTIATE_TEST_SUITE_P(Of, Groups, testing::ValuesIn(World::circles()), [](const auto& place) {
  return std::string(place.param.group.family() == Address::Family::ip4 ? "ip4" : "ip6");
});

}  // namespace
}  // namespace bobbin::contract
