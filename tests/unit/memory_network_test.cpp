// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/memory/network.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "memory_party.hpp"
#include "support/seed.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using memory::PortCall;
using test::Losses;
using test::Party;
using test::PartyClient;
using test::PartyServer;
using test::Side;
using test::Trace;

class ANetwork : public test::MemoryPair<> {
 protected:
  // When each offer came, and what it was.
  struct Offer {
    Duration when;
    std::string bytes;
    friend bool operator==(const Offer&, const Offer&) = default;
  };

  void note_offers() {
    server_side_.on_data = [this](Party&, Bytes data) {
      offers_.push_back({network_.now() - Instant(), std::string(text_of(data))});
      return data.size();
    };
  }

  std::vector<Offer> offers_;
};

TEST_F(ANetwork, without_latency_takes_no_time) {
  note_offers();
  connect();
  client().write("at once");
  while (offers_.empty()) reactor_.turn({});
  EXPECT_EQ(network_.now(), Instant());
}

TEST_F(ANetwork, takes_its_latency_one_way_and_twice_that_to_connect) {
  network_.behaviour.latency = 20ms;
  note_offers();
  Duration made_at{};
  client_side_.on_made = [&](Party& party) {
    made_at = network_.now() - Instant();
    party.write("hello");
  };
  listen();
  ASSERT_FALSE(reactor_.connect_tcp(server_.host(), client_));
  ASSERT_TRUE(run_until([this] { return !offers_.empty(); }));
  EXPECT_EQ(made_at, 40ms);
  EXPECT_EQ(offers_, (std::vector<Offer>{{60ms, "hello"}}));
}

TEST_F(ANetwork, tells_of_an_end_and_of_a_reset_after_its_latency) {
  network_.behaviour.latency = 20ms;
  for (const bool reset : {false, true}) {
    server_side_.losses.clear();
    client_side_.losses.clear();
    server_.stop_listening();
    connect();
    const Instant start = network_.now();
    if (reset) {
      client().transport().abort_connection();
    } else {
      client().transport().lose_connection();
    }
    ASSERT_TRUE(run_until_both_lost());
    EXPECT_EQ(network_.now() - start, 20ms);
    EXPECT_EQ(server_side_.losses, Losses{reset ? Errc::connection_lost : Errc::connection_done});
  }
}

TEST_F(ANetwork, adds_jitter_within_its_bounds_and_lets_no_segment_overtake_another) {
  network_.behaviour = {.latency = 10ms, .jitter = 5ms, .segment_max = 2};
  note_offers();
  connect();
  network_.seed(7);
  std::string text;
  std::vector<Duration> sent;
  for (char c = 'a'; c <= 'z'; ++c) {
    sent.push_back(network_.now() - Instant());
    client().write({&c, 1});
    text += c;
    reactor_.run_for(1ms);
  }
  ASSERT_TRUE(run_until([&] { return server_side_.received.size() == text.size(); }));
  EXPECT_EQ(server_side_.received, text);
  std::size_t position = 0;
  bool delayed = false;
  bool straight = false;
  for (const Offer& offer : offers_) {
    for (std::size_t i = 0; i < offer.bytes.size(); ++i, ++position) {
      const Duration taken = offer.when - sent[position];
      EXPECT_GE(taken, 10ms);
      EXPECT_LE(taken, 15ms);
      delayed = delayed || taken > 13ms;
      straight = straight || taken < 12ms;
    }
  }
  EXPECT_TRUE(delayed && straight) << "all of the spread is drawn from";
}

TEST_F(ANetwork, cuts_what_is_written_into_segments_and_what_is_read_into_pieces) {
  network_.behaviour.segment_max = 3;
  network_.behaviour.read_max = 2;
  note_offers();
  connect();
  client().write("abcdefg");
  settle();
  Trace pieces;
  for (const Offer& offer : offers_) pieces.push_back(offer.bytes);
  EXPECT_EQ(pieces, (Trace{"ab", "cd", "ef", "g"}));
}

