// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/transport.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "memory_party.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using test::Losses;
using test::narrow;
using test::Party;
using test::Side;
using test::text_of_length;

// Whether input is offered.

class Reading : public test::MemoryPair<> {};

TEST_F(Reading, is_over_while_paused_and_for_good_after_closing_aborting_or_the_end) {
  connect();
  Transport& transport = client().transport();
  EXPECT_TRUE(transport.reading());
  transport.pause_producing();
  EXPECT_FALSE(transport.reading());
  transport.resume_producing();
  EXPECT_TRUE(transport.reading());
  transport.lose_write_connection();
  EXPECT_TRUE(transport.reading()) << "only our side has ended";
  server_side_.on_end = [](Party& party) {
    EXPECT_FALSE(party.transport().reading());
    party.transport().lose_connection();
  };
  client_side_.on_lost = [](Party& party, Error) { EXPECT_FALSE(party.transport().reading()); };
  ASSERT_TRUE(run_until_both_lost());
}

TEST_F(Reading, ends_with_the_call_that_closes) {
  connect();
  client().transport().lose_connection();
  EXPECT_FALSE(client().transport().reading());
  server().transport().abort_connection();
  EXPECT_FALSE(server().transport().reading());
}

TEST_F(Reading, is_one_thing_and_being_connected_another) {
  client_side_.on_made = [](Party& party) { EXPECT_TRUE(party.transport().connected()); };
  server_side_.on_lost = [](Party& party, Error) { EXPECT_FALSE(party.transport().connected()); };
  connect();
  Transport& transport = client().transport();
  transport.pause_producing();
  transport.lose_write_connection();
  EXPECT_TRUE(transport.connected());
  transport.lose_connection();
  EXPECT_FALSE(transport.connected());
  EXPECT_TRUE(server().transport().connected()) << "it has not heard of that yet";
  server().transport().abort_connection();
  EXPECT_FALSE(server().transport().connected());
  ASSERT_TRUE(run_until_both_lost());
}

// The ring.

class Wrapping : public test::MemoryPair<contract::one_small, contract::smallest, narrow>,
                 public testing::WithParamInterface<bool> {};

TEST_P(Wrapping, bytes_built_in_the_ring_arrive_in_order_across_its_edge) {
  network_.behaviour.lends = GetParam();
  connect();
  server().transport().pause_producing();
  client().write("0123456789ab");
  settle();  // eight have left the ring, four wait behind them, four are free to the edge
  ASSERT_EQ(client().transport().unsent(), 4U);
  const auto build = [this](std::string_view text, std::size_t expected) {
    const MutableBytes space = client().transport().reserve();
    ASSERT_EQ(space.size(), expected);
    std::ranges::copy(bytes_of(text), space.begin());
    client().transport().commit(text.size());
  };
  build("cdef", 4);
  build("gh", 8);
  build("ijklmn", 6);
  EXPECT_TRUE(client().transport().reserve().empty());
  EXPECT_EQ(client().transport().room(), 0U);
  server().transport().resume_producing();
  ASSERT_TRUE(run_until([&] { return server_side_.received.size() == 24; }));
  EXPECT_EQ(server_side_.received, "0123456789abcdefghijklmn");
}

TEST_P(Wrapping, a_sequence_is_written_whole_or_not_at_all) {
  network_.behaviour.lends = GetParam();
  connect();
  server().transport().pause_producing();
  Transport& transport = client().transport();
  client().write("0123456789ab");
  settle();
  ASSERT_EQ(transport.room(), 12U);
  EXPECT_FALSE(transport.write_sequence({bytes_of("<"), bytes_of("0123456789"), bytes_of("> ")}));
  EXPECT_EQ(transport.unsent(), 4U);
  EXPECT_TRUE(transport.write_sequence({bytes_of("<"), bytes_of("cdefghijk"), bytes_of("> ")}));
  EXPECT_EQ(transport.room(), 0U);
  EXPECT_FALSE(transport.write_sequence({Bytes(), bytes_of("x")}));
  EXPECT_TRUE(transport.write_sequence({}));
  server().transport().resume_producing();
  ASSERT_TRUE(run_until([&] { return server_side_.received.size() == 24; }));
  EXPECT_EQ(server_side_.received, "0123456789ab<cdefghijk> ");
  transport.abort_connection();
  EXPECT_FALSE(transport.write_sequence({bytes_of("x")}));
  EXPECT_FALSE(transport.write_sequence({}));
}

