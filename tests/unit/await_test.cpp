// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <gtest/gtest.h>

#include <chrono>
#include <concepts>
#include <coroutine>
#include <string>
#include <tuple>

#include <bobbin/await.hpp>
#include <bobbin/coroutines.hpp>
#include <bobbin/memory.hpp>
#include <bobbin/task.hpp>
#include <bobbin/when.hpp>

namespace bobbin {
namespace {

using namespace std::chrono_literals;

// What an await or a task ended with, once it has.
struct Ending {
  CoroutinePool::Done note() {
    return [this](Error error) {
      ended = true;
      outcome = error;
    };
  }
  bool ended = false;
  Error outcome;
};

struct AwaitTest : testing::Test {
  ManualClock<6> clock;
  Coroutines<4> coroutines;
  Ending ending;
};

Task<Error> pause(Frame<160>&, Clock& clock, Duration length) {
  co_return co_await sleep(clock, length);
}

Task<int> measure(Frame<160>&, Clock& clock, Duration length, int value) {
  if (Error error = co_await sleep(clock, length)) co_return error;
  co_return value;
}

Task<Error> limited(Frame<512>&, Clock& clock, Duration limit, Duration length) {
  Frame<160> frame;
  co_return co_await within(clock, limit, pause(frame, clock, length));
}

TEST_F(AwaitTest, within_leaves_alone_what_ends_in_time) {
  Frame<512> frame;
  ASSERT_TRUE(coroutines.spawn(limited(frame, clock, 20ms, 10ms), ending.note()));
  clock.advance(10ms);
  EXPECT_TRUE(ending.ended);
  EXPECT_FALSE(ending.outcome);
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

TEST_F(AwaitTest, within_times_out_what_does_not) {
  Frame<512> frame;
  ASSERT_TRUE(coroutines.spawn(limited(frame, clock, 10ms, 20ms), ending.note()));
  clock.advance(9ms);
  EXPECT_FALSE(ending.ended);
  clock.advance(1ms);
  EXPECT_TRUE(ending.ended);
  EXPECT_EQ(ending.outcome, Errc::timed_out);
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

TEST_F(AwaitTest, within_times_out_what_would_end_at_the_same_moment_but_was_set_later) {
  Frame<512> frame;
  ASSERT_TRUE(coroutines.spawn(limited(frame, clock, 10ms, 10ms), ending.note()));
  clock.advance(10ms);
  EXPECT_EQ(ending.outcome, Errc::timed_out);
}

TEST_F(AwaitTest, cancelled_from_outside_it_is_cancelled_and_not_timed_out) {
  Frame<512> frame;
  const Result<Spawned> spawned =
      coroutines.spawn(limited(frame, clock, 10ms, 20ms), ending.note());
  spawned->cancel();
  EXPECT_EQ(ending.outcome, Errc::cancelled);
}

TEST_F(AwaitTest, within_without_a_timer_begins_nothing) {
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(clock.call_later(1s, [] {}));
  Frame<512> frame;
  ASSERT_TRUE(coroutines.spawn(limited(frame, clock, 10ms, 20ms), ending.note()));
  EXPECT_EQ(ending.outcome, Errc::no_capacity);
}

Task<Error> limited_twice(Frame<1024>&, Clock& clock, Duration outer, Duration inner) {
  Frame<512> frame;
  co_return co_await within(clock, outer, limited(frame, clock, inner, 1s));
}

TEST_F(AwaitTest, of_two_limits_the_shorter_one_counts) {
  Frame<1024> frame;
  ASSERT_TRUE(coroutines.spawn(limited_twice(frame, clock, 20ms, 10ms), ending.note()));
  clock.advance(10ms);
  EXPECT_EQ(ending.outcome, Errc::timed_out);
  ending = {};
  ASSERT_TRUE(coroutines.spawn(limited_twice(frame, clock, 10ms, 20ms), ending.note()));
  clock.advance(10ms);
  EXPECT_EQ(ending.outcome, Errc::timed_out);
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

// Does not stop when it is told to, but goes on for a while.
Task<int> stubborn(Frame<256>&, Clock& clock, int value) {
  const Error interrupted = co_await sleep(clock, 1s);
  if (Error error = co_await sleep(clock, 5ms)) co_return error;
  co_return interrupted ? value : 0;
}

Task<Error> limits_the_stubborn(Frame<768>&, Clock& clock, int& value) {
  Frame<256> frame;
  const Result<int> result = co_await within(clock, 10ms, stubborn(frame, clock, 7));
  if (!result) co_return result.error();
  value = *result;
  co_return Error();
}

TEST_F(AwaitTest, what_ends_well_all_the_same_has_ended_well) {
  Frame<768> frame;
  int value = 0;
  ASSERT_TRUE(coroutines.spawn(limits_the_stubborn(frame, clock, value), ending.note()));
  clock.advance(10ms);
  EXPECT_FALSE(ending.ended);
  clock.advance(5ms);
  EXPECT_TRUE(ending.ended);
  EXPECT_FALSE(ending.outcome);
  EXPECT_EQ(value, 7);
}

// Ends when the test says so, also after it was cancelled.
class SlowToEnd final : public Operation {
 public:
  explicit SlowToEnd(SlowToEnd*& place) : place_(place) {}
  void cancel() override { outcome_ = Errc::cancelled; }
  bool await_ready() const { return false; }
  template <std::derived_from<TaskPromise> P>
  void await_suspend(std::coroutine_handle<P> caller) {
    place_ = this;
    wait(caller.promise().coroutine());
  }
  Error await_resume() const { return outcome_; }
  void end() { finish(); }

 private:
  SlowToEnd*& place_;
  Error outcome_;
};

Task<Error> ends_slowly(Frame<160>&, SlowToEnd*& operation) {
  co_return co_await SlowToEnd(operation);
}

Task<Error> limits_what_ends_slowly(Frame<768>&, Clock& clock, SlowToEnd*& operation,
                                    std::string& log) {
  Frame<160> frame;
  const Error outcome = co_await within(clock, 10ms, ends_slowly(frame, operation));
  log += describe(outcome);
  const Error then = co_await sleep(clock, 5ms);
  log += then ? ", then cancelled" : ", then slept";
  co_return outcome;
}

TEST_F(AwaitTest, cancelled_before_the_limit_it_is_cancelled_however_late_it_ends) {
  Frame<768> frame;
  SlowToEnd* operation = nullptr;
  std::string log;
  const Result<Spawned> spawned =
      coroutines.spawn(limits_what_ends_slowly(frame, clock, operation, log), ending.note());
  spawned->cancel();
  clock.advance(10ms);
  operation->end();
  clock.advance(5ms);
  EXPECT_EQ(log, "cancelled, then slept");
  EXPECT_EQ(ending.outcome, Errc::cancelled);
}

TEST_F(AwaitTest, cancelled_while_it_times_out_it_is_cancelled) {
  Frame<768> frame;
  SlowToEnd* operation = nullptr;
  std::string log;
  const Result<Spawned> spawned =
      coroutines.spawn(limits_what_ends_slowly(frame, clock, operation, log), ending.note());
  clock.advance(10ms);
  spawned->cancel();
  operation->end();
  clock.advance(5ms);
  EXPECT_EQ(log, "cancelled, then slept");
  EXPECT_EQ(ending.outcome, Errc::cancelled);
}

Task<Error> limited_slowly_twice(Frame<1280>&, Clock& clock, SlowToEnd*& operation,
                                 std::string& log) {
  Frame<768> frame;
  co_return co_await within(clock, 12ms, limits_what_ends_slowly(frame, clock, operation, log));
}

TEST_F(AwaitTest, a_longer_limit_that_ends_meanwhile_ends_what_is_awaited_next) {
  Frame<1280> frame;
  SlowToEnd* operation = nullptr;
  std::string log;
  ASSERT_TRUE(coroutines.spawn(limited_slowly_twice(frame, clock, operation, log), ending.note()));
  clock.advance(10ms);
  clock.advance(2ms);
  operation->end();
  EXPECT_EQ(log, std::string(describe(Errc::timed_out)) + ", then cancelled");
  EXPECT_EQ(ending.outcome, Errc::timed_out);
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

Task<Error> measures_both(Frame<1024>&, Clock& clock, std::string& log) {
  Frame<160> a;
  Frame<160> b;
  const auto [left, right] =
      co_await when_all(measure(a, clock, 20ms, 1), measure(b, clock, 10ms, 2));
  log = left ? std::to_string(*left) : std::string(describe(left.error()));
  log += ' ';
  log += right ? std::to_string(*right) : std::string(describe(right.error()));
  co_return left.error();
}

TEST_F(AwaitTest, when_all_runs_them_at_the_same_time_and_waits_for_the_last) {
  Frame<1024> frame;
  std::string log;
  ASSERT_TRUE(coroutines.spawn(measures_both(frame, clock, log), ending.note()));
  clock.advance(10ms);
  EXPECT_FALSE(ending.ended);
  clock.advance(10ms);
  EXPECT_TRUE(ending.ended);
  EXPECT_EQ(log, "1 2");
}

TEST_F(AwaitTest, when_all_is_cancelled_in_all_its_parts) {
  Frame<1024> frame;
  std::string log;
  const Result<Spawned> spawned = coroutines.spawn(measures_both(frame, clock, log), ending.note());
  clock.advance(10ms);
  spawned->cancel();
  EXPECT_TRUE(ending.ended);
  EXPECT_EQ(log, "cancelled 2");
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

Task<Error> measures_both_twice(Frame<1024>&, Clock& clock, std::string& log) {
  Frame<160> a;
  Frame<160> b;
  for (int i = 0; i < 2; ++i) {
    const auto [left, right] =
        co_await when_all(measure(a, clock, 20ms, 1), measure(b, clock, 10ms, 2));
    log += left ? '1' : '-';
    log += right ? '2' : '-';
  }
  co_return Error();
}

TEST_F(AwaitTest, cancelling_a_group_does_not_reach_the_group_that_follows_it) {
  Frame<1024> frame;
  std::string log;
  const Result<Spawned> spawned =
      coroutines.spawn(measures_both_twice(frame, clock, log), ending.note());
  clock.advance(10ms);
  spawned->cancel();
  EXPECT_EQ(log, "-2");
  clock.advance(20ms);
  EXPECT_EQ(log, "-212");
  EXPECT_TRUE(ending.ended);
}

Task<Error> without_frames(Frame<512>&, Clock& clock, Frame<160>& taken) {
  const auto [left, right] =
      co_await when_all(pause(taken, clock, 10ms), pause(taken, clock, 10ms));
  co_return left == Errc::no_capacity ? right : Error();
}

TEST_F(AwaitTest, when_all_ends_at_once_if_nothing_can_begin) {
  Frame<512> frame;
  Frame<160> taken;
  const Task<Error> holder = pause(taken, clock, 1s);
  ASSERT_TRUE(coroutines.spawn(without_frames(frame, clock, taken), ending.note()));
  EXPECT_EQ(ending.outcome, Errc::no_capacity);
}

Task<Error> takes_the_first(Frame<1024>&, Clock& clock, std::size_t& first, Frame<160>& b) {
  Frame<160> a;
  const auto any = co_await when_any(measure(a, clock, 20ms, 1), measure(b, clock, 10ms, 2));
  first = any.first;
  co_return std::get<0>(any.outcomes).error();
}

TEST_F(AwaitTest, when_any_cancels_the_losers_and_leaves_nothing_behind) {
  Frame<1024> frame;
  Frame<160> other;
  std::size_t first = 9;
  ASSERT_TRUE(coroutines.spawn(takes_the_first(frame, clock, first, other), ending.note()));
  clock.advance(10ms);
  EXPECT_TRUE(ending.ended);
  EXPECT_EQ(first, 1U);
  EXPECT_EQ(ending.outcome, Errc::cancelled);
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

// What it does when it is told to stop takes a while.
Task<Error> tidies_up(Frame<256>&, Clock& clock, Duration length, int& tidy) {
  const Error interrupted = co_await sleep(clock, 1s);
  if (Error error = co_await sleep(clock, length)) co_return error;
  ++tidy;
  co_return interrupted;
}

Task<Error> tidies_up_twice(Frame<1280>&, Clock& clock, int& tidy) {
  Frame<256> a;
  Frame<256> b;
  co_await when_any(tidies_up(a, clock, 5ms, tidy), tidies_up(b, clock, 10ms, tidy));
  co_return Error();
}

TEST_F(AwaitTest, when_any_that_is_cancelled_cancels_each_task_once) {
  Frame<1280> frame;
  int tidy = 0;
  const Result<Spawned> spawned =
      coroutines.spawn(tidies_up_twice(frame, clock, tidy), ending.note());
  spawned->cancel();
  clock.advance(5ms);
  EXPECT_EQ(tidy, 1);
  clock.advance(5ms);
  EXPECT_EQ(tidy, 2);
  EXPECT_TRUE(ending.ended);
}

// Somebody else cancels while the task comes to terms with its time-out.
Task<Error> is_cancelled_as_well(Frame<160>&, Clock& clock, Spawned& self) {
  const Error interrupted = co_await sleep(clock, 1s);
  self.cancel();
  co_return interrupted;
}

Task<Error> sleeps_after_a_limit(Frame<768>&, Clock& clock, Spawned& self) {
  Frame<160> frame;
  const Error limited = co_await within(clock, 10ms, is_cancelled_as_well(frame, clock, self));
  EXPECT_EQ(limited, Errc::timed_out);
  co_return co_await sleep(clock, 1s);
}

TEST_F(AwaitTest, within_leaves_alone_what_somebody_else_cancels) {
  Frame<768> frame;
  Spawned self;
  self = *coroutines.spawn(sleeps_after_a_limit(frame, clock, self), ending.note());
  clock.advance(10ms);
  EXPECT_TRUE(ending.ended);
  EXPECT_EQ(ending.outcome, Errc::cancelled);
}

TEST_F(AwaitTest, when_any_counts_one_that_cannot_begin_as_the_first) {
  Frame<1024> frame;
  Frame<160> taken;
  const Task<Error> holder = pause(taken, clock, 1s);
  std::size_t first = 9;
  ASSERT_TRUE(coroutines.spawn(takes_the_first(frame, clock, first, taken), ending.note()));
  EXPECT_EQ(first, 1U);
  EXPECT_EQ(ending.outcome, Errc::cancelled);
}

TEST_F(AwaitTest, tasks_that_run_at_the_same_time_may_be_destroyed_at_any_point) {
  for (const Duration at : {0ms, 5ms, 10ms, 15ms}) {
    Frame<1024> frame;
    std::string log;
    {
      Coroutines<1> pool;
      ASSERT_TRUE(pool.spawn(measures_both(frame, clock, log)));
      clock.advance(at);
    }
    EXPECT_EQ(log, "");
    EXPECT_EQ(clock.timer_use().in_use, 0U);
  }
}

struct SignalTest : testing::Test {
  MemoryNetwork<> network;
  MemoryReactor<> reactor{network};
  Frame<160> frame;
  Frame<160> second;
  Coroutines<4> coroutines;
  Signal signal{reactor};
};

Task<Error> waits(Frame<160>&, Signal& signal, int& count) {
  while (true) {
    if (Error error = co_await signal.wait()) co_return error;
    ++count;
  }
}

TEST_F(SignalTest, wakes_who_waits_each_time) {
  int count = 0;
  ASSERT_TRUE(coroutines.spawn(waits(frame, signal, count)));
  EXPECT_EQ(count, 0);
  signal.set();
  signal.set();
  EXPECT_EQ(count, 2);
}

TEST_F(SignalTest, is_remembered_once) {
  int count = 0;
  signal.set();
  signal.set();
  ASSERT_TRUE(coroutines.spawn(waits(frame, signal, count)));
  EXPECT_EQ(count, 1);
}

TEST_F(SignalTest, comes_from_a_thread_in_the_next_turn) {
  int count = 0;
  ASSERT_TRUE(coroutines.spawn(waits(frame, signal, count)));
  EXPECT_TRUE(signal.set_from_thread());
  EXPECT_EQ(count, 0);
  reactor.turn(Duration::zero());
  EXPECT_EQ(count, 1);
}

TEST_F(SignalTest, has_one_who_waits) {
  int count = 0;
  Error outcome;
  ASSERT_TRUE(coroutines.spawn(waits(frame, signal, count)));
  ASSERT_TRUE(
      coroutines.spawn(waits(second, signal, count), [&](Error error) { outcome = error; }));
  EXPECT_EQ(outcome, Errc::already_running);
}

TEST_F(SignalTest, may_be_waited_for_again_after_a_wait_was_cancelled) {
  int count = 0;
  const Result<Spawned> spawned = coroutines.spawn(waits(frame, signal, count));
  EXPECT_TRUE(spawned->cancel());
  EXPECT_FALSE(spawned->active());
  ASSERT_TRUE(coroutines.spawn(waits(frame, signal, count)));
  signal.set();
  EXPECT_EQ(count, 1);
}

TEST_F(SignalTest, may_be_waited_for_again_after_who_waited_was_destroyed) {
  int count = 0;
  const Result<Spawned> spawned = coroutines.spawn(waits(frame, signal, count));
  EXPECT_TRUE(spawned->destroy());
  ASSERT_TRUE(coroutines.spawn(waits(frame, signal, count)));
  signal.set();
  EXPECT_EQ(count, 1);
}

TEST_F(SignalTest, is_not_set_when_the_queue_of_posted_calls_is_full) {
  int count = 0;
  ASSERT_TRUE(coroutines.spawn(waits(frame, signal, count)));
  while (reactor.call_from_thread([] {})) {
  }
  EXPECT_FALSE(signal.set_from_thread());
  EXPECT_FALSE(signal.set_from_isr());
  reactor.turn(Duration::zero());
  EXPECT_EQ(count, 0);
  EXPECT_TRUE(signal.set_from_isr());
  reactor.turn(Duration::zero());
  EXPECT_EQ(count, 1);
}

Task<Error> waits_within(Frame<160>&, Clock& clock, Duration limit, Signal& signal) {
  co_return co_await within(clock, limit, signal.wait());
}

TEST_F(SignalTest, waiting_for_it_can_be_limited) {
  Error outcome;
  ASSERT_TRUE(coroutines.spawn(waits_within(frame, reactor, 10ms, signal),
                               [&](Error error) { outcome = error; }));
  reactor.run_for(20ms);
  EXPECT_EQ(outcome, Errc::timed_out);
  EXPECT_EQ(reactor.timer_use().in_use, 0U);
}

}  // namespace
}  // namespace bobbin
