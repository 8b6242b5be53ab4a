// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/listening_port.hpp>

#include <chrono>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "listening.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using memory::PortCall;
using test::Listening;
using test::Losses;
using test::Party;
using test::PartyClient;
using test::PartyFactory;
using test::Port;
using test::Side;
using test::two;

TEST_F(Listening, ports_that_share_a_pool_are_served_in_the_order_in_which_they_found_it_empty) {
  Connections<two> pool;
  Side full_side;
  Side first_side;
  Side second_side;
  PartyFactory full_factory{full_side};
  PartyFactory first_factory{first_side};
  PartyFactory second_factory{second_side};
  ListeningPort full{full_factory, pool};
  ListeningPort first{first_factory, pool};
  ListeningPort second{second_factory, pool};
  for (ListeningPort* port : {&full, &first, &second}) {
    ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), *port));
  }
  const std::size_t a = connect(full);
  const std::size_t b = connect(full);
  settle();
  connect(second);
  settle();
  connect(first);
  settle();
  EXPECT_EQ(pool.use().in_use, 2U);
  EXPECT_GE(pool.use().refused, 2U) << "counted each time a port found it empty";
  disconnect(a);
  settle();
  EXPECT_TRUE(second_side.connected());
  EXPECT_FALSE(first_side.connected());
  disconnect(b);
  settle();
  EXPECT_TRUE(first_side.connected());
}

TEST_F(Listening, a_port_that_stops_waits_for_no_connection_any_more) {
  Connections<two> pool;
  Side side;
  Side other_side;
  PartyFactory factory{side};
  PartyFactory other_factory{other_side};
  ListeningPort port{factory, pool};
  ListeningPort other{other_factory, pool};
  ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), port));
  ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), other));
  const std::size_t a = connect(port);
  connect(port);
  settle();
  const std::size_t waits = connect(other);
  const std::size_t waits_too = connect(port);
  settle();
  other.stop_listening();
  settle();
  EXPECT_EQ(client_sides_[waits].losses, Losses{Errc::connection_lost}) << "reset in the backlog";
  disconnect(a);
  settle();
  EXPECT_EQ(other_side.trace.size(), 0U);
  EXPECT_EQ(side.open.size(), 2U);
  EXPECT_TRUE(client_sides_[waits_too].connected());
}

TEST_F(Listening, a_port_that_is_destroyed_ends_its_own_connections_and_no_other_of_the_pool) {
  Connections<two> pool;
  Side side;
  Side other_side;
  PartyFactory factory{side};
  PartyFactory other_factory{other_side};
  ListeningPort port{factory, pool};
  std::optional<Port> other{std::in_place, other_factory, pool};
  ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), port));
  ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), *other));
  connect(port);
  connect(*other);
  settle();
  other.reset();
  EXPECT_EQ(other_side.losses, Losses{Errc::connection_aborted});
  EXPECT_TRUE(side.connected());
  EXPECT_EQ(pool.use().in_use, 1U);
}

TEST_F(Listening, a_port_may_be_stopped_with_somebody_at_the_door) {
  network_.behaviour.latency = 1ms;
  Connections<two> pool;
  Side side;
  PartyFactory factory{side};
  ListeningPort port{factory, pool};
  ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), port));
  connect(port);
  ASSERT_TRUE(network_.call_later(2ms, [&port] { port.stop_listening(); }));
  reactor_.run_for(5ms);
  EXPECT_TRUE(side.trace.empty());
  EXPECT_FALSE(client_sides_.front().connected());
}

// Passing trouble with accepting.

class AcceptTrouble : public Listening {
 protected:
  AcceptTrouble() {
    EXPECT_FALSE(reactor_.listen_tcp(Address::loopback(0), *port_));
    network_.fail.fail(PortCall::accept, 1);
  }
  ~AcceptTrouble() override { port_.reset(); }

  Side side_;
  PartyFactory factory_{side_};
  Connections<two> pool_;
  std::optional<Port> port_{std::in_place, factory_, pool_};
};

TEST_F(AcceptTrouble, is_counted_and_accepting_is_tried_again_after_a_tenth_of_a_second) {
  Instant made{};
  side_.on_made = [&](Party&) { made = reactor_.now(); };
  connect(*port_);
  reactor_.run_for(99ms);
  EXPECT_EQ(reactor_.statistics().accept_errors, 1U);
  EXPECT_FALSE(side_.connected());
  EXPECT_EQ(pool_.use().in_use, 0U) << "nothing is held meanwhile";
  EXPECT_EQ(pool_.use().high_water, 0U);
  reactor_.run_for(2ms);
  EXPECT_TRUE(side_.connected());
  EXPECT_EQ(made, Instant(100ms));
  EXPECT_EQ(reactor_.statistics().accept_errors, 1U);
}

