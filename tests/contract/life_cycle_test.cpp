// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "parties.hpp"

namespace bobbin::contract {
namespace {

class LifeCycle : public Pair<> {};

TEST_F(LifeCycle, a_connection_is_made_then_receives_then_ends_then_is_lost) {
  connect();
  client().write("hello");
  ASSERT_TRUE(run_until([&] { return server_side_.received == "hello"; }));
  client().transport().lose_connection();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(server_side_.trace, (Trace{"made", "data", "end", "lost"}));
  EXPECT_EQ(client_side_.trace, (Trace{"made", "lost"}));
  EXPECT_EQ(server_side_.losses, Losses{Errc::connection_done});
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_done});
}

TEST_F(LifeCycle, port_0_picks_a_free_port_and_tells_it) {
  listen();
  EXPECT_EQ(server_.host().family(), world_.anywhere().family());
  EXPECT_EQ(server_.host().port() != 0, has_ports<World>());
  EXPECT_EQ(server_.host().is_loopback(), has_ports<World>());
}

TEST_F(LifeCycle, both_ends_know_each_other_by_the_same_addresses) {
  connect();
  EXPECT_EQ(client().transport().peer(), server_.host());
  EXPECT_EQ(client().transport().peer(), server().transport().host());
  EXPECT_EQ(client().transport().host(), server().transport().peer());
}

TEST_F(LifeCycle, a_port_in_use_is_an_error_and_the_second_may_try_another) {
  listen();
  Side other_side;
  PartyServer<one_small> other{other_side};
  EXPECT_EQ(world_.reactor().listen_tcp(server_.host(), other), Errc::address_in_use);
  EXPECT_FALSE(other.listening());
  EXPECT_FALSE(world_.reactor().listen_tcp(world_.anywhere(), other));
  EXPECT_NE(other.host(), server_.host());
}

TEST_F(LifeCycle, a_port_that_listens_cannot_be_started_again) {
  listen();
  EXPECT_EQ(world_.reactor().listen_tcp(world_.anywhere(), server_), Errc::already_running);
}

TEST_F(LifeCycle, a_port_that_stopped_refuses_and_may_listen_again) {
  listen();
  const Address address = server_.host();
  server_.stop_listening();
  EXPECT_EQ(server_.host(), Address());
  ASSERT_FALSE(world_.reactor().connect_tcp(address, client_));
  ASSERT_TRUE(run_until([&] { return !client_side_.failures.empty(); }));
  EXPECT_EQ(client_side_.failures, Losses{Errc::connection_refused});
  ASSERT_FALSE(world_.reactor().listen_tcp(world_.anywhere(), server_));
  ASSERT_FALSE(world_.reactor().connect_tcp(server_.host(), client_));
  EXPECT_TRUE(run_until([&] { return client_side_.connected(); }));
}

TEST_F(LifeCycle, connections_go_on_when_the_port_stops) {
  connect();
  server_.stop_listening();
  client().write("still here");
  EXPECT_TRUE(run_until([&] { return server_side_.received == "still here"; }));
}

TEST_F(LifeCycle, a_connection_is_refused_where_nobody_listens) {
  listen();
  const Address address = server_.host();
  server_.stop_listening();
  ASSERT_FALSE(world_.reactor().connect_tcp(address, client_));
  EXPECT_TRUE(client_side_.failures.empty()) << "never from inside connect_tcp";
  ASSERT_TRUE(run_until([&] { return !client_side_.failures.empty(); }));
  EXPECT_EQ(client_side_.failures, Losses{Errc::connection_refused});
  EXPECT_TRUE(client_side_.trace.empty()) << "no protocol is told of a connection never made";
  EXPECT_EQ(client_.state(), Connector::State::disconnected);
}

TEST_F(LifeCycle, a_connect_to_no_port_or_to_another_kind_of_address_is_an_error_at_once) {
  const Address nowhere = has_ports<World>() ? world_.anywhere() : Address::unix_unnamed();
  const Address other = has_ports<World>() ? Address::unix_unnamed() : Address::loopback(9);
  EXPECT_EQ(world_.reactor().connect_tcp(nowhere, client_), Errc::invalid_argument);
  EXPECT_EQ(world_.reactor().connect_tcp(other, client_), Errc::not_supported);
  EXPECT_EQ(client_.state(), Connector::State::disconnected);
  EXPECT_TRUE(everything_given_back());
  connect();
  EXPECT_EQ(client_side_.failures, Losses{});
}

