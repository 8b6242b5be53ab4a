// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>

#include <gtest/gtest.h>

#include "reactor_fixture.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using test::Losses;
using test::Side;
using test::Trace;
using test::Watched;

// From inside everything.

struct Stopping : test::MemoryPair<> {
  void stop() {
    ++stops_;
    (void)reactor_.stop();
  }

  // Runs until `stop` was called; then everything has been ended, once.
  void expect_an_end() {
    ASSERT_FALSE(reactor_.run());
    EXPECT_GE(stops_, 1);
    EXPECT_TRUE(server_side_.open.empty());
    EXPECT_TRUE(client_side_.open.empty());
    EXPECT_FALSE(server_.listening());
    EXPECT_EQ(client_.state(), Connector::State::disconnected);
    const Statistics& statistics = reactor_.statistics();
    EXPECT_EQ(statistics.connections_opened, statistics.connections_lost);
    EXPECT_EQ(reactor_.run(), Errc::not_restartable);
  }

  void have_a_connection() {
    connect();
    server_side_.on_data = [](test::Party& party, Bytes data) {
      return party.transport().write(data);
    };
    client().write("something on the way");
  }

  int stops_ = 0;
};

TEST_F(Stopping, from_a_posted_call) {
  have_a_connection();
  ASSERT_TRUE(reactor_.call_from_thread([this] { stop(); }));
  expect_an_end();
  EXPECT_EQ(server_side_.losses, Losses{Errc::connection_aborted});
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_aborted});
}

TEST_F(Stopping, from_a_timer) {
  have_a_connection();
  ASSERT_TRUE(reactor_.call_later(1ms, [this] { stop(); }));
  expect_an_end();
}

TEST_F(Stopping, from_a_read_and_from_a_write) {
  have_a_connection();
  Watched item;
  item.on_read = [this, &item] { reactor_.mark_writable(item); };
  item.on_write = [this] { stop(); };
  reactor_.mark_readable(item);
  expect_an_end();
}

TEST_F(Stopping, from_the_start) {
  ASSERT_FALSE(
      reactor_.add_system_event_trigger(SystemEvent::startup, Phase::before, [this] { stop(); }));
  listen();
  expect_an_end();
}

TEST_F(Stopping, from_the_wait) {
  have_a_connection();
  ASSERT_TRUE(network_.call_later(1s, [this] { stop(); }));
  expect_an_end();
}

TEST_F(Stopping, from_the_observer_of_errors) {
  have_a_connection();
  reactor_.on_error([this](Error, CallSource) { stop(); });
  ASSERT_TRUE(reactor_.call_later(1ms, [] { return Errc::timed_out; }));
  expect_an_end();
}

TEST_F(Stopping, from_connection_made_of_the_server) {
  server_side_.on_made = [this](test::Party&) { stop(); };
  listen();
  ASSERT_FALSE(reactor_.connect_tcp(server_.host(), client_));
  expect_an_end();
}

TEST_F(Stopping, from_connection_made_of_the_client) {
  client_side_.on_made = [this](test::Party&) { stop(); };
  listen();
  ASSERT_FALSE(reactor_.connect_tcp(server_.host(), client_));
  expect_an_end();
}

TEST_F(Stopping, from_data_received) {
  have_a_connection();
  client_side_.on_data = [this](test::Party&, Bytes data) {
    stop();
    return data.size();
  };
  expect_an_end();
}

TEST_F(Stopping, from_read_connection_lost) {
  have_a_connection();
  server_side_.on_end = [this](test::Party&) { stop(); };
  client().transport().lose_write_connection();
  expect_an_end();
}

TEST_F(Stopping, from_connection_lost) {
  have_a_connection();
  server_side_.on_lost = [this](test::Party&, Error) { stop(); };
  client().transport().lose_connection();
  expect_an_end();
}

TEST_F(Stopping, from_the_failure_to_connect) {
  listen();
  client_.on_failed = [this] { stop(); };
  ASSERT_FALSE(reactor_.connect_tcp(Address::loopback(9), client_));
  expect_an_end();
  EXPECT_EQ(client_side_.failures, Losses{Errc::connection_refused});
}

TEST_F(Stopping, ends_an_attempt_to_connect_with_a_failure) {
  ASSERT_FALSE(reactor_.connect_tcp(Address::ip4({192, 0, 2, 1}, 9), client_));
  ASSERT_TRUE(reactor_.call_later(1s, [this] { stop(); }));
  expect_an_end();
  EXPECT_EQ(client_side_.failures, Losses{Errc::connection_aborted});
}

TEST_F(Stopping, ends_connections_between_the_first_two_phases_of_the_shutdown) {
  have_a_connection();
  Trace trace;
  const auto trigger = [this, &trace](Phase phase, const char* name) {
    EXPECT_FALSE(reactor_.add_system_event_trigger(SystemEvent::shutdown, phase,
                                                   [&trace, name] { trace.emplace_back(name); }));
  };
  trigger(Phase::before, "before");
  trigger(Phase::during, "during");
  trigger(Phase::after, "after");
  server_side_.on_lost = [&trace](test::Party&, Error) { trace.emplace_back("lost"); };
  client_side_.on_lost = server_side_.on_lost;
  ASSERT_TRUE(reactor_.call_later(0s, [this] { stop(); }));
  expect_an_end();
  EXPECT_EQ(trace, (Trace{"before", "lost", "lost", "during", "after"}));
}

TEST_F(Stopping, is_not_held_up_by_a_client_that_connects_again) {
  have_a_connection();
  const Address address = server_.host();
  Errc error = Errc::ok;
  client_.on_lost = [this, &error, address] {
    error = reactor_.connect_tcp(address, client_).code;
  };
  ASSERT_TRUE(reactor_.call_later(0s, [this] { stop(); }));
  expect_an_end();
  EXPECT_EQ(error, Errc::not_running);
  EXPECT_EQ(client_.connections().use().in_use, 0U);
  EXPECT_EQ(network_.links_in_use().in_use, 0U);
}

TEST_F(Stopping, is_not_held_up_by_two_clients_that_start_each_other) {
  Side other_side;
  test::PartyClient<contract::one_small> other{other_side};
  const Address silent = Address::ip4({192, 0, 2, 1}, 9);
  Errc error = Errc::ok;
  client_.on_failed = [&] { error = reactor_.connect_tcp(silent, other).code; };
  other.on_failed = [&] { ADD_FAILURE() << "was never started"; };
  ASSERT_FALSE(reactor_.connect_tcp(silent, client_));
  ASSERT_TRUE(reactor_.call_later(0s, [this] { stop(); }));
  expect_an_end();
  EXPECT_EQ(error, Errc::not_running);
}

TEST_F(Stopping, is_not_held_up_by_a_server_that_listens_again) {
  have_a_connection();
  Errc error = Errc::ok;
  server_side_.on_lost = [this, &error](test::Party&, Error) {
    error = reactor_.listen_tcp(Address::loopback(0), server_).code;
  };
  ASSERT_TRUE(reactor_.call_later(0s, [this] { stop(); }));
  expect_an_end();
  EXPECT_EQ(error, Errc::not_running);
}

}  // namespace
}  // namespace bobbin
