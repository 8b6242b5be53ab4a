// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include <bobbin/clock.hpp>
#include <bobbin/deferred.hpp>
#include <bobbin/deferred_list.hpp>
#include <bobbin/one_shot_observer.hpp>

#include "support/deferred.hpp"

// The programs of "Expert Twisted", chapter 2, and the race of chapter 7, with what they print.
// Those that wait for several Deferreds at once are in deferred_list_test.

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using test::Lines;
using test::Oops;
using test::say;
using Text = const char*;

class DeferredExpert : public test::DeferredTest {};

// Python's None is a field without a number, which cannot be added to.
Outcome<int> add_two(std::optional<int> field) {
  if (!field) return Failure(Oops::type_error);
  return *field + 2;
}
int divide_by_three(int value) { return value / 3; }
int multiply_by_four(int value) { return value * 4; }

TEST_F(DeferredExpert, E2_1_many_callbacks_and_one_errback) {
  const auto request_field = [](Outcome<std::optional<int>> field) {
    Deferred<std::optional<int>, 5> d;
    d.add_callback(add_two)
        .add_callback(divide_by_three)
        .add_callback(multiply_by_four)
        .trap<Oops::type_error>([] { return -1; })
        .add_both([](Outcome<int> outcome) {
          say(outcome ? std::to_string(*outcome) : std::string(describe(outcome.failure())));
        });
    d.fire_with([&field] { return field; });
    return said();
  };
  EXPECT_EQ(request_field(std::optional<int>(10)), Lines{"16"});
  EXPECT_EQ(request_field(std::optional<int>()), Lines{"-1"});
  EXPECT_EQ(request_field(Failure(Oops::oops)), Lines{"oops"});
}

TEST_F(DeferredExpert, E2_2_suppresses_one_kind_of_error) {
  const auto result_of = [](Oops oops) {
    Deferred<int> d = fail<int>(oops);
    const Chain<void> end = d.trap<Oops::value_error>([](Failure) {});
    return test::take_result(end).value();
  };
  EXPECT_TRUE(result_of(Oops::value_error));
  EXPECT_EQ(result_of(Oops::type_error).failure(), Oops::type_error);
}

TEST_F(DeferredExpert, E2_3_a_first_session) {
  Deferred<Text> d;
  d.add_callback([positional = "positional", keyword = 1](Text result) {
    say("result = " + std::string(result) + " positional = " + positional +
        " keyword = " + std::to_string(keyword));
  });
  EXPECT_TRUE(d.callback("result"));
  EXPECT_EQ(said(), Lines{"result = result positional = positional keyword = 1"});
  EXPECT_FALSE(d.callback("whoops"));

  Deferred<Text> d2;
  d2.callback("the result");
  d2.add_callback([](Text result) { say(result); });
  EXPECT_EQ(said(), Lines{"the result"});
}

// Says READY, and OK once something has its result; `ready_first` is the right order.
std::string ready_ok(bool ready_first, bool fired_already) {
  std::string written;
  Deferred<void> api;
  if (fired_already) api.callback();
  if (ready_first) written += "READY\n";
  api.add_callback([&written] { written += "OK\n"; });
  if (!ready_first) written += "READY\n";
  if (!fired_already) api.callback();
  return written;
}

TEST_F(DeferredExpert, E2_4_what_must_come_first_is_done_before_asking) {
  EXPECT_EQ(ready_ok(false, false), "READY\nOK\n");
  EXPECT_EQ(ready_ok(false, true), "OK\nREADY\n") << "the bug";
  EXPECT_EQ(ready_ok(true, false), "READY\nOK\n");
  EXPECT_EQ(ready_ok(true, true), "READY\nOK\n");
}

Outcome<int> reciprocal(int number) {
  if (number == 0) return Failure(Oops::zero_division);
  return 1 / number;
}

TEST_F(DeferredExpert, E2_5_an_error_in_a_callback) {
  Deferred<int> d3;
  d3.add_callback(reciprocal).add_errback([](Failure failure) {
    say("[Failure: " + std::string(describe(failure)) + "]");
  });
  d3.callback(0);
  EXPECT_EQ(said(), Lines{"[Failure: division by zero]"});
}

