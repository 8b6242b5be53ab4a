// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include <bobbin/await_deferred.hpp>
#include <bobbin/coroutines.hpp>
#include <bobbin/deferred.hpp>

#include "support/deferred.hpp"

// The programs of "Expert Twisted", chapter 2, that are generators and coroutines there, with what
// they print. A generator that yields is a coroutine that awaits a Deferred; who sends it a value
// fires that with the value, and who throws an error into it with a failure.

namespace bobbin {
namespace {

using test::Lines;
using test::Oops;
using test::say;
using Body = Frame<512>;
using Text = const char*;

class AwaitExpert : public test::DeferredTest {
 protected:
  // Twisted's `next` or `send(None)`, which is where a body begins.
  void begin(Task<Error> task) {
    begun = *coroutines.spawn(std::move(task),
                              [](Error error) { say(error ? "ended with an error" : "ended"); });
  }

  Body body;
  Frame<512> inner_body;
  Coroutines<2> coroutines;
  Spawned begun;
  Deferred<int> sent[2];
};

void say_yielded(int value) { say("yields " + std::to_string(value)); }

Task<Error> receiving_generator(Body&, Deferred<int>* sent) {
  say("Begin");
  const int x = 1;
  say_yielded(x);
  const Outcome<int> y = co_await sent[0];
  if (!y) co_return y.failure().error();
  say("Continue");
  say_yielded(x + *y);
  const Outcome<int> z = co_await sent[1];
  if (!z) co_return z.failure().error();
  say(x + *y + *z);
  co_return Error();
}

TEST_F(AwaitExpert, E2_10_a_generator_that_receives) {
  Task<Error> generator = receiving_generator(body, sent);
  EXPECT_EQ(said(), Lines{}) << "it begins when it is told to";
  begin(std::move(generator));
  EXPECT_EQ(said(), (Lines{"Begin", "yields 1"}));
  sent[0].callback(2);
  EXPECT_EQ(said(), (Lines{"Continue", "yields 3"}));
  sent[1].callback(3);
  EXPECT_EQ(said(), (Lines{"6", "ended"}));
}

Task<Error> failing_generator(Body&, Deferred<int>& sent) {
  say_yielded(1);
  const Outcome<int> outcome = co_await sent;
  if (outcome) co_return Error();
  if (!outcome.failure().check(Oops::value_error)) co_return outcome.failure().error();
  say("Caught ValueError");
  co_return Error();
}

TEST_F(AwaitExpert, E2_10_a_generator_that_fails) {
  begin(failing_generator(body, sent[0]));
  EXPECT_EQ(said(), Lines{"yields 1"});
  sent[0].errback(Oops::type_error);
  EXPECT_EQ(said(), Lines{"ended with an error"});

  begin(failing_generator(body, sent[1]));
  EXPECT_EQ(said(), Lines{"yields 1"});
  sent[1].errback(Oops::value_error);
  EXPECT_EQ(said(), (Lines{"Caught ValueError", "ended"}));
}

Task<int> e(Frame<512>&, Deferred<int>& sent) {
  say_yielded(1);
  const Outcome<int> a = co_await sent;
  if (!a) co_return a.failure().error();
  co_return *a + 2;
}

Task<Error> f(Body&, Frame<512>& inner, Deferred<int>& sent) {
  say("Begin f");
  const Result<int> c = co_await e(inner, sent);
  if (!c) co_return c.error();
  say(*c);
  co_return Error();
}

TEST_F(AwaitExpert, E2_11_one_generator_delegates_to_another) {
  begin(f(body, inner_body, sent[0]));
  EXPECT_EQ(said(), (Lines{"Begin f", "yields 1"}));
  sent[0].callback(2);
  EXPECT_EQ(said(), (Lines{"4", "ended"}));
}

Task<Error> print_result(Body&, Deferred<Text>& result) {
  const Outcome<Text> outcome = co_await result;
  if (!outcome) co_return outcome.failure().error();
  say(*outcome);
  co_return Error();
}

TEST_F(AwaitExpert, E2_12_awaits_what_is_like_a_future) {
  Deferred<Text> result;
  begin(print_result(body, result));
  EXPECT_TRUE(begun.active());
  EXPECT_EQ(said(), Lines{});
  result.callback("the result");
  EXPECT_EQ(said(), (Lines{"the result", "ended"}));
}

// Python's None, to which nothing can be added.
Outcome<int> add_two(std::optional<int> value) {
  if (!value) return Failure(Oops::type_error);
  return *value + 2;
}

Task<Error> awaits_chain(Body&, Chain<int> chain) {
  const Outcome<int> outcome = co_await chain;
  say(outcome ? std::to_string(*outcome) : std::string(describe(outcome.failure())));
  co_return Error();
}

TEST_F(AwaitExpert, E2_13_awaits_what_comes_out_at_the_end_of_a_chain) {
  const Chain<int> chain = sent[0]
                               .add_callback([](int value) {
                                 say(std::to_string(value) + " was received by a callback");
                               })
                               .add_callback([] { return add_two(std::nullopt); });
  begin(awaits_chain(body, chain));
  sent[0].callback(1);
  EXPECT_EQ(said(), (Lines{"1 was received by a callback", std::string(describe(Oops::type_error)),
                           "ended"}));
}

Task<int> async_increment(Body&, Deferred<std::optional<int>>& awaited) {
  const Outcome<std::optional<int>> value = co_await awaited;
  if (!value) co_return value.failure().error();
  if (!*value) co_return Failure(Oops::type_error).error();
  co_return **value + 1;
}

// The task starts in a Deferred; what it ends with is printed.
Lines increment(Body& body, CoroutinePool& coroutines, std::optional<int> value) {
  Deferred<std::optional<int>> awaited;
  TaskDeferred<int> incremented;
  EXPECT_FALSE(incremented.start(coroutines, async_increment(body, awaited)));
  incremented.add_callbacks([](int result) { say(result); },
                            [](Failure failure) {
                              EXPECT_EQ(failure, Errc::application_error);
                              say(describe(static_cast<Oops>(failure.error().native)).data());
                            });
  EXPECT_TRUE(test::lines().empty());
  awaited.callback(value);
  return std::exchange(test::lines(), {});
}

TEST_F(AwaitExpert, E2_14_a_deferred_that_a_coroutine_fires) {
  EXPECT_EQ(increment(body, coroutines, 1), Lines{"2"});
  EXPECT_EQ(increment(body, coroutines, std::nullopt),
            Lines{std::string(describe(Oops::type_error))});
}

// Asked for both before either is awaited.
Task<Error> issue_two(Body&, Deferred<int>* answers) {
  const auto request = [](int number) { say("request " + std::to_string(number)); };
  request(1);
  request(2);
  const Outcome<int> first = co_await answers[0];
  if (!first) co_return first.failure().error();
  say("first: " + std::to_string(*first));
  const Outcome<int> second = co_await answers[1];
  if (!second) co_return second.failure().error();
  say("second: " + std::to_string(*second));
  co_return Error();
}

TEST_F(AwaitExpert, E2_15_two_requests_run_at_the_same_time_whichever_is_awaited_first) {
  begin(issue_two(body, sent));
  EXPECT_EQ(said(), (Lines{"request 1", "request 2"}));
  sent[1].callback(22);
  EXPECT_EQ(said(), Lines{});
  sent[0].callback(11);
  EXPECT_EQ(said(), (Lines{"first: 11", "second: 22", "ended"}));
}

}  // namespace
}  // namespace bobbin
