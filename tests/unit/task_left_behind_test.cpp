// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// What a fixture sees of coroutines that lie outside of its pool.
#include <bobbin/testing/test_case.hpp>

#include <functional>
#include <optional>

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <bobbin/testing.hpp>
#include <bobbin/when.hpp>

namespace bobbin {
namespace {

Task<Error> waits(Frame<256>&, Signal& signal) { co_return co_await signal.wait(); }

// Awaits without an operation of the clock's or a frame of the pool's, so that it leaves nothing
// else.
Task<int> asks(Frame<256>&, Deferred<int>& answer) {
  const Outcome<int> outcome = co_await answer;
  if (!outcome) co_return outcome.failure().error();
  co_return *outcome;
}

Task<Error> asks_two(Frame<1024>&, Frame<256>* frames, Deferred<int>* answers) {
  const auto [first, second] =
      co_await when_all(asks(frames[0], answers[0]), asks(frames[1], answers[1]));
  if (!first) co_return first.error();
  co_return second.error();
}

// A test inside a test: what GoogleTest makes of a fixture, step by step.
struct Inner : TestCase<> {
  static void live(const std::function<void(Inner&)>& body) {
    Inner test;
    test.SetUp();
    body(test);
    test.TearDown();
  }
  void TestBody() override {}

  using TestCase<>::coroutines;
  using TestCase<>::reactor;
  using TestCase<>::run;

  Deferred<int> answers[2];
  Signal signal{reactor};
  Frame<256> frames[2];
  Frame<1024> large_frame;
  Tidy<Coroutines<2>> brewers{*this, "the brewers"};
  std::optional<TaskDeferred<int>> tasks[2] = {std::nullopt, std::nullopt};

  void begin(std::size_t i, CoroutinePool& pool) {
    tasks[i].emplace();
    ASSERT_FALSE(tasks[i]->start(pool, asks(frames[i], answers[i])));
  }
};

TEST(TaskLeftBehind, is_a_deferred_whose_task_still_runs) {
  const auto leave = [](Inner& test) { test.begin(0, test.coroutines); };
  EXPECT_NONFATAL_FAILURE(Inner::live(leave),
                          "behind:\n  1 coroutine in a place of its own, as a TaskDeferred has\n");
}

TEST(TaskLeftBehind, is_counted) {
  const auto leave = [](Inner& test) {
    for (const std::size_t i : {0U, 1U}) test.begin(i, test.coroutines);
  };
  EXPECT_NONFATAL_FAILURE(Inner::live(leave), "  2 coroutines in a place of its own");
}

TEST(TaskLeftBehind, is_told_apart_from_what_is_in_the_pool) {
  const auto leave = [](Inner& test) {
    test.begin(0, test.brewers);
    ASSERT_TRUE(test.brewers.spawn(waits(test.frames[1], test.signal)));
  };
  EXPECT_NONFATAL_FAILURE(Inner::live(leave),
                          "  1 coroutine of the brewers\n"
                          "  1 coroutine of the brewers in a place of its own");
}

TEST(TaskLeftBehind, is_whoever_a_coroutine_waits_for_too) {
  const auto leave = [](Inner& test) {
    ASSERT_TRUE(test.coroutines.spawn(asks_two(test.large_frame, test.frames, test.answers)));
  };
  EXPECT_NONFATAL_FAILURE(Inner::live(leave),
                          "  1 coroutine\n"
                          "  2 coroutines in a place of its own");
}

TEST(TaskLeftBehind, is_nothing_of_a_task_that_has_ended) {
  Inner::live([](Inner& test) {
    for (const std::size_t i : {0U, 1U}) test.begin(i, test.coroutines);
    EXPECT_EQ(test.coroutines.elsewhere(), 2U);
    test.answers[0].callback(5);
    EXPECT_EQ(success_result_of(*test.tasks[0]), 5);
    EXPECT_EQ(test.coroutines.elsewhere(), 1U);
    test.tasks[1]->cancel();
    EXPECT_EQ(failure_result_of(*test.tasks[1]), Errc::cancelled);
    EXPECT_EQ(test.coroutines.elsewhere(), 0U);
  });
}

TEST(TaskLeftBehind, is_nothing_of_one_that_was_destroyed_before) {
  Inner::live([](Inner& test) {
    test.begin(0, test.coroutines);
    test.tasks[0].reset();
    EXPECT_EQ(test.coroutines.elsewhere(), 0U);
    test.answers[0].reset();
    ASSERT_TRUE(test.coroutines.spawn(asks_two(test.large_frame, test.frames, test.answers)));
    EXPECT_EQ(test.coroutines.elsewhere(), 2U);
    for (auto& answer : test.answers) answer.callback(1);
    EXPECT_EQ(test.coroutines.elsewhere(), 0U);
  });
}

TEST(TaskLeftBehind, is_ended_by_the_run_that_waits_for_its_result) {
  Inner::live([](Inner& test) {
    test.begin(0, test.coroutines);
    ASSERT_TRUE(test.reactor.call_later(Duration(1), [&test] { test.answers[0].callback(5); }));
    EXPECT_EQ(success_result_of(test.run(*test.tasks[0])), 5);
  });
}

#ifndef BOBBIN_NO_ASSERTIONS
TEST(TaskLeftBehindDeathTest, must_not_outlive_its_pool) {
  const auto outlive = [] {
    Frame<256> frame;
    Deferred<int> answer;
    TaskDeferred<int> task;
    Coroutines<1> pool;
    static_cast<void>(task.start(pool, asks(frame, answer)));
  };
  EXPECT_DEATH(outlive(), "");
}
#endif

}  // namespace
}  // namespace bobbin