TEST_P(Wrapping, writes_go_across_the_edge_of_the_ring) {
  network_.behaviour.lends = GetParam();
  connect();
  const std::string text = text_of_length(5000);
  std::size_t sent = 0;
  std::size_t length = 0;
  ASSERT_TRUE(run_until([&] {
    length = length % 13 + 1;
    sent += client().write(std::string_view(text).substr(sent, length));
    EXPECT_LE(client().transport().unsent(), 16U);
    return server_side_.received.size() == text.size();
  }));
  EXPECT_EQ(server_side_.received, text);
}

INSTANTIATE_TEST_SUITE_P(OnANetworkThat, Wrapping, testing::Bool(), [](const auto& lends) {
  return std::string(lends.param ? "lends" : "copies");
});

constexpr ConnectionSizes with_control{.connections = 1, .receive = 64, .send = 24, .control = 8};

class Control : public test::MemoryPair<contract::one_small, with_control, narrow> {};

TEST_F(Control, is_kept_from_every_ordinary_way_to_write) {
  connect();
  Transport& transport = client().transport();
  EXPECT_EQ(transport.room(), 16U);
  EXPECT_EQ(transport.reserve().size(), 16U);
  EXPECT_FALSE(transport.write_all(bytes_of(text_of_length(17))));
  EXPECT_TRUE(transport.write_all(bytes_of(text_of_length(15))));
  EXPECT_EQ(transport.room(), 1U);
  EXPECT_EQ(transport.reserve().size(), 1U);
  EXPECT_EQ(transport.write(bytes_of("xyz")), 1U);
  EXPECT_EQ(transport.room(), 0U);
  EXPECT_TRUE(transport.reserve().empty());
  EXPECT_FALSE(transport.write_all(bytes_of("x")));
  EXPECT_TRUE(transport.write_control(bytes_of("12345678")));
  EXPECT_FALSE(transport.write_control(bytes_of("9")));
  EXPECT_EQ(transport.unsent(), 24U);
  EXPECT_EQ(transport.room(), 0U);
}

TEST_F(Control, uses_ordinary_room_too_and_leaves_no_room_below_nothing) {
  connect();
  Transport& transport = client().transport();
  EXPECT_TRUE(transport.write_control(bytes_of(text_of_length(20))));
  EXPECT_EQ(transport.room(), 0U);
  EXPECT_EQ(transport.write(bytes_of("x")), 0U);
  EXPECT_FALSE(transport.write_control(bytes_of("12345"))) << "all or nothing";
  EXPECT_EQ(transport.unsent(), 20U);
  ASSERT_TRUE(run_until([&] { return server_side_.received.size() == 20; }));
}

TEST_F(Control, takes_nothing_after_the_end_of_our_side) {
  connect();
  client().transport().lose_write_connection();
  EXPECT_FALSE(client().transport().write_control(bytes_of("x")));
  EXPECT_FALSE(client().transport().write_all(bytes_of("")));
  EXPECT_EQ(client().transport().room(), 0U);
  EXPECT_TRUE(client().transport().reserve().empty());
  client().transport().commit(0);
}

// One turn.

class OneTurn : public test::MemoryPair<> {};

TEST_F(OneTurn, sends_the_writes_of_one_turn_together) {
  std::vector<std::string> offers;
  server_side_.on_data = [&](Party&, Bytes data) {
    offers.emplace_back(text_of(data));
    return data.size();
  };
  connect();
  for (const char* piece : {"one ", "two ", "three"}) client().write(piece);
  settle();
  EXPECT_EQ(offers, std::vector<std::string>{"one two three"});
}

TEST_F(OneTurn, answers_in_the_turn_in_which_the_question_arrived) {
  server_side_.on_data = [](Party& party, Bytes data) { return party.transport().write(data); };
  connect();
  client().write("question");
  reactor_.turn({});  // sends
  reactor_.turn({});  // arrives
  const auto sent = reactor_.statistics().bytes_sent;
  EXPECT_EQ(server_side_.received, "question");
  EXPECT_EQ(sent, 16U);
}