TEST_F(AcceptTrouble, is_over_earlier_when_another_connection_comes_in) {
  connect(*port_);
  reactor_.run_for(10ms);
  connect(*port_);
  reactor_.run_for(10ms);
  EXPECT_EQ(side_.open.size(), 2U);
}

TEST_F(AcceptTrouble, that_happens_again_takes_one_timer_only_and_goes_with_the_port) {
  connect(*port_);
  reactor_.run_for(10ms);
  EXPECT_EQ(reactor_.timer_use().in_use, 1U);
  for (std::uint32_t times = 2; times < 8; ++times) {
    network_.fail.fail(PortCall::accept, 1);
    connect(*port_);
    reactor_.run_for(5ms);
    EXPECT_EQ(reactor_.statistics().accept_errors, times);
    EXPECT_EQ(reactor_.timer_use().in_use, 1U);
  }
  port_.reset();
  EXPECT_EQ(reactor_.timer_use().in_use, 0U);
  reactor_.run_for(1s);
}

TEST_F(AcceptTrouble, without_a_timer_is_over_when_another_connection_has_ended) {
  network_.fail = {};
  const std::size_t first = connect(*port_);
  settle();
  std::vector<DelayedCall> calls;
  while (const Result<DelayedCall> call = reactor_.call_later(1h, [] {})) calls.push_back(*call);
  network_.fail.fail(PortCall::accept, 1);
  calls.back().cancel();  // for the connector, which needs one until it is connected
  Result<DelayedCall> last = Errc::no_capacity;
  client_sides_.emplace_back();
  clients_.emplace_back(client_sides_.back());
  network_.behaviour.latency = 1ms;
  ASSERT_FALSE(reactor_.connect_tcp(port_->host(), clients_.back()));
  client_sides_.back().on_made = [&](Party&) { last = reactor_.call_later(1h, [] {}); };
  reactor_.run_for(500ms);
  EXPECT_EQ(reactor_.statistics().accept_errors, 1U);
  disconnect(first);
  reactor_.run_for(5ms);
  EXPECT_EQ(side_.open.size(), 1U);
  for (DelayedCall& call : calls) call.cancel();
  if (last) DelayedCall(*last).cancel();
}

// A simulated session hung like that: nobody else came, and no connection was there to end.
TEST_F(AcceptTrouble, without_a_timer_is_over_when_one_comes_free) {
  network_.behaviour.latency = 1ms;
  connect(*port_);
  std::vector<DelayedCall> calls;
  while (const Result<DelayedCall> call = reactor_.call_later(1h, [] {})) calls.push_back(*call);
  client_sides_.back().on_made = [&](Party&) { calls.push_back(*reactor_.call_later(1h, [] {})); };
  reactor_.run_for(500ms);
  EXPECT_EQ(reactor_.statistics().accept_errors, 1U);
  const std::uint32_t turns = reactor_.statistics().turns;
  reactor_.run_for(1min);
  EXPECT_EQ(reactor_.statistics().turns, turns + 1) << "it does not ask all the time";
  EXPECT_EQ(side_.open.size(), 0U);
  calls.back().cancel();
  EXPECT_EQ(reactor_.next_deadline(), reactor_.now()) << "a loop of somebody else's is told";
  reactor_.run_for(5ms);
  EXPECT_EQ(side_.open.size(), 1U);
  for (DelayedCall& call : calls) call.cancel();
}

TEST_F(AcceptTrouble, without_a_timer_is_over_when_another_connection_comes_in) {
  std::vector<DelayedCall> calls;
  for (const Duration latency : {1ms, 20ms}) {
    network_.behaviour.latency = latency;
    connect(*port_);
    client_sides_.back().on_made = [&](Party&) {
      calls.push_back(*reactor_.call_later(1h, [] {}));
    };
  }
  while (const Result<DelayedCall> call = reactor_.call_later(1h, [] {})) calls.push_back(*call);
  reactor_.run_for(39ms);
  EXPECT_EQ(side_.open.size(), 0U);
  reactor_.run_for(2ms);
  EXPECT_EQ(side_.open.size(), 2U);
  EXPECT_EQ(reactor_.timer_use().in_use, reactor_.timer_use().capacity);
  for (DelayedCall& call : calls) call.cancel();
}

TEST_F(AcceptTrouble, of_one_connection_that_went_away_does_not_keep_the_others_waiting) {
  network_.fail = {};
  const std::size_t gone = connect(*port_);
  connect(*port_);
  clients_[gone].stop_connecting();
  settle();
  EXPECT_EQ(side_.open.size(), 1U);
}

