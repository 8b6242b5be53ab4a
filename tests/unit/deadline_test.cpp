// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <gtest/gtest.h>

#include <chrono>
#include <utility>

#include <bobbin/await.hpp>
#include <bobbin/coroutines.hpp>
#include <bobbin/queue.hpp>

namespace bobbin {
namespace {

using namespace std::chrono_literals;

using Body = Frame<256>;

struct DeadlineTest : testing::Test {
  Spawned spawn(Task<Error> task) {
    ended = false;
    return *coroutines.spawn(std::move(task), [this](Error error) {
      ended = true;
      outcome = error;
    });
  }

  ManualClock<2> clock;
  Body frame;
  Coroutines<2> coroutines;
  bool ended = false;
  Error outcome;
  int steps = 0;
};

Task<Error> waits_until(Body&, Clock& clock, Instant then) {
  co_return co_await sleep_until(clock, then);
}

TEST_F(DeadlineTest, sleeps_until_that_moment) {
  clock.advance(5ms);
  spawn(waits_until(frame, clock, after(clock.now(), 10ms)));
  clock.advance(9ms);
  EXPECT_FALSE(ended);
  clock.advance(1ms);
  EXPECT_TRUE(ended);
  EXPECT_FALSE(outcome);
}

TEST_F(DeadlineTest, a_moment_that_has_passed_comes_in_the_next_turn) {
  const Instant then = clock.now();
  clock.advance(5ms);
  spawn(waits_until(frame, clock, then));
  EXPECT_FALSE(ended);
  clock.advance(0ms);
  EXPECT_TRUE(ended);
  EXPECT_FALSE(outcome);
}

TEST_F(DeadlineTest, sleeping_until_then_may_be_cancelled) {
  const Spawned spawned = spawn(waits_until(frame, clock, never));
  spawned.cancel();
  EXPECT_EQ(outcome, Errc::cancelled);
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

TEST_F(DeadlineTest, without_a_timer_it_does_not_sleep) {
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(clock.call_later(1s, [] {}));
  spawn(waits_until(frame, clock, never));
  EXPECT_TRUE(ended);
  EXPECT_EQ(outcome, Errc::no_capacity);
}

// One limit for all that it does.
Task<Error> steps_before(Body&, Clock& clock, Instant end, int& steps) {
  while (true) {
    if (Error error = co_await before(clock, end, sleep(clock, 4ms))) co_return error;
    ++steps;
  }
}

TEST_F(DeadlineTest, several_awaits_have_one_limit_in_common) {
  spawn(steps_before(frame, clock, after(clock.now(), 10ms), steps));
  for (int i = 0; i < 9; ++i) clock.advance(1ms);
  EXPECT_FALSE(ended);
  EXPECT_EQ(steps, 2);
  clock.advance(1ms);
  EXPECT_EQ(outcome, Errc::timed_out);
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

TEST_F(DeadlineTest, cancelled_before_the_limit_it_is_cancelled) {
  const Spawned spawned = spawn(steps_before(frame, clock, after(clock.now(), 10ms), steps));
  clock.advance(5ms);
  spawned.cancel();
  EXPECT_EQ(outcome, Errc::cancelled);
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

TEST_F(DeadlineTest, a_limit_that_has_passed_leaves_until_the_next_turn) {
  const Instant end = clock.now();
  clock.advance(5ms);
  spawn(steps_before(frame, clock, end, steps));
  EXPECT_FALSE(ended);
  clock.advance(0ms);
  EXPECT_EQ(outcome, Errc::timed_out);
  EXPECT_EQ(steps, 0);
}

TEST_F(DeadlineTest, without_a_timer_nothing_has_begun) {
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(clock.call_later(1s, [] {}));
  spawn(steps_before(frame, clock, never, steps));
  EXPECT_EQ(outcome, Errc::no_capacity);
}

// Time that passes while no reactor looks at it.
struct LateClock final : AdvancingClock {
  explicit LateClock(TimerStorage<2>& storage) : AdvancingClock(storage.spans()) {}
  Instant present() override {
    set_now(port);
    return now();
  }
  Instant port{};
};

Task<Error> sleeps_within(Body&, Clock& clock, Duration limit, Duration length) {
  co_return co_await within(clock, limit, sleep(clock, length));
}

Task<Error> gets_within(Body&, Clock& clock, Duration limit, Queue<int, 1>& queue) {
  const Result<int> value = co_await within(clock, limit, queue.get());
  co_return value.error();
}

TEST_F(DeadlineTest, lengths_count_from_when_they_are_asked_for) {
  TimerStorage<2> storage;
  LateClock late(storage);
  late.port += 50ms;
  spawn(sleeps_within(frame, late, 20ms, 10ms));
  EXPECT_EQ(late.next_call(), after(Instant(), 60ms));
  late.advance_to_next();
  EXPECT_TRUE(ended);
  EXPECT_FALSE(outcome);
  spawn(sleeps_within(frame, late, 20ms, 30ms));
  EXPECT_EQ(late.next_call(), after(late.port, 20ms));
  late.advance_to_next();
  EXPECT_EQ(outcome, Errc::timed_out);
  late.port += 50ms;
  Queue<int, 1> queue;
  spawn(gets_within(frame, late, 20ms, queue));
  EXPECT_EQ(late.next_call(), after(late.port, 20ms));
  late.advance_to_next();
  EXPECT_EQ(outcome, Errc::timed_out);
}

}  // namespace
}  // namespace bobbin