TEST_F(OneTurn, offers_one_protocol_no_more_than_the_budget_and_goes_on_in_the_next) {
  network_.behaviour.read_max = 4;
  reactor_.budget().bytes = 8;
  connect();
  server().transport().pause_producing();
  client().write(text_of_length(20));
  settle();
  server().transport().resume_producing();
  const auto sleeps = reactor_.statistics().sleeps;
  reactor_.turn(1h);
  EXPECT_EQ(server_side_.received.size(), 8U);
  reactor_.turn(1h);
  EXPECT_EQ(server_side_.received.size(), 16U);
  EXPECT_EQ(reactor_.statistics().sleeps, sleeps) << "there is more to do";
  reactor_.turn({});
  EXPECT_EQ(server_side_.received.size(), 20U);
}

TEST_F(OneTurn, serves_the_other_connections_of_a_busy_peer) {
  network_.behaviour.read_max = 4;
  reactor_.budget().bytes = 8;
  connect();
  Side quiet_side;
  test::PartyClient<contract::one_small> quiet{quiet_side};
  ASSERT_FALSE(reactor_.connect_tcp(server_.host(), quiet));
  ASSERT_TRUE(run_until([&] { return server_side_.open.size() == 2; }));
  std::size_t busy_bytes = 0;
  bool served = false;
  server_side_.on_data = [&](Party&, Bytes data) {
    if (text_of(data).front() == 'q') {
      served = true;
    } else {
      busy_bytes += data.size();
    }
    return data.size();
  };
  client().write(std::string(64, 'b'));
  quiet_side.party().write("q");
  ASSERT_TRUE(run_until([&] { return served; }));
  EXPECT_LE(busy_bytes, 8U);
  quiet_side.party().transport().abort_connection();
  EXPECT_TRUE(run_until([&] { return !quiet_side.connected(); }));
}

TEST_F(OneTurn, keeps_what_one_connection_left_while_another_is_read) {
  connect();
  Side other_side;
  test::PartyClient<contract::one_small> other{other_side};
  ASSERT_FALSE(reactor_.connect_tcp(server_.host(), other));
  ASSERT_TRUE(run_until([&] { return server_side_.open.size() == 2; }));
  server_side_.on_data = [&](Party& party, Bytes data) {
    if (text_of(data).starts_with("other")) return data.size();
    party.transport().pause_producing();
    return std::size_t{3};
  };
  client().write("one two");
  other_side.party().write("other, and longer than that");
  settle();
  server_side_.on_data = nullptr;
  server_side_.received.clear();
  for (Party* party : server_side_.open) party->transport().resume_producing();
  settle();
  EXPECT_EQ(server_side_.received, " two");
  other_side.party().transport().abort_connection();
  EXPECT_TRUE(run_until([&] { return !other_side.connected(); }));
}

TEST_F(OneTurn, counts_bytes_used_and_bytes_released) {
  connect();
  client().write("12345");
  server().write("123");
  settle();
  EXPECT_EQ(reactor_.statistics().bytes_sent, 8U);
  EXPECT_EQ(reactor_.statistics().bytes_received, 8U);
  EXPECT_EQ(reactor_.statistics().connections_opened, 2U);
  client().transport().lose_connection();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(reactor_.statistics().connections_lost, 2U);
  EXPECT_EQ(reactor_.statistics().connections_failed, 0U);
}

TEST_F(OneTurn, does_not_count_what_a_protocol_refused) {
  server_side_.on_data = [](Party&, Bytes data) { return std::min<std::size_t>(data.size(), 2); };
  connect();
  server_side_.on_data = [](Party&, Bytes) { return std::size_t{0}; };
  client().write("12345");
  settle();
  EXPECT_EQ(reactor_.statistics().bytes_received, 0U);
}

TEST_F(OneTurn, reads_to_its_end_what_came_before_a_reset) {
  network_.behaviour.read_max = 4;
  reactor_.budget().bytes = 4;
  network_.behaviour.latency = 1ms;
  connect();
  server().write("a farewell in many pieces");
  reactor_.turn({});
  server().transport().abort_connection();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(client_side_.received, "a farewell in many pieces");
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_lost});
}

// A pair of transports that are each other's producer would else hold both connections for ever.
TEST_F(OneTurn, tells_of_a_reset_when_its_reader_pauses_before_it_has_come_to_it) {
  network_.behaviour.lends = true;
  connect();
  reactor_.budget().bytes = 1;
  client_side_.on_data = [](Party& party, Bytes data) {
    if (data.size() == 30) party.transport().pause_producing();
    return std::size_t{10};
  };
  server().write(text_of_length(40));
  reactor_.turn({});
  server().transport().abort_connection();
  EXPECT_TRUE(run_until([this] { return client_side_.lost(); }));
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_lost});
}

