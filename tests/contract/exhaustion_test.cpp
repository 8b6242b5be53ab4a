// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <algorithm>
#include <deque>

#include "parties.hpp"

namespace bobbin::contract {
namespace {

class Exhaustion : public testing::Test {
 protected:
  static constexpr std::size_t clients = 5;

  void listen_and_connect_all() { listen_and_connect(clients); }
  void listen_and_connect(std::size_t count) {
    side_.on_data = [](Party& party, Bytes data) { return party.transport().write(data); };
    ASSERT_FALSE(world_.reactor().listen_tcp(world_.anywhere(), server_));
    for (std::size_t i = 0; i < count; ++i) {
      client_sides_.emplace_back();
      clients_.emplace_back(client_sides_.back());
      client_sides_.back().on_made = [](Party& party) { party.write("me too"); };
      ASSERT_FALSE(world_.reactor().connect_tcp(server_.host(), clients_.back()));
    }
  }

  std::size_t answered() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        client_sides_, [](const Side& side) { return side.received == "me too"; }));
  }

  World world_;
  Side side_;
  PartyServer<two_small> server_{side_};
  std::deque<Side> client_sides_;
  std::deque<PartyClient<one_small>> clients_;
};

TEST_F(Exhaustion, connections_beyond_the_pool_wait_and_are_served_when_others_end) {
  listen_and_connect_all();
  ASSERT_TRUE(world_.run_until([&] { return answered() == 2; }));
  world_.run_for(std::chrono::milliseconds(100));
  EXPECT_EQ(answered(), 2U);
  EXPECT_EQ(server_.connections().use().in_use, 2U);
  EXPECT_GT(server_.connections().use().refused, 0U);
  // Each that was served makes room for another.
  ASSERT_TRUE(world_.run_until([&] {
    for (Side& side : client_sides_) {
      if (side.received == "me too" && side.connected()) side.party().transport().lose_connection();
    }
    return answered() == clients;
  }));
  EXPECT_EQ(server_.connections().use().high_water, 2U);
  EXPECT_TRUE(world_.run_until([&] { return server_.connections().use().in_use == 0; }));
}

TEST_F(Exhaustion, nobody_is_refused_while_as_many_come_as_there_is_room_for) {
  listen_and_connect(2);
  ASSERT_TRUE(world_.run_until([&] { return answered() == 2; }));
  world_.run_for(std::chrono::milliseconds(100));
  EXPECT_EQ(server_.connections().use().in_use, 2U);
  EXPECT_EQ(server_.connections().use().refused, 0U);
}

TEST_F(Exhaustion, one_that_waits_may_go_away_again) {
  listen_and_connect_all();
  ASSERT_TRUE(world_.run_until([&] { return answered() == 2; }));
  for (Side& side : client_sides_) {
    if (side.connected()) side.party().transport().abort_connection();
  }
  for (auto& client : clients_) client.stop_connecting();
  EXPECT_TRUE(world_.run_until([&] { return server_.connections().use().in_use == 0; }));
}

TEST_F(Exhaustion, a_clock_that_is_full_is_an_error_to_who_asks_and_connections_go_on) {
  listen_and_connect_all();
  ASSERT_TRUE(world_.run_until([&] { return answered() == 2; }));
  std::vector<DelayedCall> calls;
  for (;;) {
    const auto call = world_.reactor().call_later(std::chrono::hours(1000), [] {});
    if (!call) {
      EXPECT_EQ(call.error(), Errc::no_capacity);
      break;
    }
    calls.push_back(*call);
  }
  EXPECT_GT(world_.reactor().timer_use().refused, 0U);
  Side late_side;
  PartyClient<one_small> late{late_side};
  EXPECT_EQ(world_.reactor().connect_tcp(server_.host(), late), Errc::no_capacity);
  EXPECT_EQ(late.connections().use().in_use, 0U);
  // Those that are open need no timer.
  for (Side& side : client_sides_) {
    if (side.received == "me too") side.party().write(" again");
  }
  EXPECT_TRUE(world_.run_until([&] {
    return std::ranges::count_if(client_sides_, [](const Side& side) {
             return side.received == "me too again";
           }) == 2;
  }));
  for (DelayedCall& call : calls) call.cancel();
}

// A protocol pool smaller than the connections' holds connections back just as well.
TEST_F(Exhaustion, without_a_protocol_nobody_is_accepted) {
  struct OneProtocol final : Factory {
    explicit OneProtocol(Side& side) : side_(side) {}
    Protocol* build_protocol(const Address&) override { return slots_.emplace(side_); }
    void protocol_done(Protocol& protocol) override {
      slots_.release(static_cast<Party&>(protocol));
    }
    bool has_room() const override { return slots_.has_room(); }
    Side& side_;
    Pool<Party, 1> slots_;
  };
  Side side;
  OneProtocol factory{side};
  Connections<four_small> connections;
  ListeningPort port{factory, connections};
  ASSERT_FALSE(world_.reactor().listen_tcp(world_.anywhere(), port));
  Side first_side;
  Side second_side;
  PartyClient<one_small> first{first_side};
  PartyClient<one_small> second{second_side};
  ASSERT_FALSE(world_.reactor().connect_tcp(port.host(), first));
  ASSERT_TRUE(world_.run_until([&] { return side.connected(); }));
  ASSERT_FALSE(world_.reactor().connect_tcp(port.host(), second));
  world_.run_for(std::chrono::milliseconds(100));
  EXPECT_EQ(connections.use().in_use, 1U);
  side.party().transport().lose_connection();
  ASSERT_TRUE(world_.run_until([&] { return side.trace.size() >= 3 && side.connected(); }));
  side.party().transport().abort_connection();
  EXPECT_TRUE(world_.run_until([&] { return !side.connected(); }));
}

}  // namespace
}  // namespace bobbin::contract