// Many at once.

constexpr ConnectionSizes many{.connections = 32, .receive = 16, .send = 16};

TEST_F(Listening, accepts_a_part_of_a_flood_in_each_turn) {
  Connections<many> pool;
  Side side;
  PartyFactory factory{side};
  ListeningPort port{factory, pool};
  ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), port));
  std::vector<std::size_t> accepted;
  for (int i = 0; i < 20; ++i) connect(port);
  reactor_.turn(1h);
  accepted.push_back(side.open.size());
  const auto sleeps = reactor_.statistics().sleeps;
  reactor_.turn(1h);
  accepted.push_back(side.open.size());
  EXPECT_EQ(accepted, (std::vector<std::size_t>{16, 20}));
  EXPECT_EQ(reactor_.statistics().sleeps, sleeps);
}

TEST_F(Listening, asks_a_factory_whether_it_has_room_before_it_accepts) {
  Connections<many> pool;
  Side side;
  PartyFactory factory{side, 1};
  ListeningPort port{factory, pool};
  ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), port));
  const std::size_t first = connect(port);
  connect(port);
  settle();
  EXPECT_EQ(side.open.size(), 1U);
  EXPECT_EQ(pool.use().in_use, 1U);
  EXPECT_EQ(pool.use().refused, 0U) << "the pool had room";
  disconnect(first);
  settle();
  EXPECT_EQ(side.open.size(), 1U);
  EXPECT_EQ(factory.slots.use().high_water, 1U);
}

TEST_F(Listening, goes_on_accepting_after_a_factory_refused) {
  Connections<two> pool;
  Side side;
  PartyFactory factory{side};
  int builds = 0;
  factory.on_build = [&] { factory.refuses = ++builds <= 3; };
  ListeningPort port{factory, pool};
  ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), port));
  for (int i = 0; i < 4; ++i) connect(port);
  settle();
  EXPECT_EQ(builds, 4);
  EXPECT_EQ(side.open.size(), 1U);
  EXPECT_EQ(pool.use().in_use, 1U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(client_sides_[i].losses, Losses{Errc::connection_lost});
  }
}

TEST_F(Listening, may_be_stopped_while_a_protocol_is_built_and_while_it_is_made) {
  for (const bool while_built : {true, false}) {
    Connections<two> pool;
    Side side;
    PartyFactory factory{side};
    ListeningPort port{factory, pool};
    if (while_built) {
      factory.on_build = [&port] { port.stop_listening(); };
    } else {
      side.on_made = [&port](Party&) { port.stop_listening(); };
    }
    ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), port));
    const std::size_t first = connect(port);
    const std::size_t second = connect(port);
    settle();
    EXPECT_FALSE(port.listening());
    EXPECT_EQ(port.host(), Address());
    EXPECT_EQ(side.open.size(), 1U) << "the connection itself goes on";
    EXPECT_TRUE(client_sides_[first].connected());
    EXPECT_EQ(client_sides_[second].losses, Losses{Errc::connection_lost});
  }
}

TEST_F(Listening, may_listen_again_from_inside_connection_lost) {
  Connections<two> pool;
  Side side;
  PartyFactory factory{side};
  ListeningPort port{factory, pool};
  ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), port));
  const std::uint16_t before = port.host().port();
  side.on_lost = [&](Party&, Error) {
    port.stop_listening();
    EXPECT_FALSE(reactor_.listen_tcp(Address::loopback(0), port));
  };
  const std::size_t first = connect(port);
  settle();
  disconnect(first);
  settle();
  EXPECT_NE(port.host().port(), before);
  connect(port);
  settle();
  EXPECT_EQ(side.open.size(), 1U);
  side.improvise();
}

TEST_F(Listening, cannot_be_told_to_by_two_reactors) {
  MemoryNetwork<memory::NetworkSizes{.links = 1, .window = 64}> other_network;
  MemoryReactor<> other(other_network);
  Connections<two> pool;
  Side side;
  PartyFactory factory{side};
  ListeningPort port{factory, pool};
  ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), port));
  port.stop_listening();
  EXPECT_EQ(other.listen_tcp(Address::loopback(0), port), Errc::already_registered);
  EXPECT_FALSE(port.listening());
}

TEST_F(Listening, cannot_share_a_port_where_there_are_no_threads) {
  Connections<two> pool;
  Side side;
  PartyFactory factory{side};
  ListeningPort port{factory, pool};
  EXPECT_EQ(reactor_.listen_tcp(Address::loopback(0), port, {.share_port = true}),
            Errc::not_supported);
  EXPECT_FALSE(port.listening());
}

