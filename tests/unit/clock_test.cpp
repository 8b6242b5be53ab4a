// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/clock.hpp>

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bobbin {
namespace {

using namespace std::chrono_literals;

constexpr Instant at(Duration since_start) { return Instant(since_start); }

TEST(Clock, starts_at_the_beginning_of_its_time_line) {
  ManualClock clock;
  EXPECT_EQ(clock.now(), at(0s));
  EXPECT_EQ(clock.next_call(), never);
}

// A source of time that was set back may show an instant before the start.
TEST(Clock, counts_a_delay_from_any_instant) {
  EXPECT_EQ(after(at(-1s), 3s), at(2s));
  EXPECT_EQ(after(at(-1s), forever), never);
  EXPECT_EQ(after(at(-1s), -3s), at(-1s));
  EXPECT_EQ(after(at(1s), forever), never);
  EXPECT_EQ(after(at(1s), forever - 1s), never);
  EXPECT_EQ(after(at(1s), forever - 2s), never - 1s);
  EXPECT_EQ(after(never, 1s), never);
}

TEST(Clock, runs_hello_from_the_past_once_its_time_has_come) {
  ManualClock clock;
  std::string said;
  ASSERT_TRUE(clock.call_later(3s, [&said] { said += "Hello from the past."; }));
  clock.advance(2s);
  EXPECT_EQ(said, "");
  clock.advance(1s);
  EXPECT_EQ(said, "Hello from the past.");
  clock.advance(10s);
  EXPECT_EQ(said, "Hello from the past.");
}

TEST(Clock, runs_nothing_from_the_past_that_was_cancelled) {
  ManualClock clock;
  std::string said;
  Result<DelayedCall> call = clock.call_later(3s, [&said] { said += "Hello from the past."; });
  ASSERT_TRUE(call);
  DelayedCall hello = *call;
  EXPECT_TRUE(hello.cancel());
  clock.advance(10s);
  EXPECT_EQ(said, "");
}

TEST(Clock, runs_three_timers_set_as_two_one_three_as_one_two_three) {
  ManualClock clock;
  std::string ran;
  ASSERT_TRUE(clock.call_later(2s, [&ran] { ran += '2'; }));
  ASSERT_TRUE(clock.call_later(1s, [&ran] { ran += '1'; }));
  ASSERT_TRUE(clock.call_later(3s, [&ran] { ran += '3'; }));
  clock.advance(3s);
  EXPECT_EQ(ran, "123");
}

TEST(Clock, runs_calls_of_one_instant_in_the_order_in_which_they_were_set) {
  ManualClock clock;
  std::string ran;
  ASSERT_TRUE(clock.call_later(2s, [&ran] { ran += 'a'; }));
  clock.advance(1s);
  ASSERT_TRUE(clock.call_later(1s, [&ran] { ran += 'b'; }));
  ASSERT_TRUE(clock.call_at(at(2s), [&ran] { ran += 'c'; }));
  clock.advance(1s);
  EXPECT_EQ(ran, "abc");
}

TEST(Clock, runs_no_call_from_inside_call_later) {
  ManualClock clock;
  int calls = 0;
  ASSERT_TRUE(clock.call_later(0s, [&calls] { ++calls; }));
  EXPECT_EQ(calls, 0);
  clock.advance(0s);
  EXPECT_EQ(calls, 1);
}

TEST(Clock, takes_a_negative_delay_and_a_past_instant_for_at_once) {
  ManualClock clock;
  clock.advance(10s);
  std::string ran;
  ASSERT_TRUE(clock.call_later(0s, [&ran] { ran += 'a'; }));
  ASSERT_TRUE(clock.call_later(-5s, [&ran] { ran += 'b'; }));
  ASSERT_TRUE(clock.call_at(at(1s), [&ran] { ran += 'c'; }));
  EXPECT_EQ(clock.next_call(), at(10s));
  clock.advance(0s);
  EXPECT_EQ(ran, "abc");
}

TEST(Clock, says_when_the_next_call_is_due) {
  ManualClock clock;
  ASSERT_TRUE(clock.call_later(5s, [] {}));
  ASSERT_TRUE(clock.call_later(2s, [] {}));
  EXPECT_EQ(clock.next_call(), at(2s));
  clock.advance(2s);
  EXPECT_EQ(clock.next_call(), at(5s));
}

TEST(Clock, stands_still_while_callbacks_run) {
  ManualClock clock;
  std::vector<Instant> seen;
  const auto look = [&clock, &seen] { seen.push_back(clock.now()); };
  ASSERT_TRUE(clock.call_later(1s, look));
  ASSERT_TRUE(clock.call_later(2s, look));
  clock.advance(5s);
  EXPECT_EQ(seen, (std::vector<Instant>{at(5s), at(5s)}));
}

TEST(Clock, refuses_a_call_when_it_is_full_and_changes_nothing) {
  ManualClock<2> clock;
  std::string ran;
  ASSERT_TRUE(clock.call_later(1s, [&ran] { ran += 'a'; }));
  ASSERT_TRUE(clock.call_later(2s, [&ran] { ran += 'b'; }));
  const Result<DelayedCall> third = clock.call_later(0s, [&ran] { ran += 'c'; });
  EXPECT_EQ(third.error(), Errc::no_capacity);
  EXPECT_EQ(clock.next_call(), at(1s));
  EXPECT_EQ(clock.timer_use().refused, 1U);
  clock.advance(2s);
  EXPECT_EQ(ran, "ab");
}

TEST(Clock, takes_calls_again_once_a_call_ran_or_was_cancelled) {
  ManualClock<1> clock;
  ASSERT_TRUE(clock.call_later(1s, [] {}));
  clock.advance(1s);
  Result<DelayedCall> second = clock.call_later(1s, [] {});
  ASSERT_TRUE(second);
  DelayedCall call = *second;
  call.cancel();
  EXPECT_TRUE(clock.call_later(1s, [] {}));
  EXPECT_EQ(clock.timer_use().high_water, 1U);
}

TEST(Clock, lets_a_callback_take_the_place_of_its_own_call) {
  ManualClock<1> clock;
  Errc error = Errc::system_error;
  ASSERT_TRUE(
      clock.call_later(1s, [&clock, &error] { error = clock.call_later(1s, [] {}).error().code; }));
  clock.advance(1s);
  EXPECT_EQ(error, Errc::ok);
}

TEST(Clock, counts_a_call_set_from_a_callback_from_the_new_time) {
  ManualClock clock;
  int calls = 0;
  ASSERT_TRUE(clock.call_later(
      1s, [&clock, &calls] { EXPECT_TRUE(clock.call_later(1s, [&calls] { ++calls; })); }));
  clock.advance(5s);
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(clock.next_call(), at(6s));
  clock.advance(1s);
  EXPECT_EQ(calls, 1);
}

TEST(Clock, runs_a_call_set_without_delay_from_a_callback_after_those_that_were_due) {
  ManualClock clock;
  std::string ran;
  ASSERT_TRUE(clock.call_later(1s, [&clock, &ran] {
    ran += 'a';
    EXPECT_TRUE(clock.call_later(0s, [&ran] { ran += 'c'; }));
  }));
  ASSERT_TRUE(clock.call_later(1s, [&ran] { ran += 'b'; }));
  clock.advance(1s);
  EXPECT_EQ(ran, "abc");
}

TEST(Clock, does_not_run_what_a_callback_of_the_same_instant_cancelled) {
  ManualClock clock;
  DelayedCall victim;
  int calls = 0;
  ASSERT_TRUE(clock.call_later(1s, [&victim] { EXPECT_TRUE(victim.cancel()); }));
  victim = *clock.call_later(1s, [&calls] { ++calls; });
  clock.advance(1s);
  EXPECT_EQ(calls, 0);
}

TEST(Clock, keeps_for_later_what_a_callback_of_the_same_instant_put_off) {
  ManualClock clock;
  DelayedCall other;
  int calls = 0;
  ASSERT_TRUE(clock.call_later(1s, [&other] { EXPECT_TRUE(other.reset(1s)); }));
  other = *clock.call_later(1s, [&calls] { ++calls; });
  clock.advance(1s);
  EXPECT_EQ(calls, 0);
  clock.advance(1s);
  EXPECT_EQ(calls, 1);
}

TEST(Clock, keeps_the_order_when_a_callback_delays_a_call_that_is_due_all_the_same) {
  ManualClock clock;
  DelayedCall b;
  std::string ran;
  ASSERT_TRUE(clock.call_later(1s, [&b, &ran] {
    EXPECT_TRUE(b.delay(1s));
    ran += 'a';
  }));
  b = *clock.call_later(2s, [&ran] { ran += 'b'; });
  ASSERT_TRUE(clock.call_later(4s, [&ran] { ran += 'c'; }));
  clock.advance(5s);
  EXPECT_EQ(ran, "abc");
}

TEST(DelayedCall, is_never_active_by_default) {
  DelayedCall call;
  EXPECT_FALSE(call.active());
  EXPECT_FALSE(call.cancel());
  EXPECT_FALSE(call.reset(1s));
  EXPECT_FALSE(call.delay(1s));
  EXPECT_EQ(call.time(), never);
}

TEST(DelayedCall, is_active_until_it_ran) {
  ManualClock clock;
  DelayedCall call = *clock.call_later(1s, [] {});
  EXPECT_TRUE(call.active());
  EXPECT_EQ(call.time(), at(1s));
  clock.advance(1s);
  EXPECT_FALSE(call.active());
  EXPECT_EQ(call.time(), never);
}

TEST(DelayedCall, is_not_active_while_it_runs) {
  ManualClock clock;
  DelayedCall call;
  bool active = true;
  bool cancelled = true;
  call = *clock.call_later(1s, [&call, &active, &cancelled] {
    active = call.active();
    cancelled = call.cancel();
  });
  clock.advance(1s);
  EXPECT_FALSE(active);
  EXPECT_FALSE(cancelled);
}

TEST(DelayedCall, is_cancelled_once) {
  ManualClock clock;
  DelayedCall call = *clock.call_later(1s, [] {});
  EXPECT_TRUE(call.cancel());
  EXPECT_FALSE(call.active());
  EXPECT_FALSE(call.cancel());
  EXPECT_EQ(clock.next_call(), never);
}

TEST(DelayedCall, may_be_copied_and_every_copy_means_the_same_call) {
  ManualClock clock;
  DelayedCall call = *clock.call_later(1s, [] {});
  DelayedCall copy = call;
  EXPECT_TRUE(copy.cancel());
  EXPECT_FALSE(call.active());
}

TEST(DelayedCall, may_be_forgotten_and_the_call_runs_all_the_same) {
  ManualClock clock;
  int calls = 0;
  {
    [[maybe_unused]] const DelayedCall call = *clock.call_later(1s, [&calls] { ++calls; });
  }
  clock.advance(1s);
  EXPECT_EQ(calls, 1);
}

TEST(DelayedCall, does_not_touch_a_later_call_that_took_its_place) {
  ManualClock<1> clock;
  int calls = 0;
  DelayedCall first = *clock.call_later(1s, [] {});
  clock.advance(1s);
  ASSERT_TRUE(clock.call_later(1s, [&calls] { ++calls; }));
  EXPECT_FALSE(first.active());
  EXPECT_FALSE(first.cancel());
  EXPECT_FALSE(first.reset(10s));
  clock.advance(1s);
  EXPECT_EQ(calls, 1);
}

TEST(DelayedCall, is_due_a_while_from_now_once_reset) {
  ManualClock clock;
  DelayedCall call = *clock.call_later(5s, [] {});
  clock.advance(2s);
  EXPECT_TRUE(call.reset(5s));
  EXPECT_EQ(call.time(), at(7s));
  EXPECT_EQ(clock.next_call(), at(7s));
}

TEST(DelayedCall, may_be_reset_to_be_earlier) {
  ManualClock clock;
  int calls = 0;
  DelayedCall call = *clock.call_later(5s, [&calls] { ++calls; });
  EXPECT_TRUE(call.reset(1s));
  clock.advance(1s);
  EXPECT_EQ(calls, 1);
}

TEST(DelayedCall, is_due_later_than_its_present_time_once_delayed) {
  ManualClock clock;
  DelayedCall call = *clock.call_later(5s, [] {});
  clock.advance(2s);
  EXPECT_TRUE(call.delay(5s));
  EXPECT_EQ(call.time(), at(10s));
}

TEST(DelayedCall, takes_a_negative_length_for_none) {
  ManualClock clock;
  clock.advance(1s);
  DelayedCall call = *clock.call_later(5s, [] {});
  EXPECT_TRUE(call.delay(-3s));
  EXPECT_EQ(call.time(), at(6s));
  EXPECT_TRUE(call.reset(-3s));
  EXPECT_EQ(call.time(), at(1s));
}

TEST(AdvancingClock, moves_time_when_nothing_is_due) {
  ManualClock clock;
  clock.advance(3s);
  clock.advance(4s);
  EXPECT_EQ(clock.now(), at(7s));
}

TEST(AdvancingClock, never_moves_back) {
  ManualClock clock;
  clock.advance(3s);
  clock.advance(-1s);
  EXPECT_EQ(clock.now(), at(3s));
}

TEST(AdvancingClock, advances_to_the_next_call_and_runs_that_one_alone) {
  ManualClock clock;
  std::string ran;
  ASSERT_TRUE(clock.call_later(2s, [&ran] { ran += 'b'; }));
  ASSERT_TRUE(clock.call_later(1s, [&ran] { ran += 'a'; }));
  EXPECT_TRUE(clock.advance_to_next());
  EXPECT_EQ(ran, "a");
  EXPECT_EQ(clock.now(), at(1s));
  EXPECT_TRUE(clock.advance_to_next());
  EXPECT_EQ(ran, "ab");
  EXPECT_EQ(clock.now(), at(2s));
}

TEST(AdvancingClock, does_not_advance_when_there_is_no_next_call) {
  ManualClock clock;
  clock.advance(3s);
  EXPECT_FALSE(clock.advance_to_next());
  EXPECT_EQ(clock.now(), at(3s));
}

TEST(AdvancingClock, gives_up_on_a_call_that_sets_itself_again_without_delay) {
  struct Endless {
    ManualClock<1> clock;
    int calls = 0;
    void run() {
      ++calls;
      EXPECT_TRUE(clock.call_later(0s, [this] { run(); }));
    }
  };
  Endless endless;
  ASSERT_TRUE(endless.clock.call_later(0s, [&endless] { endless.run(); }));
  endless.clock.advance(1s);
  EXPECT_EQ(endless.calls, AdvancingClock::rounds_max);
}

TEST(AdvancingClock, keeps_the_last_error_a_call_returned) {
  ManualClock clock;
  ASSERT_TRUE(clock.call_later(1s, [] { return Errc::timed_out; }));
  ASSERT_TRUE(clock.call_later(2s, [] { return Errc::cancelled; }));
  ASSERT_TRUE(clock.call_later(3s, [] {}));
  EXPECT_FALSE(bool(clock.last_error()));
  clock.advance(1s);
  EXPECT_EQ(clock.last_error(), Errc::timed_out);
  EXPECT_TRUE(clock.advance_to_next());
  EXPECT_EQ(clock.last_error(), Errc::cancelled);
  clock.advance(1s);
  EXPECT_EQ(clock.last_error(), Errc::cancelled);
}

TEST(TimeLine, has_calls_that_are_never_due) {
  ManualClock clock;
  DelayedCall call = *clock.call_later(forever, [] { ADD_FAILURE(); });
  EXPECT_TRUE(call.active());
  EXPECT_EQ(call.time(), never);
  clock.advance(std::chrono::years(1000));
  EXPECT_FALSE(clock.advance_to_next());
  EXPECT_TRUE(call.active());
}

TEST(TimeLine, does_not_overflow_where_it_ends) {
  ManualClock clock;
  clock.advance(forever - 1s);
  DelayedCall call = *clock.call_later(2s, [] {});
  EXPECT_EQ(call.time(), never);
  EXPECT_TRUE(call.reset(500ms));
  EXPECT_EQ(call.time(), never - 500ms);
  EXPECT_TRUE(call.delay(499ms));
  EXPECT_EQ(call.time(), never - 1ms);
  EXPECT_TRUE(call.delay(forever));
  EXPECT_EQ(call.time(), never);
}

TEST(TimeLine, brings_calls_up_to_its_last_instant) {
  ManualClock clock;
  int calls = 0;
  ASSERT_TRUE(clock.call_at(never - Duration(1), [&calls] { ++calls; }));
  EXPECT_TRUE(clock.advance_to_next());
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(clock.now(), never - Duration(1));
}

TEST(TimeLine, takes_the_earliest_instant_there_is_for_now) {
  ManualClock clock;
  ASSERT_TRUE(clock.call_at(Instant::min(), [] {}));
  ASSERT_TRUE(clock.call_later(Duration::min(), [] {}));
  EXPECT_EQ(clock.next_call(), at(0s));
}

#ifndef BOBBIN_NO_ASSERTIONS
TEST(ClockDeathTest, is_not_asked_to_call_nothing) {
  ManualClock clock;
  EXPECT_DEATH(static_cast<void>(clock.call_later(1s, Callback())), "");
}
#endif

}  // namespace
}  // namespace bobbin