TEST_F(LifeCycle, a_connect_nobody_answers_times_out) {
  const ConnectOptions options{.timeout = std::chrono::milliseconds(150)};
  ASSERT_FALSE(world_.reactor().connect_tcp(world_.silent(), client_, options));
  world_.run_for(std::chrono::milliseconds(100));
  EXPECT_TRUE(client_side_.failures.empty());
  EXPECT_EQ(client_.state(), Connector::State::connecting);
  ASSERT_TRUE(run_until([&] { return !client_side_.failures.empty(); }));
  EXPECT_EQ(client_side_.failures, Losses{Errc::timed_out});
}

TEST_F(LifeCycle, a_connect_may_be_given_up) {
  ASSERT_FALSE(world_.reactor().connect_tcp(world_.silent(), client_));
  client_.stop_connecting();
  EXPECT_TRUE(client_side_.failures.empty()) << "the answer comes from the reactor";
  ASSERT_TRUE(run_until([&] { return !client_side_.failures.empty(); }));
  EXPECT_EQ(client_side_.failures, Losses{Errc::cancelled});
}

TEST_F(LifeCycle, a_connector_in_use_cannot_be_started_again) {
  connect();
  EXPECT_EQ(world_.reactor().connect_tcp(server_.host(), client_), Errc::already_running);
}

TEST_F(LifeCycle, a_client_may_connect_again_from_inside_the_loss) {
  int again = 0;
  client_.on_lost = [&] {
    if (again++ > 0) return;
    EXPECT_FALSE(world_.reactor().connect_tcp(server_.host(), client_));
  };
  connect();
  client().transport().lose_connection();
  ASSERT_TRUE(
      run_until([&] { return client_side_.losses.size() == 1 && client_side_.connected(); }));
  EXPECT_EQ(client_.state(), Connector::State::connected);
}

TEST_F(LifeCycle, a_client_may_try_again_from_inside_the_failure) {
  listen();
  const Address address = server_.host();
  server_.stop_listening();
  client_.on_failed = [&] {
    if (client_side_.failures.size() < 3) {
      EXPECT_FALSE(world_.reactor().connect_tcp(address, client_));
    }
  };
  ASSERT_FALSE(world_.reactor().connect_tcp(address, client_));
  EXPECT_TRUE(run_until([&] { return client_side_.failures.size() == 3; }));
}

TEST_F(LifeCycle, a_call_asked_for_before_the_first_turn_waits_its_time) {
  bool called = false;
  ASSERT_TRUE(
      bool(world_.reactor().call_later(std::chrono::milliseconds(150), [&] { called = true; })));
  world_.run_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(called);
  EXPECT_TRUE(run_until([&] { return called; }));
}

TEST_F(LifeCycle, a_delay_asked_for_between_turns_counts_from_then) {
  world_.reactor().turn({});
  world_.pass(std::chrono::milliseconds(300));
  bool called = false;
  const auto call =
      world_.reactor().call_later(std::chrono::milliseconds(200), [&] { called = true; });
  ASSERT_TRUE(bool(call));
  world_.run_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(called);
  EXPECT_TRUE(run_until([&] { return called; }));
}

TEST_F(LifeCycle, stopping_the_reactor_ends_every_connection) {
  connect();
  ASSERT_FALSE(world_.reactor().stop());
  world_.reactor().turn({});
  EXPECT_EQ(server_side_.losses, Losses{Errc::connection_aborted});
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_aborted});
  EXPECT_FALSE(server_.listening());
  EXPECT_EQ(world_.reactor().run(), Errc::not_restartable);
}

TEST_F(LifeCycle, destroying_a_server_ends_its_connections) {
  Side side;
  {
    PartyServer<four_small> server{side};
    ASSERT_FALSE(world_.reactor().listen_tcp(world_.anywhere(), server));
    ASSERT_FALSE(world_.reactor().connect_tcp(server.host(), client_));
    ASSERT_TRUE(run_until([&] { return side.connected() && client_side_.connected(); }));
  }
  EXPECT_EQ(side.losses, Losses{Errc::connection_aborted});
  EXPECT_TRUE(run_until([&] { return client_side_.lost(); }));
}

TEST_F(LifeCycle, a_factory_may_refuse_a_connection) {
  struct Refusing final : TcpServer<Party, one_small, Side> {
    using TcpServer::TcpServer;
    Protocol* build_protocol(const Address&) override { return nullptr; }
  };
  Side side;
  Refusing server{side};
  ASSERT_FALSE(world_.reactor().listen_tcp(world_.anywhere(), server));
  ASSERT_FALSE(world_.reactor().connect_tcp(server.host(), client_));
  ASSERT_TRUE(run_until([&] { return client_side_.lost() || !client_side_.failures.empty(); }));
  EXPECT_TRUE(side.trace.empty());
  EXPECT_EQ(server.connections().use().in_use, 0U);
}

}  // namespace
}  // namespace bobbin::contract
