// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// lwIP with a thread of its own, and the reactor in another.

#include <chrono>

#include <gtest/gtest.h>

#include "contract/parties.hpp"

namespace bobbin::contract {
namespace {

using namespace std::chrono_literals;

class LwipOwnThread : public Pair<> {};

TEST_F(LwipOwnThread, sleeps_through_the_timers_of_lwip) {
  connect();
  settle();
  const std::uint32_t wakeups = world_.reactor().wakeups();
  world_.reactor().turn(3600s);
  EXPECT_EQ(world_.reactor().wakeups() - wakeups, 1U);
}

TEST_F(LwipOwnThread, is_woken_by_what_lwip_marks_for_it) {
  connect();
  settle();
  client_side_.on_data = [](Party&, Bytes data) { return data.size(); };
  const std::uint32_t wakeups = world_.reactor().wakeups();
  server().write("x");
  const Instant start = world_.reactor().now();
  EXPECT_TRUE(run_until([&] { return client_side_.received == "x"; }));
  EXPECT_LT(world_.reactor().now() - start, 10ms);
  // The data, and at most its acknowledgement.
  EXPECT_LE(world_.reactor().wakeups() - wakeups, 2U);
}

}  // namespace
}  // namespace bobbin::contract