// A session with everything left to chance, as one long text.
std::string whole_trace(std::uint64_t seed, bool lends) {
  MemoryNetwork<memory::NetworkSizes{.links = 8, .window = 128}> network;
  network.behaviour = {.latency = 3ms,
                       .jitter = 9ms,
                       .segment_max = 20,
                       .lends = lends,
                       .short_reads = 4,
                       .short_writes = 4,
                       .refused_writes = 4,
                       .resets = 200,
                       .refusals = 4};
  network.seed(seed);
  MemoryReactor<> reactor(network);
  std::string trace;
  const auto note = [&](std::string_view who, std::string_view what) {
    trace += std::to_string((network.now() - Instant()).count());
    trace.append(" ").append(who).append(" ").append(what).append("\n");
  };
  Side server_side;
  std::deque<Side> sides(4);
  std::deque<PartyClient<contract::one_small>> clients;
  PartyServer<contract::four_small> server{server_side};
  server_side.on_data = [&](Party& party, Bytes data) {
    note("server", text_of(data));
    return party.transport().write(data);
  };
  EXPECT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
  int number = 0;
  for (Side& side : sides) {
    const std::string name = "client " + std::to_string(number++);
    clients.emplace_back(side);
    PartyClient<contract::one_small>& client = clients.back();
    side.on_made = [&, name](Party& party) {
      note(name, "made");
      party.write("the quick brown fox jumps over the lazy dog");
    };
    side.on_data = [&, name](Party& party, Bytes data) {
      note(name, text_of(data));
      if (party.transport().unsent() == 0) party.write("and back");
      return data.size();
    };
    side.on_lost = [&, name](Party&, Error reason) { note(name, describe(reason)); };
    client.on_failed = [&, name] { note(name, "failed"); };
    EXPECT_FALSE(reactor.connect_tcp(server.host(), client));
  }
  reactor.run_for(1s);
  for (Side& side : sides) side.improvise();
  server_side.improvise();
  for (auto& client : clients) client.on_failed = nullptr;
  return trace;
}

TEST(TwoRuns, of_one_seed_are_the_same_and_those_of_others_are_not) {
  for (const bool lends : {false, true}) {
    const std::string first = whole_trace(1, lends);
    EXPECT_GT(std::ranges::count(first, '\n'), 100);
    EXPECT_EQ(first, whole_trace(1, lends));
    EXPECT_NE(first, whole_trace(2, lends));
  }
}

constexpr ConnectionSizes large_ring{.connections = 1, .receive = 64, .send = 8192};

class AWindow : public test::MemoryPair<contract::one_small, large_ring,
                                        memory::NetworkSizes{.links = 2, .window = 1000}> {};

TEST_F(AWindow, bounds_what_is_sent_to_a_peer_that_does_not_read) {
  connect();
  server().transport().pause_producing();
  client().write(std::string(8000, 'x'));
  settle();
  EXPECT_EQ(client().transport().unsent(), 7000U);
  server_side_.on_data = [](Party& party, Bytes data) {
    party.transport().pause_producing();
    return std::min<std::size_t>(data.size(), 10);
  };
  server().transport().resume_producing();
  settle();
  EXPECT_EQ(server_side_.received.size(), 10U);
  // What lies in the server's receive buffer has left the network.
  EXPECT_EQ(client().transport().unsent(), 7000U - contract::one_small.receive);
}

TEST_F(AWindow, of_a_network_that_lends_opens_by_what_the_protocol_used) {
  network_.behaviour.lends = true;
  connect();
  server().transport().pause_producing();
  client().write(std::string(8000, 'x'));
  settle();
  EXPECT_EQ(client().transport().unsent(), 7000U);
  server_side_.on_data = [](Party& party, Bytes data) {
    party.transport().pause_producing();
    return std::min<std::size_t>(data.size(), 10);
  };
  server().transport().resume_producing();
  settle();
  EXPECT_EQ(client().transport().unsent(), 6990U);
}

TEST_F(AWindow, is_carried_by_a_bounded_number_of_segments) {
  network_.behaviour.segment_max = 1;
  network_.behaviour.latency = 1ms;
  connect();
  client().write(std::string(1000, 'x'));
  reactor_.turn({});
  EXPECT_LT(reactor_.statistics().bytes_sent, 64U);
  EXPECT_TRUE(run_until([this] { return server_side_.received.size() == 1000; }));
}

TEST_F(ANetwork, drops_a_request_to_a_full_backlog_which_comes_again_a_second_later) {
  ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), server_, {.backlog = 2}));
  std::deque<Side> sides(4);
  std::deque<PartyClient<contract::one_small>> clients;
  std::vector<Duration> made;
  for (Side& side : sides) {
    side.on_made = [&](Party&) { made.push_back(network_.now() - Instant()); };
    clients.emplace_back(side);
    ASSERT_FALSE(reactor_.connect_tcp(server_.host(), clients.back()));
  }
  ASSERT_TRUE(run_until([this] { return server_side_.open.size() == 4; }));
  EXPECT_EQ(made, (std::vector<Duration>{0s, 0s, 1s, 1s}));
}

TEST_F(ANetwork, tells_of_a_reset_that_came_before_the_accept_even_to_one_who_does_not_read) {
  server_side_.on_made = [](Party& party) { party.transport().pause_producing(); };
  listen();
  client_side_.on_made = [](Party& party) { party.transport().abort_connection(); };
  network_.fail.fail(PortCall::accept, 1);
  ASSERT_FALSE(reactor_.connect_tcp(server_.host(), client_));
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(server_side_.losses, Losses{Errc::connection_lost});
}

TEST_F(ANetwork, resets_one_in_so_many_segments) {
  network_.behaviour.resets = 1;
  connect();
  client().write("never arrives");
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(server_side_.received, "");
  EXPECT_EQ(server_side_.losses, Losses{Errc::connection_lost});
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_lost});
}