TEST_F(OneTurn, forgets_what_was_not_sent_when_the_connection_is_lost) {
  std::size_t unsent = 1;
  client_side_.on_lost = [&](Party& party, Error) { unsent = party.transport().unsent(); };
  connect();
  client().write("never sent");
  client().transport().abort_connection();
  EXPECT_EQ(client().transport().unsent(), 0U);
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(unsent, 0U);
}

// What a port that lends sees of it: the ring keeps bytes until they have arrived.

class Lending : public test::MemoryPair<> {
 protected:
  Lending() { network_.behaviour = {.latency = 10ms, .lends = true}; }
};

TEST_F(Lending, the_ring_keeps_what_is_on_the_way) {
  connect();
  client().write("12345");
  reactor_.run_for(9ms);
  EXPECT_EQ(client().transport().unsent(), 5U);
  EXPECT_EQ(reactor_.statistics().bytes_sent, 0U);
  reactor_.run_for(2ms);
  EXPECT_EQ(client().transport().unsent(), 0U);
}

TEST_F(Lending, the_connection_closes_when_what_was_sent_has_arrived) {
  connect();
  const Instant start = reactor_.now();
  Instant lost{};
  client_side_.on_lost = [&](Party&, Error) { lost = reactor_.now(); };
  client().write("12345");
  client().transport().lose_connection();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(lost - start, 10ms);
  EXPECT_EQ(server_side_.received, "12345");
}

// Handles.

class Handles : public testing::Test {
 protected:
  struct OneKind final : Factory {
    explicit OneKind(Side& side) : side_(side) {}
    Protocol* build_protocol(const Address&) override { return slots_.emplace(side_); }
    void protocol_done(Protocol& protocol) override {
      slots_.release(static_cast<Party&>(protocol));
    }
    bool has_room() const override { return slots_.has_room(); }
    Side& side_;
    Pool<Party, 1> slots_;
  };

  Party& connect() {
    EXPECT_FALSE(reactor_.connect_tcp(port_.host(), client_));
    EXPECT_TRUE(reactor_.run_until(
        [this] { return server_side_.connected() && client_side_.connected(); }));
    return server_side_.party();
  }
  void disconnect() {
    client_side_.party().transport().abort_connection();
    EXPECT_TRUE(reactor_.run_until(
        [this] { return !server_side_.connected() && !client_side_.connected(); }));
  }

  MemoryNetwork<memory::NetworkSizes{.links = 4, .window = 64}> network_;
  MemoryReactor<> reactor_{network_};
  Side server_side_;
  Side client_side_;
  OneKind factory_{server_side_};
  Connections<ConnectionSizes{.connections = 1, .receive = 64, .send = 64}> pool_;
  ListeningPort port_{factory_, pool_};
  test::PartyClient<contract::one_small> client_{client_side_};
};

TEST_F(Handles, find_their_connection_for_as_long_as_it_lives_and_no_other) {
  ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), port_));
  Handle inside{};
  Transport* found_inside = nullptr;
  server_side_.on_lost = [&](Party& party, Error) {
    inside = pool_.handle(party.transport());
    found_inside = pool_.find(inside);
  };
  Transport& first = connect().transport();
  const Handle handle = pool_.handle(first);
  EXPECT_EQ(pool_.find(handle), &first);
  EXPECT_EQ(pool_.find(Handle{}), nullptr) << "the default one names nothing";
  disconnect();
  EXPECT_EQ(inside, handle);
  EXPECT_EQ(found_inside, &first) << "until connection_lost has returned";
  EXPECT_EQ(pool_.find(handle), nullptr);
  server_side_.improvise();
  Transport& second = connect().transport();
  ASSERT_EQ(&second, &first) << "the slot is used again";
  EXPECT_EQ(pool_.find(handle), nullptr);
  EXPECT_EQ(pool_.find(pool_.handle(second)), &second);
  disconnect();
}

TEST_F(Handles, find_nothing_beyond_the_pool) {
  EXPECT_EQ(pool_.find(Handle{.index = 1, .generation = 1}), nullptr);
  EXPECT_EQ(pool_.find(Handle{.index = 0xffff'ffff, .generation = 1}), nullptr);
}

}  // namespace
}  // namespace bobbin
