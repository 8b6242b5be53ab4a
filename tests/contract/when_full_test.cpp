// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <deque>

#include "parties.hpp"

namespace bobbin::contract {
namespace {

using namespace std::chrono_literals;

class Full : public testing::Test {
 protected:
  ~Full() override {
    server_side_.improvise();
    server_.stop_listening();
    for (Side& side : sides_) {
      if (side.connected()) side.party().transport().abort_connection();
    }
    for (auto& client : clients_) client.stop_connecting();
    EXPECT_TRUE(world_.run_until([&] { return server_.connections().use().in_use == 0; }));
  }

  void listen(const ListenOptions& options) {
    server_side_.on_data = [](Party& party, Bytes data) { return party.transport().write(data); };
    ASSERT_FALSE(world_.reactor().listen_tcp(world_.anywhere(), server_, options));
  }

  // A new client, which says hello.
  Side& connect() {
    Side& side = sides_.emplace_back();
    clients_.emplace_back(side);
    side.on_made = [](Party& party) { party.write("hello"); };
    EXPECT_FALSE(world_.reactor().connect_tcp(server_.host(), clients_.back()));
    return side;
  }

  Side& connect_and_hear() {
    Side& side = connect();
    EXPECT_TRUE(world_.run_until([&] { return side.received == "hello"; }));
    return side;
  }

  bool answers(Side& side) {
    side.received.clear();
    EXPECT_EQ(side.party().write("there?"), 6U);
    return world_.run_until([&] { return side.received == "there?"; });
  }

  World world_;
  Side server_side_;
  PartyServer<two_small> server_{server_side_};
  std::deque<Side> sides_;
  std::deque<PartyClient<one_small>> clients_;
};

TEST_F(Full, port_evicts_the_connection_that_has_been_idle_longest) {
  listen({.when_full = WhenFull::evict, .evict_after = 2ms});
  Side& first = connect_and_hear();
  Side& second = connect_and_hear();
  // Until TCP has acknowledged the last bytes as well: else they are lost, and the end is a reset.
  world_.run_for(400ms);
  ASSERT_TRUE(answers(first));
  world_.run_for(400ms);
  Side& third = connect_and_hear();
  ASSERT_TRUE(world_.run_until([&] { return second.lost(); }));
  EXPECT_EQ(server_side_.losses, Losses{Errc::evicted});
  EXPECT_EQ(second.losses, Losses{Errc::connection_done});
  EXPECT_TRUE(answers(first));
  EXPECT_TRUE(answers(third));
  EXPECT_EQ(server_.connections().use().high_water, 2U);
}

TEST_F(Full, port_evicts_nobody_before_the_time) {
  listen({.when_full = WhenFull::evict, .evict_after = 400ms});
  Instant lost{};
  server_side_.on_lost = [&](Party&, Error) { lost = world_.reactor().now(); };
  Side& first = connect_and_hear();
  Side& second = connect_and_hear();
  world_.run_for(100ms);
  const Instant before = world_.reactor().now();
  ASSERT_TRUE(answers(first));
  ASSERT_TRUE(answers(second));
  connect_and_hear();
  EXPECT_EQ(server_side_.losses, Losses{Errc::evicted});
  EXPECT_GE(lost - before, 398ms);
}

TEST_F(Full, port_refuses_if_told_to_and_the_others_go_on) {
  listen({.when_full = WhenFull::refuse});
  Side& first = connect_and_hear();
  Side& second = connect_and_hear();
  for (int i = 0; i < 3; ++i) {
    Side& refused = connect();
    ASSERT_TRUE(world_.run_until([&] { return refused.lost() || !refused.failures.empty(); }));
    EXPECT_EQ(refused.received, "");
  }
  EXPECT_EQ(world_.reactor().statistics().connections_refused, 3U);
  EXPECT_TRUE(answers(first));
  EXPECT_TRUE(answers(second));
  first.party().transport().lose_connection();
  ASSERT_TRUE(world_.run_until([&] { return server_.connections().use().in_use == 1; }));
  EXPECT_TRUE(connect_and_hear().connected());
}

}  // namespace
}  // namespace bobbin::contract
