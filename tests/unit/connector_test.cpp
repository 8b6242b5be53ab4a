// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/connector.hpp>

#include <chrono>
#include <vector>

#include <gtest/gtest.h>

#include "memory_party.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using memory::PortCall;
using test::Losses;
using test::Party;
using test::Side;
using State = Connector::State;

class AConnector : public test::MemoryPair<> {
 protected:
  static Address silent() { return Address::ip4({192, 0, 2, 1}, 80); }
  static Address unreachable() { return Address::ip4({198, 51, 100, 1}, 80); }

  // When the attempt to connect to `address` failed, counted from now, and why.
  struct Failure {
    Duration after{};
    Errc reason = Errc::ok;
  };
  Failure failure_at(const Address& address, const ConnectOptions& options = {}) {
    const Instant start = network_.now();
    client_side_.failures.clear();
    EXPECT_FALSE(reactor_.connect_tcp(address, client_, options));
    EXPECT_TRUE(client_side_.failures.empty()) << "never from inside connect_tcp";
    EXPECT_EQ(client_.state(), State::connecting);
    EXPECT_EQ(client_.destination(), address);
    EXPECT_EQ(reactor_.timer_use().in_use, 1U);
    EXPECT_TRUE(run_until([this] { return !client_side_.failures.empty(); }));
    EXPECT_EQ(client_.state(), State::disconnected);
    EXPECT_EQ(reactor_.timer_use().in_use, 0U);
    EXPECT_EQ(client_.connections().use().in_use, 0U);
    EXPECT_EQ(client_side_.failures.size(), 1U);
    return {.after = network_.now() - start, .reason = client_side_.failures.front()};
  }

  void expect_nothing_begun() {
    EXPECT_EQ(client_.state(), State::disconnected);
    EXPECT_EQ(client_.connections().use().in_use, 0U);
    EXPECT_EQ(reactor_.timer_use().in_use, 0U);
    settle();
    EXPECT_TRUE(client_side_.failures.empty());
    EXPECT_TRUE(client_side_.trace.empty());
  }
};

TEST_F(AConnector, gives_up_after_thirty_seconds_unless_it_is_told_otherwise) {
  Failure failure = failure_at(silent());
  EXPECT_EQ(failure.reason, Errc::timed_out);
  EXPECT_EQ(failure.after, 30s);
  failure = failure_at(silent(), {.timeout = 1500ms});
  EXPECT_EQ(failure.reason, Errc::timed_out);
  EXPECT_EQ(failure.after, 1500ms);
}

TEST_F(AConnector, hears_of_a_refusal_after_one_round_trip) {
  network_.behaviour.latency = 20ms;
  const Failure failure = failure_at(Address::loopback(1));
  EXPECT_EQ(failure.reason, Errc::connection_refused);
  EXPECT_EQ(failure.after, 40ms);
  EXPECT_EQ(reactor_.statistics().connections_failed, 1U);
  EXPECT_EQ(reactor_.statistics().connections_opened, 0U);
}

TEST_F(AConnector, hears_that_a_destination_cannot_be_reached) {
  EXPECT_EQ(failure_at(unreachable()).reason, Errc::unreachable);
}

TEST_F(AConnector, gives_its_timer_back_when_it_is_connected) {
  connect();
  EXPECT_EQ(client_.state(), State::connected);
  EXPECT_EQ(reactor_.timer_use().in_use, 0U);
  reactor_.run_for(1min);
  EXPECT_TRUE(client_side_.connected());
}

TEST_F(AConnector, begins_nothing_without_a_positive_time_to_wait) {
  for (const Duration timeout : {Duration(0), Duration(-1)}) {
    EXPECT_EQ(reactor_.connect_tcp(silent(), client_, {.timeout = timeout}),
              Errc::invalid_argument);
  }
  expect_nothing_begun();
}

TEST_F(AConnector, begins_nothing_when_the_port_has_no_room) {
  network_.fail.fail(PortCall::connect, 1);
  EXPECT_EQ(reactor_.connect_tcp(silent(), client_), Errc::no_capacity);
  EXPECT_EQ(client_.connections().use().high_water, 0U);
  expect_nothing_begun();
  EXPECT_FALSE(reactor_.connect_tcp(silent(), client_)) << "but may try again";
}

TEST_F(AConnector, begins_nothing_without_a_timer) {
  std::vector<DelayedCall> calls;
  while (const Result<DelayedCall> call = reactor_.call_later(1h, [] {})) calls.push_back(*call);
  EXPECT_EQ(reactor_.connect_tcp(silent(), client_), Errc::no_capacity);
  for (DelayedCall& call : calls) call.cancel();
  expect_nothing_begun();
}

