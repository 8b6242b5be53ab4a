// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/looping_call.hpp>

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bobbin {
namespace {

using namespace std::chrono_literals;

constexpr Instant at(Duration since_start) { return Instant(since_start); }
constexpr LoopingCall::Options not_now{.now = false};

struct LoopingCallTest : testing::Test {
  ManualClock<4> clock;
  std::vector<Instant> called;
  LoopingCall loop{clock, [this] { called.push_back(clock.now()); }};

  std::size_t calls() const { return called.size(); }
  std::uint32_t pending() const { return clock.timer_use().in_use; }
};

TEST_F(LoopingCallTest, calls_nothing_before_it_is_started) {
  clock.advance(60s);
  EXPECT_EQ(calls(), 0U);
  EXPECT_FALSE(loop.running());
  EXPECT_EQ(pending(), 0U);
}

TEST_F(LoopingCallTest, calls_once_from_within_start) {
  EXPECT_FALSE(loop.start(30s));
  EXPECT_EQ(calls(), 1U);
  EXPECT_TRUE(loop.running());
}

TEST_F(LoopingCallTest, calls_first_after_one_interval_when_told_not_to_call_now) {
  EXPECT_FALSE(loop.start(30s, not_now));
  EXPECT_EQ(calls(), 0U);
  clock.advance(29s);
  EXPECT_EQ(calls(), 0U);
  clock.advance(1s);
  EXPECT_EQ(calls(), 1U);
}

TEST_F(LoopingCallTest, calls_again_after_each_interval) {
  EXPECT_FALSE(loop.start(30s));
  for (int i = 0; i < 3; ++i) clock.advance(30s);
  EXPECT_EQ(called, (std::vector<Instant>{at(0s), at(30s), at(60s), at(90s)}));
  EXPECT_EQ(loop.skipped(), 0U);
}

TEST_F(LoopingCallTest, calls_once_more_when_two_intervals_pass_at_once) {
  EXPECT_FALSE(loop.start(30s));
  clock.advance(60s);
  EXPECT_EQ(calls(), 2U);
}

TEST_F(LoopingCallTest, counts_the_ticks_that_were_missed) {
  EXPECT_FALSE(loop.start(30s));
  clock.advance(59s);
  EXPECT_EQ(loop.skipped(), 0U);
  clock.advance(61s);
  EXPECT_EQ(calls(), 3U);
  EXPECT_EQ(loop.skipped(), 2U);
}

TEST_F(LoopingCallTest, does_not_add_up_lateness) {
  EXPECT_FALSE(loop.start(30s));
  clock.advance(40s);
  EXPECT_EQ(clock.next_call(), at(60s));
  clock.advance(65s);
  EXPECT_EQ(clock.next_call(), at(120s));
}

TEST_F(LoopingCallTest, counts_missed_ticks_anew_once_started_again) {
  EXPECT_FALSE(loop.start(30s));
  clock.advance(90s);
  EXPECT_EQ(loop.skipped(), 2U);
  loop.stop();
  EXPECT_FALSE(loop.start(30s));
  EXPECT_EQ(loop.skipped(), 0U);
}

TEST_F(LoopingCallTest, calls_no_more_once_stopped) {
  EXPECT_FALSE(loop.start(30s));
  loop.stop();
  EXPECT_FALSE(loop.running());
  EXPECT_EQ(pending(), 0U);
  clock.advance(60s);
  EXPECT_EQ(calls(), 1U);
}

TEST_F(LoopingCallTest, may_be_stopped_when_it_does_not_run) {
  loop.stop();
  EXPECT_FALSE(loop.running());
}

TEST_F(LoopingCallTest, counts_from_the_new_start_once_stopped_and_started) {
  EXPECT_FALSE(loop.start(30s));
  clock.advance(40s);
  loop.stop();
  EXPECT_FALSE(loop.start(20s));
  EXPECT_EQ(clock.next_call(), at(60s));
  clock.advance(20s);
  EXPECT_EQ(called, (std::vector<Instant>{at(0s), at(40s), at(40s), at(60s)}));
}

TEST_F(LoopingCallTest, is_not_started_twice) {
  EXPECT_FALSE(loop.start(30s));
  EXPECT_EQ(loop.start(10s), Errc::already_running);
  EXPECT_EQ(calls(), 1U);
  EXPECT_EQ(clock.next_call(), at(30s));
}

TEST_F(LoopingCallTest, is_not_started_with_an_interval_that_is_not_more_than_zero) {
  EXPECT_EQ(loop.start(0s), Errc::invalid_argument);
  EXPECT_EQ(loop.start(-1s), Errc::invalid_argument);
  EXPECT_FALSE(loop.running());
  EXPECT_EQ(calls(), 0U);
}

TEST_F(LoopingCallTest, is_not_started_and_calls_nothing_when_the_clock_is_full) {
  while (clock.call_later(1h, [] {})) {
  }
  EXPECT_EQ(loop.start(30s), Errc::no_capacity);
  EXPECT_FALSE(loop.running());
  EXPECT_EQ(calls(), 0U);
}

TEST_F(LoopingCallTest, may_be_started_once_the_clock_has_room_again) {
  while (clock.call_later(1s, [] {})) {
  }
  EXPECT_EQ(loop.start(30s), Errc::no_capacity);
  clock.advance(1s);
  EXPECT_FALSE(loop.start(30s));
  EXPECT_EQ(calls(), 1U);
}

TEST_F(LoopingCallTest, leaves_no_timer_when_it_is_destroyed_while_it_runs) {
  {
    LoopingCall other(clock, [this] { called.push_back(clock.now()); });
    EXPECT_FALSE(other.start(30s, not_now));
    EXPECT_EQ(pending(), 1U);
  }
  EXPECT_EQ(pending(), 0U);
  clock.advance(60s);
  EXPECT_EQ(calls(), 0U);
}

TEST_F(LoopingCallTest, holds_one_timer_while_it_runs) {
  EXPECT_FALSE(loop.start(30s));
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(pending(), 1U);
    clock.advance(45s);
  }
}

TEST_F(LoopingCallTest, keeps_its_timer_even_if_its_function_takes_all_the_others) {
  int calls = 0;
  LoopingCall greedy(clock, [this, &calls] {
    ++calls;
    while (clock.call_later(1h, [] {})) {
    }
  });
  EXPECT_FALSE(greedy.start(30s));
  clock.advance(30s);
  clock.advance(30s);
  EXPECT_EQ(calls, 3);
  EXPECT_TRUE(greedy.running());
  EXPECT_FALSE(bool(clock.last_error()));
}

TEST_F(LoopingCallTest, gives_the_error_of_its_function_to_whoever_runs_the_timer) {
  LoopingCall failing(clock, [] { return Errc::timed_out; });
  EXPECT_FALSE(failing.start(30s, not_now));
  clock.advance(30s);
  EXPECT_EQ(clock.last_error(), Errc::timed_out);
  EXPECT_TRUE(failing.running());
}

TEST_F(LoopingCallTest, is_running_from_its_function_s_point_of_view) {
  bool running = false;
  LoopingCall* self = nullptr;
  LoopingCall looking(clock, [&running, &self] { running = self->running(); });
  self = &looking;
  EXPECT_FALSE(looking.start(30s));
  EXPECT_TRUE(running);
  running = false;
  clock.advance(30s);
  EXPECT_TRUE(running);
}

// A loop whose function does something to the loop itself on the call with the number `when`.
template <class Deed>
struct SelfServing {
  SelfServing(Clock& clock, int on_call, Deed what)
      : when(on_call), deed(what), loop(clock, [this] { run(); }) {}

  void run() {
    if (++calls == when) deed(loop);
  }

  int calls = 0;
  int when;
  Deed deed;
  LoopingCall loop;
};

TEST_F(LoopingCallTest, may_be_stopped_from_its_function) {
  SelfServing self(clock, 2, [](LoopingCall& own) { own.stop(); });
  EXPECT_FALSE(self.loop.start(30s));
  clock.advance(30s);
  EXPECT_EQ(self.calls, 2);
  EXPECT_FALSE(self.loop.running());
  clock.advance(60s);
  EXPECT_EQ(self.calls, 2);
  EXPECT_EQ(pending(), 0U);
}

TEST_F(LoopingCallTest, may_be_stopped_from_its_first_call_within_start) {
  SelfServing self(clock, 1, [](LoopingCall& own) { own.stop(); });
  EXPECT_FALSE(self.loop.start(30s));
  EXPECT_FALSE(self.loop.running());
  EXPECT_EQ(pending(), 0U);
}

TEST_F(LoopingCallTest, may_be_started_with_another_interval_from_its_function) {
  SelfServing self(clock, 2, [](LoopingCall& own) {
    own.stop();
    EXPECT_FALSE(own.start(10s, not_now));
  });
  EXPECT_FALSE(self.loop.start(30s));
  clock.advance(30s);
  EXPECT_EQ(pending(), 1U);
  EXPECT_EQ(clock.next_call(), at(40s));
  clock.advance(10s);
  EXPECT_EQ(self.calls, 3);
  EXPECT_EQ(clock.next_call(), at(50s));
}

TEST_F(LoopingCallTest, calls_from_within_a_start_from_its_own_function) {
  SelfServing self(clock, 1, [](LoopingCall& own) {
    own.stop();
    EXPECT_FALSE(own.start(10s));
  });
  EXPECT_FALSE(self.loop.start(30s));
  EXPECT_EQ(self.calls, 2);
  EXPECT_EQ(pending(), 1U);
  EXPECT_EQ(clock.next_call(), at(10s));
}

TEST_F(LoopingCallTest, is_already_running_when_its_function_starts_it) {
  Errc error = Errc::ok;
  SelfServing self(clock, 2, [&error](LoopingCall& own) { error = own.start(1s).code; });
  EXPECT_FALSE(self.loop.start(30s));
  clock.advance(30s);
  EXPECT_EQ(error, Errc::already_running);
  EXPECT_EQ(clock.next_call(), at(60s));
}

TEST_F(LoopingCallTest, is_never_due_again_where_the_time_line_ends) {
  EXPECT_FALSE(loop.start(forever));
  EXPECT_EQ(clock.next_call(), never);
  EXPECT_TRUE(loop.running());
  loop.stop();
  clock.advance(forever - 10s);
  EXPECT_FALSE(loop.start(8s));
  clock.advance(9s);
  EXPECT_EQ(calls(), 3U);
  EXPECT_EQ(clock.next_call(), never);
  EXPECT_FALSE(clock.advance_to_next());
}

TEST_F(LoopingCallTest, misses_all_ticks_of_a_very_long_sleep_without_overflow) {
  EXPECT_FALSE(loop.start(1h));
  clock.advance(forever - 1h);
  EXPECT_EQ(calls(), 2U);
  EXPECT_GT(clock.next_call(), clock.now());
  EXPECT_LE(clock.next_call(), clock.now() + 1h);
}

}  // namespace
}  // namespace bobbin