TEST_F(ANetwork, refuses_one_in_so_many_connects) {
  network_.behaviour.refusals = 3;
  listen();
  int made = 0;
  int refused = 0;
  client_side_.on_made = [&](Party& party) {
    ++made;
    party.transport().abort_connection();
  };
  client_.on_failed = [&] { ++refused; };
  for (int i = 0; i < 300; ++i) {
    ASSERT_FALSE(reactor_.connect_tcp(server_.host(), client_));
    ASSERT_TRUE(run_until([&] { return client_.state() == Connector::State::disconnected; }));
  }
  EXPECT_EQ(made + refused, 300);
  EXPECT_GT(refused, 60);
  EXPECT_LT(refused, 140);
}

TEST_F(ANetwork, fails_the_use_of_a_port_call_it_was_told_to_and_no_other) {
  network_.fail.fail(PortCall::write, 3);
  connect();
  for (const char* text : {"one", "two"}) {
    client().write(text);
    settle();
  }
  EXPECT_FALSE(network_.fail.fired());
  EXPECT_EQ(server_side_.received, "onetwo");
  client().write("three");
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_TRUE(network_.fail.fired());
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_lost});
  EXPECT_EQ(server_side_.received, "onetwo");
}

TEST_F(ANetwork, lets_one_address_be_listened_at_once) {
  PartyServer<contract::one_small> second{server_side_};
  listen();
  EXPECT_EQ(reactor_.listen_tcp(server_.host(), second), Errc::address_in_use);
  EXPECT_FALSE(second.listening());
  const std::uint16_t port = server_.host().port();
  EXPECT_FALSE(reactor_.listen_tcp(Address::ip4({10, 0, 0, 1}, port), second));
  EXPECT_EQ(second.host(), Address::ip4({10, 0, 0, 1}, port));
  second.stop_listening();
  EXPECT_FALSE(reactor_.listen_tcp(Address::ip6({}, port), second));
  EXPECT_EQ(second.host(), Address::ip6({}, port));
}

TEST_F(ANetwork, picks_no_port_that_somebody_listens_at) {
  listen();
  const auto next = static_cast<std::uint16_t>(server_.host().port() + 1);
  Side other_side;
  PartyServer<contract::one_small> other{other_side};
  PartyServer<contract::one_small> third{other_side};
  ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(next), other));
  ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), third));
  EXPECT_EQ(third.host().port(), next + 1);
}

TEST_F(ANetwork, connects_to_whoever_listens_at_every_address) {
  ASSERT_FALSE(reactor_.listen_tcp(Address::any(8080), server_));
  ASSERT_FALSE(reactor_.connect_tcp(Address::ip4({10, 1, 2, 3}, 8080), client_));
  ASSERT_TRUE(run_until([this] { return server_side_.connected() && client_side_.connected(); }));
  EXPECT_EQ(server().transport().host(), Address::ip4({10, 1, 2, 3}, 8080));
  EXPECT_EQ(client().transport().peer(), Address::ip4({10, 1, 2, 3}, 8080));
  EXPECT_EQ(server().transport().peer(), client().transport().host());
}

TEST_F(ANetwork, has_no_paths) {
  const auto path = Address::unix_path("/somewhere");
  ASSERT_TRUE(path);
  EXPECT_EQ(reactor_.listen_tcp(*path, server_), Errc::not_supported);
  EXPECT_EQ(reactor_.connect_tcp(*path, client_), Errc::not_supported);
}

TEST_F(ANetwork, stops_a_reactor_for_which_nothing_can_ever_happen_again) {
  server_side_.on_data = [](Party& party, Bytes data) {
    party.transport().lose_connection();
    return data.size();
  };
  client_side_.on_made = [](Party& party) { party.write("bye"); };
  listen();
  ASSERT_FALSE(reactor_.connect_tcp(server_.host(), client_));
  ASSERT_TRUE(reactor_.call_later(1h, [] {}));
  EXPECT_FALSE(reactor_.run());
  EXPECT_EQ(network_.now(), Instant(1h));
  EXPECT_EQ(server_side_.losses, Losses{Errc::connection_done});
}

TEST_F(ANetwork, gives_every_link_back) {
  listen();
  for (int i = 0; i < 100; ++i) {
    ASSERT_FALSE(reactor_.connect_tcp(server_.host(), client_));
    ASSERT_TRUE(run_until([this] { return server_side_.connected() && client_side_.connected(); }));
    Party& first = i % 2 == 0 ? client() : server();
    if (i % 3 == 0) {
      first.transport().abort_connection();
    } else {
      first.transport().lose_connection();
    }
    ASSERT_TRUE(
        run_until([this] { return !server_side_.connected() && !client_side_.connected(); }));
  }
  settle();
  EXPECT_EQ(network_.links_in_use().in_use, 0U);
  EXPECT_EQ(network_.links_in_use().high_water, 1U);
  EXPECT_EQ(network_.timer_use().in_use, 0U);
}

}  // namespace
}  // namespace bobbin
