// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/client_service.hpp>
#include <bobbin/multi_service.hpp>
#include <bobbin/tcp_service.hpp>

#include <chrono>
#include <type_traits>
#include <utility>

#include "parties.hpp"

namespace bobbin::contract {
namespace {

using namespace std::chrono_literals;
using TestReactor = std::remove_reference_t<decltype(std::declval<World&>().reactor())>;
using ServerPart = TcpServerService<TestReactor, TcpServer<Party, four_small, Side>>;
using ClientPart = ClientService<TestReactor, ReconnectingClient<Party, one_small, Side>>;

// A server and a client as parts of one program. The client finds the server by its address, so it
// is made when that is known.
class Serving : public testing::Test {
 protected:
  ~Serving() override {
    server_side_.improvise();
    client_side_.improvise();
    Deferred<void> stopped;
    client_.stop(stopped);
    Deferred<void> server_stopped;
    server_.stop(server_stopped);
    EXPECT_TRUE(world_.run_until(
        [this] {
          return server_.state() == Service::State::stopped &&
                 client_.state() == Service::State::stopped &&
                 world_.reactor().timer_use().in_use == 0;
        },
        5s));
  }

  Address address_of_server() {
    EXPECT_FALSE(server_.prepare());
    return server_.host();
  }
  bool connected() { return client_.protocol() != nullptr && server_side_.connected(); }

  World world_;
  Side server_side_;
  Side client_side_;
  Random random_{1};
  ServerPart server_{
      "server", world_.reactor(), world_.anywhere(), {.listen = {}, .drain = 5s}, server_side_};
  ClientPart client_{"client",
                     world_.reactor(),
                     address_of_server(),
                     {.reconnect = {.backoff = {.initial = 5ms, .max = 20ms}},
                      .runs_from = RunsFrom::first_connection},
                     random_,
                     client_side_};
};

TEST_F(Serving, starts_in_order_and_stops_in_reverse) {
  MultiService all("all");
  ASSERT_FALSE(all.add(server_));
  ASSERT_FALSE(all.add(client_));
  Deferred<void> started, stopped;
  all.start(started);
  EXPECT_TRUE(server_.running());
  ASSERT_TRUE(world_.run_until([&] { return started.has_result(); }));
  ASSERT_TRUE(all.running());
  ASSERT_TRUE(world_.run_until([this] { return connected(); }));
  all.stop(stopped);
  EXPECT_TRUE(server_.running()) << "the client goes first";
  ASSERT_TRUE(world_.run_until([&] { return stopped.has_result(); }));
  EXPECT_TRUE(all.failure() == nullptr);
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_done});
  EXPECT_EQ(server_side_.losses, Losses{Errc::connection_done});
}

TEST_F(Serving, ends_the_connections_of_a_server_that_stops_and_the_client_comes_back) {
  Deferred<void> started, client_started, stopped, again;
  server_.start(started);
  client_.start(client_started);
  ASSERT_TRUE(world_.run_until([this] { return connected(); }));
  EXPECT_EQ(server_side_.party().write("farewell"), 8U);
  const Address address = server_.host();
  server_.stop(stopped);
  ASSERT_TRUE(world_.run_until([&] { return stopped.has_result() && client_side_.lost(); }));
  EXPECT_EQ(client_side_.received, "farewell");
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_done});
  EXPECT_TRUE(client_.running());

  PartyServer<four_small> other(server_side_);
  ASSERT_FALSE(world_.reactor().listen_tcp(address, other));
  ASSERT_TRUE(world_.run_until([this] { return connected(); }));
  client_.stop(again);
  ASSERT_TRUE(
      world_.run_until([&] { return again.has_result() && server_side_.losses.size() == 2; }));
  other.stop_listening();
}

}  // namespace
}  // namespace bobbin::contract
