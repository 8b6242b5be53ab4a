// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

#include <bobbin/await.hpp>
#include <bobbin/coroutines.hpp>
#include <bobbin/task.hpp>

namespace bobbin {
namespace {

using namespace std::chrono_literals;

struct CoroutineTest : testing::Test {
  CoroutineTest() {
    coroutines.on_error([this](Error error) { unhandled = error; });
  }

  // Runs it to its end, for a second of virtual time at most.
  template <class T>
  Error outcome_of(Task<T> task) {
    Error outcome = Errc::not_running;
    const Result<Spawned> spawned =
        coroutines.spawn(std::move(task), [&outcome](Error error) { outcome = error; });
    if (!spawned) return spawned.error();
    for (int i = 0; i < 100 && spawned->active(); ++i) clock.advance(10ms);
    EXPECT_FALSE(spawned->active());
    return outcome;
  }

  ManualClock<4> clock;
  Coroutines<3> coroutines;
  std::string log;
  Error unhandled;
};

Task<int> add(Frame<64>&, int a, int b) { co_return a + b; }

Task<int> fail(Frame<64>&, Errc code) { co_return code; }

Task<> note(Frame<64>&, std::string& log, const char* what) {
  log += what;
  co_return;
}

Task<Error> pause(Frame<160>&, Clock& clock, Duration length) {
  co_return co_await sleep(clock, length);
}

TEST_F(CoroutineTest, a_task_does_not_begin_before_it_is_awaited_or_spawned) {
  Frame<64> frame;
  {
    const Task<> task = note(frame, log, "ran");
    EXPECT_TRUE(frame.taken());
  }
  EXPECT_FALSE(frame.taken());
  EXPECT_EQ(log, "");
  ASSERT_TRUE(coroutines.spawn(note(frame, log, "ran")));
  EXPECT_EQ(log, "ran");
  EXPECT_FALSE(frame.taken());
}

Task<Error> awaits_values(Frame<256>&, std::string& log) {
  Frame<64> frame;
  const Result<int> sum = co_await add(frame, 2, 3);
  if (!sum) co_return sum.error();
  log += std::to_string(*sum);
  const Result<int> failed = co_await fail(frame, Errc::unreachable);
  log += failed ? "no error" : describe(failed.error());
  const Error nothing = co_await note(frame, log, ".");
  co_return nothing;
}

TEST_F(CoroutineTest, awaiting_gives_the_value_or_the_error) {
  Frame<256> frame;
  EXPECT_FALSE(outcome_of(awaits_values(frame, log)));
  EXPECT_EQ(log, "5" + std::string(describe(Errc::unreachable)) + ".");
}

TEST_F(CoroutineTest, a_frame_that_is_taken_is_an_error_and_never_a_wait) {
  Frame<160> frame;
  ASSERT_TRUE(coroutines.spawn(pause(frame, clock, 10ms)));
  const Result<Spawned> second = coroutines.spawn(pause(frame, clock, 10ms));
  EXPECT_EQ(second.error(), Errc::no_capacity);
  clock.advance(10ms);
  EXPECT_FALSE(frame.taken());
  EXPECT_TRUE(coroutines.spawn(pause(frame, clock, 10ms)));
  clock.advance(10ms);
}

Task<Error> awaits_in_a_taken_frame(Frame<160>&, Frame<64>& taken) {
  const Result<int> sum = co_await add(taken, 2, 3);
  co_return sum.error();
}

TEST_F(CoroutineTest, awaiting_a_task_without_a_frame_gives_no_capacity) {
  Frame<160> frame;
  Frame<64> taken;
  const Task<int> holder = add(taken, 0, 0);
  EXPECT_EQ(outcome_of(awaits_in_a_taken_frame(frame, taken)), Errc::no_capacity);
}

TEST_F(CoroutineTest, a_full_pool_is_an_error_and_the_frame_is_free_again) {
  Frame<160> frames[4];
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(coroutines.spawn(pause(frames[i], clock, 10ms)));
  EXPECT_EQ(coroutines.spawn(pause(frames[3], clock, 10ms)).error(), Errc::no_capacity);
  EXPECT_FALSE(frames[3].taken());
  EXPECT_EQ(coroutines.use().refused, 1U);
  clock.advance(10ms);
  EXPECT_EQ(coroutines.use().in_use, 0U);
  EXPECT_EQ(coroutines.use().high_water, 3U);
}

TEST_F(CoroutineTest, an_error_nobody_asked_after_is_reported) {
  Frame<64> frame;
  ASSERT_TRUE(coroutines.spawn(fail(frame, Errc::unreachable)));
  EXPECT_EQ(unhandled, Errc::unreachable);
}

TEST_F(CoroutineTest, an_error_somebody_asked_after_is_not_reported) {
  Frame<64> frame;
  EXPECT_EQ(outcome_of(fail(frame, Errc::unreachable)), Errc::unreachable);
  EXPECT_FALSE(unhandled);
}

TEST_F(CoroutineTest, a_frame_tells_how_large_its_largest_coroutine_was) {
  Frame<64> frame;
  EXPECT_EQ(frame.largest(), 0U);
  { const Task<int> task = add(frame, 1, 2); }
  EXPECT_GT(frame.largest(), 0U);
  EXPECT_LE(frame.largest(), Frame<64>::capacity);
}

struct Counter {
  Task<> count(Frame<64>&, int by) {
    total += by;
    co_return;
  }
  int total = 0;
};

TEST_F(CoroutineTest, members_and_lambdas_are_coroutines_too) {
  Frame<64> frame;
  Counter counter;
  ASSERT_TRUE(coroutines.spawn(counter.count(frame, 5)));
  EXPECT_EQ(counter.total, 5);
  int called = 0;
  const auto lambda = [&called](Frame<64>&) -> Task<> {
    ++called;
    co_return;
  };
  ASSERT_TRUE(coroutines.spawn(lambda(frame)));
  EXPECT_EQ(called, 1);
}

TEST_F(CoroutineTest, sleeping_takes_its_time) {
  Frame<160> frame;
  const Result<Spawned> spawned = coroutines.spawn(pause(frame, clock, 10ms));
  clock.advance(9ms);
  EXPECT_TRUE(spawned->active());
  clock.advance(1ms);
  EXPECT_FALSE(spawned->active());
}

TEST_F(CoroutineTest, sleeping_without_a_timer_is_an_error) {
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(clock.call_later(1s, [] {}));
  Frame<160> frame;
  EXPECT_EQ(outcome_of(pause(frame, clock, 10ms)), Errc::no_capacity);
}

Task<Error> sleeps_below(Frame<512>&, Clock& clock, std::string& log) {
  Frame<160> frame;
  const Error first = co_await pause(frame, clock, 1s);
  log += first ? describe(first) : "slept";
  const Error second = co_await pause(frame, clock, 10ms);
  log += second ? describe(second) : ", slept";
  co_return first;
}

TEST_F(CoroutineTest, cancelling_reaches_the_innermost_operation_and_no_other) {
  Frame<512> frame;
  Result<Spawned> spawned = coroutines.spawn(sleeps_below(frame, clock, log));
  EXPECT_TRUE(spawned->cancel());
  EXPECT_TRUE(spawned->active());
  EXPECT_EQ(log, "cancelled");
  clock.advance(10ms);
  EXPECT_EQ(log, "cancelled, slept");
  EXPECT_FALSE(spawned->cancel());
  EXPECT_EQ(unhandled, Errc::cancelled);
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

Task<Error> cancels_itself(Frame<256>&, Clock& clock, Spawned& self) {
  self.cancel();
  const Error first = co_await sleep(clock, 10ms);
  const Error second = co_await sleep(clock, 10ms);
  co_return first == Errc::cancelled && !second ? Error() : Error(Errc::invalid_argument);
}

TEST_F(CoroutineTest, cancelled_while_it_runs_the_next_await_is_cancelled) {
  Frame<256> frame;
  Frame<64> other;
  Spawned self;
  Error outcome = Errc::not_running;
  // Spawned from inside a coroutine it begins later, so that it can know itself.
  const auto starter = [&](Frame<64>&) -> Task<> {
    self = *coroutines.spawn(cancels_itself(frame, clock, self),
                             [&](Error error) { outcome = error; });
    co_return;
  };
  ASSERT_TRUE(coroutines.spawn(starter(other)));
  clock.advance(10ms);
  EXPECT_FALSE(outcome);
}

TEST_F(CoroutineTest, destroying_the_pool_takes_back_what_was_asked_for) {
  Frame<512> frame;
  {
    Coroutines<1> pool;
    ASSERT_TRUE(pool.spawn(sleeps_below(frame, clock, log)));
    EXPECT_EQ(clock.timer_use().in_use, 1U);
  }
  EXPECT_EQ(clock.timer_use().in_use, 0U);
  EXPECT_FALSE(frame.taken());
  EXPECT_EQ(log, "");
}

TEST_F(CoroutineTest, one_that_is_ready_may_be_destroyed_before_it_goes_on) {
  Frame<256> frame;
  Frame<64> first;
  Frame<64> last;
  const auto starter = [&](Frame<256>&) -> Task<> {
    EXPECT_TRUE(coroutines.spawn(note(first, log, "a")));
    const Result<Spawned> gone = coroutines.spawn(note(last, log, "b"));
    EXPECT_TRUE(gone->destroy());
    EXPECT_TRUE(coroutines.spawn(note(last, log, "c")));
    co_return;
  };
  ASSERT_TRUE(coroutines.spawn(starter(frame)));
  EXPECT_EQ(log, "ac");
  EXPECT_EQ(coroutines.use().in_use, 0U);
}

TEST_F(CoroutineTest, what_ends_may_be_followed_in_the_same_place_and_frame) {
  Frame<64> frame;
  struct Chain {
    explicit Chain(Frame<64>& frame_in) : frame(frame_in) {}
    void next(Error) {
      if (count++ == 3) return;
      EXPECT_TRUE(coroutines.spawn(add(frame, 1, 1), [this](Error error) { next(error); }));
    }
    Coroutines<1> coroutines;
    Frame<64>& frame;
    int count = 0;
  } chain(frame);
  chain.next({});
  EXPECT_EQ(chain.count, 4);
}

Task<Error> sums(Frame<256>&, int count, int& total) {
  Frame<64> frame;
  for (int i = 0; i < count; ++i) {
    const Result<int> sum = co_await add(frame, total, 1);
    if (!sum) co_return sum.error();
    total = *sum;
  }
  co_return Error();
}

TEST_F(CoroutineTest, a_million_awaits_that_end_at_once_do_not_grow_the_stack) {
  Frame<256> frame;
  int total = 0;
  EXPECT_FALSE(outcome_of(sums(frame, 1'000'000, total)));
  EXPECT_EQ(total, 1'000'000);
}

}  // namespace
}  // namespace bobbin