TEST_F(DeferredExpert, E2_6_check_and_trap) {
  const Failure failure(Oops::zero_division);
  EXPECT_FALSE(failure.check(Oops::value_error));
  EXPECT_TRUE(failure.check(Oops::value_error, Oops::zero_division));

  Deferred<int> d4;
  d4.add_callback(reciprocal)
      .trap<Oops::value_error>([] { say("a value error"); })
      .trap<Oops::type_error, Oops::zero_division>(
          [](Failure trapped) { say("Failure was " + std::string(describe(trapped))); });
  d4.callback(0);
  EXPECT_EQ(said(), Lines{"Failure was division by zero"});
}

TEST_F(DeferredExpert, E2_7_the_error_at_hand) {
  Deferred<int> d;
  const Outcome<int> outcome = reciprocal(0);
  d.fire_with([&outcome] { return outcome; });
  const Failure failure = test::failure_result_of(d);
  EXPECT_EQ(failure, Oops::zero_division);
  EXPECT_EQ(failure.origin().line, outcome.failure().origin().line);
}

auto pass_through(Text number) {
  return [number](Text result) {
    say(std::string(number) + " received " + result);
    return result;
  };
}

TEST_F(DeferredExpert, E2_8_an_outer_and_an_inner_one) {
  Deferred<Text> outer;
  Deferred<Text> inner;
  const Chain<Text> end = inner.add_callback(pass_through("2 a")).add_callback(pass_through("2 b"));
  outer.add_callback(pass_through("1"))
      .add_callback([end](Text result) {
        say(std::string("2 received ") + result);
        say("Returning innerDeferred...");
        return end;
      })
      .add_callback(pass_through("3"))
      .add_callback(pass_through("4"));
  outer.callback("result");
  EXPECT_EQ(said(),
            (Lines{"1 received result", "2 received result", "Returning innerDeferred..."}));
  inner.callback("inner result");
  EXPECT_EQ(said(), (Lines{"2 a received inner result", "2 b received inner result",
                           "3 received inner result", "4 received inner result"}));
}

TEST_F(DeferredExpert, E2_9_a_copy_is_done_when_the_upload_is) {
  Deferred<Text> retrieved;
  Deferred<int> uploaded;
  const Chain<int> copied = retrieved.add_callback([&uploaded](Text content) {
    say("uploading " + std::string(content));
    return uploaded.chain();
  });
  copied.add_callback([](int size) { say("copied " + std::to_string(size)); });
  retrieved.callback("content");
  EXPECT_EQ(said(), Lines{"uploading content"});
  uploaded.callback(7);
  EXPECT_EQ(said(), Lines{"copied 7"});
}

// E7.10: a direct connection, and one through a relay that starts two seconds later.
class HintRace : public test::DeferredTest {
 protected:
  HintRace() {
    direct.on_cancel([] { say("direct given up"); });
    delay.on_cancel([this] { start.cancel(); });
    const auto call = clock.call_later(2s, [this] { delay.callback(); });
    if (call) start = *call;
    const Chain<Text> relay = delay.add_callback([this] {
      say("relay tried");
      return relayed.chain();
    });
    race.race({direct, relay});
    race.add_both([](const Outcome<Text>& outcome) {
      say(outcome ? std::string(*outcome) : std::string(describe(outcome.failure())));
    });
  }

  ManualClock<2> clock;
  DelayedCall start;
  Deferred<Text> direct;
  Deferred<Text> relayed;
  Deferred<void> delay;
  FirstSuccess<Text, 2> race;
};

TEST_F(HintRace, E7_10_the_relay_is_not_tried_when_the_direct_one_is_there_first) {
  clock.advance(1s);
  direct.callback("direct");
  EXPECT_EQ(said(), Lines{"direct"});
  clock.advance(10s);
  EXPECT_EQ(said(), Lines{});
}

TEST_F(HintRace, E7_10_the_relay_is_used_from_two_seconds_on_when_the_direct_one_fails) {
  direct.errback(Errc::connection_refused);
  clock.advance(1999ms);
  EXPECT_EQ(said(), Lines{});
  clock.advance(1ms);
  EXPECT_EQ(said(), Lines{"relay tried"});
  relayed.callback("relay");
  EXPECT_EQ(said(), Lines{"relay"});
}

