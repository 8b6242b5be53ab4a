// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/multi_service.hpp>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>

#include "multi_service_support.hpp"

namespace bobbin::test {
namespace {

TEST_F(MultiServiceTest, goes_on_without_a_child_that_is_destroyed_while_it_starts) {
  auto d = std::make_unique<Part>("d");
  d->starts_late = true;
  MultiService other;
  Part e{"e"};
  EXPECT_FALSE(other.add(*d));
  EXPECT_FALSE(other.add(e));
  other.start(started);
  said();
  d.reset();
  EXPECT_EQ(said(), (Lines{"cancel d", "start e"}));
  EXPECT_EQ(result_of(started), "done");
}

TEST_F(MultiServiceTest, goes_on_without_a_child_that_is_destroyed_while_it_stops) {
  run();
  auto d = std::make_unique<Part>("d");
  d->stops_late = true;
  EXPECT_FALSE(all.add(*d));
  all.stop(stopped);
  EXPECT_EQ(result_of(stopped), "nothing yet");
  d.reset();
  EXPECT_EQ(result_of(stopped), "done");
}

TEST_F(MultiServiceTest, lets_its_children_be_when_it_is_destroyed) {
  Part d{"d"};
  {
    MultiService other;
    EXPECT_FALSE(other.add(d));
    other.start(started);
    said();
  }
  EXPECT_EQ(said(), Lines{});
  EXPECT_TRUE(d.running());
  EXPECT_EQ(d.parent(), nullptr);
  EXPECT_EQ(result_of(started), "done");
}

TEST_F(MultiServiceTest, may_be_destroyed_by_who_hears_that_it_runs_or_has_stopped) {
  auto other = std::make_unique<Owned>();
  Part d{"d"}, e{"e"};
  EXPECT_FALSE(other->add(d));
  EXPECT_FALSE(other->add(e));
  started.add_callback([&other] { other.reset(); });
  other->start(started);
  EXPECT_FALSE(other);
  EXPECT_TRUE(d.running() && e.running());
}

TEST_F(MultiServiceTest, may_be_destroyed_by_who_hears_of_a_child) {
  auto other = std::make_unique<Owned>();
  Part d{"d"}, e{"e"};
  EXPECT_FALSE(other->add(d));
  EXPECT_FALSE(other->add(e));
  Deferred<void> d_runs;
  d_runs.add_callback([&other] { other.reset(); });
  d.when_running(d_runs);
  other->start(started);
  EXPECT_EQ(result_of(started), "cancelled");
  EXPECT_TRUE(d.running());
  EXPECT_EQ(e.state(), State::prepared);
}

TEST_F(MultiServiceTest, may_be_destroyed_by_who_hears_that_a_child_has_left) {
  auto other = std::make_unique<Owned>();
  auto d = std::make_unique<Part>("d");
  EXPECT_FALSE(other->add(*d));
  other->start(started);
  EXPECT_EQ(result_of(started), "done");
  Deferred<void> removed;
  d->stops_late = true;
  other->remove(*d, removed);
  stopped.add_callback([&other, &d] {
    d.reset();
    other.reset();
  });
  other->stop(stopped);
  d->end_stop();
  EXPECT_FALSE(other || d);
  EXPECT_EQ(result_of(removed), "cancelled");
}

TEST_F(MultiServiceTest, may_be_destroyed_by_who_hears_that_a_child_cannot_be_prepared) {
  auto other = std::make_unique<Owned>();
  Part d{"d"}, e{"e"};
  EXPECT_FALSE(other->add(d));
  EXPECT_FALSE(other->add(e));
  d.prepare_failure = Errc::address_in_use;
  Deferred<void> d_runs;
  d_runs.add_errback([&other](const Failure&) { other.reset(); });
  d.when_running(d_runs);
  other->start(started);
  EXPECT_FALSE(other);
  EXPECT_EQ(result_of(started), "cancelled");
  EXPECT_EQ(said(), (Lines{"prepare d", "stop d"}));
}

TEST_F(MultiServiceTest, starts_nobody_more_when_it_is_destroyed) {
  auto other = std::make_unique<Owned>();
  Part d{"d"}, e{"e"};
  EXPECT_FALSE(other->add(d));
  EXPECT_FALSE(other->add(e));
  d.starts_late = true;
  other->start(started);
  said();
  other.reset();
  EXPECT_EQ(result_of(started), "cancelled");
  EXPECT_EQ(said(), Lines{});
  EXPECT_EQ(e.state(), State::prepared);
}

// Depth does not grow with the number of children.
TEST_F(MultiServiceTest, starts_and_stops_thousands_of_children) {
  MultiService many;
  std::deque<Part> parts;
  struct Depth {
    std::uintptr_t least = UINTPTR_MAX, most = 0;
  } depth;
  for (int i = 0; i < 3'000; ++i) {
    Part& part = parts.emplace_back("");
    part.data = &depth;
    part.while_starting = [](Part& self) {
      const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
      auto& [least, most] = *static_cast<Depth*>(self.data);
      least = std::min(least, here);
      most = std::max(most, here);
    };
    EXPECT_FALSE(many.add(part));
  }
  many.start(started);
  EXPECT_EQ(result_of(started), "done");
  EXPECT_LT(depth.most - depth.least, 4096U);
  many.stop(stopped);
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(lines().size(), 9'000U);
}

}  // namespace
}  // namespace bobbin::test