TEST_F(AConnector, begins_nothing_on_a_second_reactor_or_one_that_has_stopped) {
  MemoryNetwork<memory::NetworkSizes{.links = 1, .window = 64}> other_network;
  MemoryReactor<> other(other_network);
  connect();
  client().transport().abort_connection();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(other.connect_tcp(silent(), client_), Errc::already_registered);
  ASSERT_FALSE(reactor_.stop());
  reactor_.turn({});
  EXPECT_EQ(reactor_.connect_tcp(silent(), client_), Errc::not_running);
  EXPECT_FALSE(other.connect_tcp(silent(), client_)) << "the first has let it go";
  client_.stop_connecting();
  EXPECT_TRUE(other.run_until([this] { return !client_side_.failures.empty(); }));
}

TEST_F(AConnector, ends_what_there_is_when_it_is_disconnected) {
  client_.disconnect();
  client_.stop_connecting();
  EXPECT_TRUE(client_side_.failures.empty()) << "there was nothing";
  ASSERT_FALSE(reactor_.connect_tcp(silent(), client_));
  client_.disconnect();
  EXPECT_TRUE(client_side_.failures.empty()) << "never from inside the call";
  client_.disconnect();
  settle();
  EXPECT_EQ(client_side_.failures, Losses{Errc::cancelled});
  connect();
  client().write("flushed");
  client_.stop_connecting();
  EXPECT_EQ(client_.state(), State::connected) << "nothing to give up";
  client_.disconnect();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_done});
  EXPECT_EQ(server_side_.received, "flushed");
}

TEST_F(AConnector, may_be_given_up_in_the_turn_in_which_it_would_have_been_connected) {
  network_.behaviour.latency = 10ms;
  listen();
  ASSERT_FALSE(reactor_.connect_tcp(server_.host(), client_));
  ASSERT_TRUE(network_.call_later(20ms, [this] { client_.stop_connecting(); }));
  ASSERT_TRUE(run_until([this] { return !client_side_.failures.empty(); }));
  EXPECT_EQ(client_side_.failures, Losses{Errc::cancelled});
  EXPECT_TRUE(client_side_.trace.empty());
  EXPECT_TRUE(run_until([this] { return server_side_.lost(); }));
}

TEST_F(AConnector, ends_an_attempt_when_it_is_destroyed_and_calls_nobody) {
  Side side;
  {
    test::PartyClient<contract::one_small> client{side};
    ASSERT_FALSE(reactor_.connect_tcp(silent(), client));
    side.failures.clear();
  }
  EXPECT_EQ(reactor_.timer_use().in_use, 0U);
  EXPECT_TRUE(side.trace.empty());
  EXPECT_EQ(network_.links_in_use().in_use, 0U);
}

TEST_F(AConnector, cannot_connect_again_while_it_is_destroyed) {
  listen();
  Side side;
  Errc error = Errc::ok;
  {
    test::PartyClient<contract::one_small> client{side};
    ASSERT_FALSE(reactor_.connect_tcp(server_.host(), client));
    ASSERT_TRUE(run_until([&] { return side.connected(); }));
    client.on_lost = [&] { error = reactor_.connect_tcp(server_.host(), client).code; };
  }
  EXPECT_EQ(error, Errc::not_running);
  EXPECT_EQ(side.losses, Losses{Errc::connection_aborted});
  EXPECT_TRUE(run_until([this] { return server_side_.lost(); }));
}

// A factory of one's own.

struct Picky final : ClientFactory {
  Protocol* build_protocol(const Address&) override { return nullptr; }
  bool has_room() const override { return room; }
  void client_connection_failed(Error reason) override { failures.push_back(reason.code); }
  void client_connection_lost(Error) override { ADD_FAILURE() << "there was none"; }

  bool room = true;
  Losses failures;
};

TEST_F(AConnector, fails_when_its_factory_builds_no_protocol) {
  listen();
  Picky factory;
  Connections<contract::one_small> pool;
  Connector connector(factory, pool);
  ASSERT_FALSE(reactor_.connect_tcp(server_.host(), connector));
  ASSERT_TRUE(run_until([&] { return !factory.failures.empty(); }));
  EXPECT_EQ(factory.failures, Losses{Errc::connection_aborted});
  EXPECT_EQ(pool.use().in_use, 0U);
  EXPECT_EQ(reactor_.timer_use().in_use, 0U);
  EXPECT_TRUE(run_until([this] { return server_side_.lost(); }));
  EXPECT_EQ(server_side_.losses, Losses{Errc::connection_lost});
}

TEST_F(AConnector, begins_nothing_when_its_factory_or_its_pool_has_no_room) {
  Picky factory;
  Picky second_factory;
  Connections<contract::one_small> pool;
  Connector connector(factory, pool);
  Connector second(second_factory, pool);
  factory.room = false;
  EXPECT_EQ(reactor_.connect_tcp(silent(), connector), Errc::no_capacity);
  factory.room = true;
  ASSERT_FALSE(reactor_.connect_tcp(silent(), connector));
  EXPECT_EQ(reactor_.connect_tcp(silent(), second), Errc::no_capacity) << "one pool, one place";
  connector.stop_connecting();
  settle();
  EXPECT_EQ(factory.failures, Losses{Errc::cancelled});
  EXPECT_FALSE(reactor_.connect_tcp(silent(), second));
}

}  // namespace
}  // namespace bobbin