TEST_F(HintRace, E7_10_cancelling_reaches_whichever_stage_it_is_in) {
  clock.advance(2s);
  relayed.on_cancel([] { say("relay given up"); });
  race.cancel();
  EXPECT_EQ(said(), (Lines{"relay tried", "direct given up", "relay given up", "cancelled"}));
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

// What the API was made for: a request that is timed out and tried again.
class Poller {
 public:
  Poller(Clock& clock) : clock_(clock) {}

  void poll() {
    ++attempts;
    request.reset();
    request.on_cancel([] { say("request given up"); });
    request.add_timeout(clock_, 200ms)
        .add_callbacks([](int reading) { say("reading " + std::to_string(reading)); },
                       [this](Failure failure) { return again(failure); })
        .add_errback([](Failure failure) { say(std::string(describe(failure))); });
  }

  Deferred<int> request;
  int attempts = 0;

 private:
  // Its own Deferred is used again from inside of it.
  Outcome<void> again(Failure failure) {
    if (attempts == 3 || !failure.check(Errc::timed_out)) return failure;
    poll();
    return {};
  }

  Clock& clock_;
};

TEST_F(DeferredExpert, a_request_is_timed_out_and_tried_again) {
  ManualClock<2> clock;
  Poller poller(clock);
  poller.poll();
  clock.advance(200ms);
  EXPECT_EQ(said(), Lines{"request given up"});
  EXPECT_EQ(poller.attempts, 2);
  poller.request.callback(21);
  EXPECT_EQ(said(), Lines{"reading 21"});
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

TEST_F(DeferredExpert, a_request_is_given_up_after_three_attempts) {
  ManualClock<2> clock;
  Poller poller(clock);
  poller.poll();
  for (int i = 0; i < 3; ++i) clock.advance(200ms);
  EXPECT_EQ(said(),
            (Lines{"request given up", "request given up", "request given up", "timed out"}));
  EXPECT_EQ(poller.attempts, 3);
}

// The code of magic-wormhole, as whoever asks for it sees it: E7.12.
enum class WormholeClosed { happy, lonely };
std::string_view describe(WormholeClosed mood) {
  return mood == WormholeClosed::happy ? "closed: happy" : "closed: lonely";
}

class Wormhole {
 public:
  void get_code(Deferred<const char*>& code) {
    if (closed_) {
      code.errback(*closed_);
    } else {
      code_.when_fired(code);
    }
  }
  void got_code(const char* code) { EXPECT_TRUE(code_.fire(code)); }

  // In order, in some mood, or because of an error.
  void closed(const Failure& result) {
    closed_ = result;
    code_.fire(result);
  }

 private:
  std::optional<Failure> closed_;
  OneShotObserver<const char*> code_;
};

class WormholeTest : public test::DeferredTest {
 protected:
  void SetUp() override {
    for (int i = 0; i < 3; ++i) wormhole.get_code(codes[i]);
  }
  template <class Kind>
  void expect_that_all_fail_with(Kind kind) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(test::failure_result_of(codes[i]), kind) << i;
    wormhole.get_code(codes[3]);
    const Failure late = test::failure_result_of(codes[3]);
    EXPECT_EQ(late, kind);
    EXPECT_EQ(describe(late), describe(kind));
  }

  Deferred<const char*> codes[4];
  Wormhole wormhole;
};

TEST_F(WormholeTest, E7_12_has_one_code_for_all_who_ask_before_and_after) {
  for (auto& code : codes) EXPECT_TRUE(test::no_result(code));
  wormhole.got_code("4-bravado-waffle");
  wormhole.get_code(codes[3]);
  for (auto& code : codes) EXPECT_STREQ(test::success_result_of(code), "4-bravado-waffle");
}

TEST_F(WormholeTest, E7_12_closed_by_an_error_fails_with_it) {
  wormhole.closed(Oops::oops);
  expect_that_all_fail_with(Oops::oops);
}

TEST_F(WormholeTest, E7_12_closed_happily_fails_with_that_too) {
  wormhole.closed(WormholeClosed::happy);
  expect_that_all_fail_with(WormholeClosed::happy);
}

TEST_F(WormholeTest, E7_12_closed_after_the_code_has_none_any_more) {
  wormhole.got_code("4-bravado-waffle");
  wormhole.closed(WormholeClosed::happy);
  for (int i = 0; i < 3; ++i) {
    EXPECT_STREQ(test::success_result_of(codes[i]), "4-bravado-waffle");
  }
  wormhole.get_code(codes[3]);
  const Failure late = test::failure_result_of(codes[3]);
  EXPECT_EQ(late, WormholeClosed::happy);
  EXPECT_NE(late, WormholeClosed::lonely);
}

}  // namespace
}  // namespace bobbin
