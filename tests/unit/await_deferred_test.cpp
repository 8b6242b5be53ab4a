// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <bobbin/await.hpp>
#include <bobbin/await_deferred.hpp>
#include <bobbin/coroutines.hpp>
#include <bobbin/deferred.hpp>

namespace bobbin {
namespace {

using namespace std::chrono_literals;

struct AwaitDeferredTest : testing::Test {
  void spawn(Task<Error> task) {
    spawned = *coroutines.spawn(std::move(task), [this](Error error) { outcome = error; });
  }

  ManualClock<4> clock;
  Frame<512> frame;
  Coroutines<2> coroutines;
  Spawned spawned;
  Error outcome = Errc::not_running;
  int value = 0;
};

Task<Error> awaits(Frame<512>&, Deferred<int>& deferred, int& value) {
  const Outcome<int> outcome = co_await deferred;
  if (!outcome) co_return outcome.failure().error();
  value = *outcome;
  co_return Error();
}

TEST_F(AwaitDeferredTest, goes_on_when_it_fires) {
  Deferred<int> deferred;
  spawn(awaits(frame, deferred, value));
  EXPECT_TRUE(spawned.active());
  deferred.callback(5);
  EXPECT_FALSE(spawned.active());
  EXPECT_EQ(value, 5);
  EXPECT_FALSE(outcome);
}

TEST_F(AwaitDeferredTest, does_not_wait_for_one_that_has_fired) {
  Deferred<int> deferred = succeed(5);
  spawn(awaits(frame, deferred, value));
  EXPECT_EQ(value, 5);
}

TEST_F(AwaitDeferredTest, a_failure_is_awaited_and_handled_by_it) {
  Deferred<int> deferred;
  spawn(awaits(frame, deferred, value));
  deferred.errback(Errc::unreachable);
  EXPECT_EQ(outcome, Errc::unreachable);
  EXPECT_EQ(deferred.state(), DeferredCore::State::succeeded);
}

Task<Error> awaits_the_end(Frame<512>&, Deferred<int>& deferred, int& value) {
  const Outcome<int> outcome = co_await deferred.add_callback([](int n) { return 2 * n; });
  value = outcome ? *outcome : -1;
  co_return Error();
}

TEST_F(AwaitDeferredTest, what_comes_out_of_a_chain_is_what_its_functions_made_of_it) {
  Deferred<int> deferred;
  spawn(awaits_the_end(frame, deferred, value));
  deferred.callback(5);
  EXPECT_EQ(value, 10);
}

TEST_F(AwaitDeferredTest, cancelling_the_coroutine_cancels_the_deferred) {
  Deferred<int> deferred;
  int cancelled = 0;
  deferred.on_cancel([&cancelled] { ++cancelled; });
  spawn(awaits(frame, deferred, value));
  spawned.cancel();
  EXPECT_EQ(cancelled, 1);
  EXPECT_EQ(outcome, Errc::cancelled);
}

TEST_F(AwaitDeferredTest, a_canceller_that_fires_decides_the_outcome) {
  Deferred<int> deferred;
  deferred.on_cancel([](Deferred<int>& self) { self.callback(7); });
  spawn(awaits(frame, deferred, value));
  spawned.cancel();
  EXPECT_EQ(value, 7);
  EXPECT_FALSE(outcome);
}

TEST_F(AwaitDeferredTest, a_deferred_that_goes_ends_the_wait) {
  std::optional<Deferred<int>> deferred;
  deferred.emplace();
  spawn(awaits(frame, *deferred, value));
  deferred.reset();
  EXPECT_EQ(outcome, Errc::cancelled);
}

TEST_F(AwaitDeferredTest, a_coroutine_that_goes_leaves_the_deferred_alone) {
  Deferred<int> deferred;
  spawn(awaits(frame, deferred, value));
  EXPECT_TRUE(spawned.destroy());
  EXPECT_TRUE(deferred.callback(5));
  EXPECT_EQ(value, 0);
}

TEST_F(AwaitDeferredTest, a_deferred_without_a_stage_left_is_an_error) {
  Deferred<int> deferred;
  for (std::size_t i = 0; i < config::deferred_stages; ++i) {
    EXPECT_TRUE(deferred.add_callback([](int n) { return n; }));
  }
  spawn(awaits(frame, deferred, value));
  EXPECT_EQ(outcome, Errc::no_capacity);
}

Task<int> measure(Frame<256>&, Clock& clock, Errc trouble) {
  if (Error error = co_await sleep(clock, 10ms)) co_return error;
  if (trouble != Errc::ok) co_return trouble;
  co_return 21;
}

struct TaskDeferredTest : testing::Test {
  ManualClock<4> clock;
  Frame<256> frame;
  Coroutines<1> coroutines;
  std::string log;
};

TEST_F(TaskDeferredTest, a_task_fires_it) {
  TaskDeferred<int> result;
  ASSERT_FALSE(result.start(coroutines, measure(frame, clock, Errc::ok)));
  result.add_callback([](int n) { return 2 * n; }).add_callback([this](int n) {
    log = std::to_string(n);
  });
  EXPECT_EQ(result.start(coroutines, measure(frame, clock, Errc::ok)), Errc::already_running);
  clock.advance(10ms);
  EXPECT_EQ(log, "42");
  EXPECT_FALSE(frame.taken());
}

TEST_F(TaskDeferredTest, an_error_is_a_failure) {
  TaskDeferred<int> result;
  ASSERT_FALSE(result.start(coroutines, measure(frame, clock, Errc::unreachable)));
  result.add_errback([this](const Failure& failure) { log = describe(failure); });
  clock.advance(10ms);
  EXPECT_EQ(log, describe(Errc::unreachable));
}

TEST_F(TaskDeferredTest, cancelling_it_reaches_what_the_task_waits_for) {
  TaskDeferred<int> result;
  ASSERT_FALSE(result.start(coroutines, measure(frame, clock, Errc::ok)));
  result.add_errback([this](const Failure& failure) { log = describe(failure); });
  result.cancel();
  EXPECT_EQ(log, "cancelled");
  EXPECT_FALSE(frame.taken());
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

// On the heap, where a sanitizer sees what is used after it.
TEST_F(TaskDeferredTest, who_is_told_of_its_cancelling_may_destroy_it) {
  auto result = std::make_unique<TaskDeferred<int>>();
  ASSERT_FALSE(result->start(coroutines, measure(frame, clock, Errc::ok)));
  result->add_errback([&result](const Failure&) { result.reset(); });
  result->cancel();
  EXPECT_EQ(result, nullptr);
  EXPECT_FALSE(frame.taken());
}

TEST_F(TaskDeferredTest, destroying_it_destroys_the_coroutine) {
  {
    TaskDeferred<int> result;
    ASSERT_FALSE(result.start(coroutines, measure(frame, clock, Errc::ok)));
  }
  EXPECT_FALSE(frame.taken());
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

TEST_F(TaskDeferredTest, may_be_started_again_after_a_reset) {
  TaskDeferred<int> result;
  for (int i = 0; i < 3; ++i) {
    ASSERT_FALSE(result.start(coroutines, measure(frame, clock, Errc::ok)));
    EXPECT_EQ(result.start(coroutines, measure(frame, clock, Errc::ok)), Errc::already_running);
    result.add_callback([this](int) { log += '.'; });
    clock.advance(10ms);
    EXPECT_EQ(result.start(coroutines, measure(frame, clock, Errc::ok)), Errc::invalid_argument);
    result.reset();
  }
  EXPECT_EQ(log, "...");
}

Task<int> slow_to_end(Frame<256>&, Clock& clock, Duration longer) {
  const Error cancelled = co_await sleep(clock, 10ms);
  if (longer > Duration::zero()) {
    if (Error error = co_await sleep(clock, longer)) co_return error;
  }
  co_return cancelled ? 1 : 2;
}

TEST_F(TaskDeferredTest, what_the_task_makes_of_being_cancelled_at_once_is_the_result) {
  TaskDeferred<int> result;
  ASSERT_FALSE(result.start(coroutines, slow_to_end(frame, clock, Duration::zero())));
  result.add_callback([this](int n) { log = std::to_string(n); });
  result.cancel();
  EXPECT_EQ(log, "1");
}

TEST_F(TaskDeferredTest, what_it_makes_of_that_later_is_of_no_interest) {
  TaskDeferred<int> result;
  ASSERT_FALSE(result.start(coroutines, slow_to_end(frame, clock, 5ms)));
  result.add_errback([this](const Failure& failure) { log = describe(failure); });
  result.cancel();
  EXPECT_EQ(log, "cancelled");
  result.reset();
  EXPECT_EQ(result.start(coroutines, measure(frame, clock, Errc::ok)), Errc::already_running);
  clock.advance(5ms);
  EXPECT_FALSE(result.called());
  EXPECT_FALSE(result.start(coroutines, measure(frame, clock, Errc::ok)));
  clock.advance(10ms);
  EXPECT_TRUE(result.called());
}

TEST_F(TaskDeferredTest, a_task_without_a_frame_starts_nothing) {
  const Task<int> holder = measure(frame, clock, Errc::ok);
  TaskDeferred<int> result;
  EXPECT_EQ(result.start(coroutines, measure(frame, clock, Errc::ok)), Errc::no_capacity);
  EXPECT_FALSE(result.called());
}

}  // namespace
}  // namespace bobbin
