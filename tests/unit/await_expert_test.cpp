// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <bobbin/await_deferred.hpp>
#include <bobbin/clock.hpp>
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

Task<Outcome<void>> failing_generator(Body&, Deferred<int>& sent) {
  say_yielded(1);
  const Outcome<int> outcome = co_await sent;
  if (outcome) co_return {};
  if (!outcome.failure().check(Oops::value_error)) co_return outcome.failure();
  say("Caught ValueError");
  co_return {};
}

TEST_F(AwaitExpert, E2_10_a_generator_that_fails) {
  const Failure thrown(Oops::type_error);
  TaskDeferred<Outcome<void>> first(coroutines, failing_generator(body, sent[0]));
  EXPECT_EQ(said(), Lines{"yields 1"});
  EXPECT_TRUE(test::no_result(first));
  sent[0].errback(thrown);
  EXPECT_EQ(said(), Lines{});
  const Failure heard = test::failure_result_of(first);
  EXPECT_EQ(heard, Oops::type_error);
  EXPECT_EQ(heard.origin().line, thrown.origin().line);

  TaskDeferred<Outcome<void>> second(coroutines, failing_generator(body, sent[1]));
  EXPECT_EQ(said(), Lines{"yields 1"});
  sent[1].errback(Oops::value_error);
  EXPECT_EQ(said(), Lines{"Caught ValueError"});
  test::success_result_of(second);
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

// A server that takes a while to answer a request with its number.
struct SlowServer {
  void request(int number, Duration takes, Deferred<int>& answer) {
    say(at() + "request " + std::to_string(number));
    answer.add_callback([this, number](int value) {
      say(at() + "answer " + std::to_string(number));
      return value;
    });
    const auto fire = [&answer, number] { answer.callback(number); };
    ASSERT_TRUE(clock.call_later(takes, fire));
  }
  std::string at() const {
    using Seconds = std::chrono::seconds;
    const auto seconds = std::chrono::duration_cast<Seconds>(clock.now().time_since_epoch());
    return std::to_string(seconds.count()) + " s: ";
  }

  ManualClock<2> clock;
};

// Asked for both before either is awaited.
Task<Error> issue_two(Body&, SlowServer& server, Deferred<int>* answers, int awaited_first) {
  server.request(1, std::chrono::seconds(5), answers[0]);
  server.request(2, std::chrono::seconds(2), answers[1]);
  for (const int index : {awaited_first, 1 - awaited_first}) {
    const Outcome<int> answer = co_await answers[index];
    if (!answer) co_return answer.failure().error();
    say(server.at() + "has " + std::to_string(*answer));
  }
  co_return Error();
}

// The requests are over after as long as the longer one takes, and the answers come in their own
// order; only when they are looked at depends on who is awaited first.
TEST_F(AwaitExpert, E2_15_two_requests_run_at_the_same_time_whichever_is_awaited_first) {
  for (const int awaited_first : {0, 1}) {
    SlowServer server;
    Deferred<int> answers[2];
    begin(issue_two(body, server, answers, awaited_first));
    EXPECT_EQ(said(), (Lines{"0 s: request 1", "0 s: request 2"}));
    while (server.clock.advance_to_next()) {
    }
    EXPECT_EQ(said(),
              awaited_first == 0
                  ? (Lines{"2 s: answer 2", "5 s: answer 1", "5 s: has 1", "5 s: has 2", "ended"})
                  : (Lines{"2 s: answer 2", "2 s: has 2", "5 s: answer 1", "5 s: has 1", "ended"}));
  }
}

}  // namespace
}  // namespace bobbin