TEST_F(Listening, that_cannot_begin_leaves_a_port_that_may_try_again) {
  Connections<two> pool;
  Side side;
  PartyFactory factory{side};
  ListeningPort port{factory, pool};
  network_.fail.fail(PortCall::listen, 1);
  EXPECT_EQ(reactor_.listen_tcp(Address::loopback(0), port), Errc::no_capacity);
  EXPECT_FALSE(port.listening());
  EXPECT_EQ(port.host(), Address());
  port.stop_listening();
  EXPECT_FALSE(reactor_.listen_tcp(Address::loopback(0), port));
}

TEST_F(Listening, keeps_no_more_waiting_than_the_backlog_and_serves_the_rest_later) {
  Connections<two> pool;
  Side side;
  PartyFactory factory{side, 0};
  ListeningPort port{factory, pool};
  ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), port, {.backlog = 1}));
  connect(port);
  connect(port);
  reactor_.run_for(5s);
  EXPECT_TRUE(client_sides_[0].connected()) << "the system answers for us";
  EXPECT_FALSE(client_sides_[1].connected());
  factory.capacity = 2;
  // Nobody tells the port that its factory has room now, but the next connection.
  port.stop_listening();
  settle();
  EXPECT_EQ(client_sides_[0].losses, Losses{Errc::connection_lost});
  reactor_.run_for(2s);
  EXPECT_EQ(client_sides_[1].failures, Losses{Errc::connection_refused});
}

// Memory of the caller's.

TEST(ConnectionRegion, is_a_pool_whose_sizes_are_known_at_run_time) {
  for (const std::size_t connections : {1, 3}) {
    const ConnectionSizes sizes{.connections = connections, .receive = 17, .send = 19};
    std::vector<std::uint64_t> words(ConnectionRegion::bytes_needed(sizes) / 8 + 1);
    const MutableBytes all = std::as_writable_bytes(std::span(words));
    const MutableBytes region = all.first(ConnectionRegion::bytes_needed(sizes));
    for (std::byte& byte : all) byte = std::byte{0xa5};
    MemoryNetwork<memory::NetworkSizes{.links = 8, .window = 64}> network;
    MemoryReactor<> reactor(network);
    ConnectionRegion pool(region, sizes);
    EXPECT_EQ(pool.use().capacity, connections);
    EXPECT_EQ(pool.limits().receive, 17U);
    EXPECT_EQ(pool.limits().send, 19U);
    Side side;
    side.on_data = [](Party& party, Bytes data) { return party.transport().write(data); };
    PartyFactory factory{side};
    std::deque<Side> client_sides(4);
    std::deque<PartyClient<contract::one_small>> clients;
    ListeningPort port{factory, pool};
    ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), port));
    const std::string text = "a text that is longer than either of the buffers";
    for (Side& client_side : client_sides) {
      client_side.on_made = [&text](Party& party) { party.write(text); };
      clients.emplace_back(client_side);
      ASSERT_FALSE(reactor.connect_tcp(port.host(), clients.back()));
    }
    EXPECT_TRUE(reactor.run_until([&] {
      std::size_t served = 0;
      for (Side& client_side : client_sides) {
        if (client_side.received != text) continue;
        ++served;
        if (client_side.connected()) client_side.party().transport().lose_connection();
      }
      return served == client_sides.size();
    }));
    EXPECT_EQ(pool.use().high_water, connections);
    for (const std::byte byte : all.subspan(region.size())) EXPECT_EQ(byte, std::byte{0xa5});
  }
}

// TcpServer.

struct Counter {
  int made = 0;
  int alive = 0;
};

struct Counting final : Protocol {
  explicit Counting(Counter& counter) : counter_(counter) { ++counter_.alive; }
  ~Counting() { --counter_.alive; }
  void connection_made() override { ++counter_.made; }
  Counter& counter_;
};

TEST_F(Listening, a_server_builds_each_protocol_from_what_they_share_and_destroys_it) {
  Counter counter;
  {
    TcpServer<Counting, two, Counter> server(counter);
    ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), server));
    const std::size_t first = connect(server);
    connect(server);
    settle();
    EXPECT_EQ(counter.made, 2);
    EXPECT_EQ(counter.alive, 2);
    disconnect(first);
    settle();
    EXPECT_EQ(counter.alive, 1);
    connect(server);
    settle();
    EXPECT_EQ(counter.made, 3);
    EXPECT_EQ(counter.alive, 2);
  }
  EXPECT_EQ(counter.alive, 0);
}

}  // namespace
}  // namespace bobbin
