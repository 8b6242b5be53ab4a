// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/reactor.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/memory.hpp>

#include "memory_party.hpp"
#include "support/seed.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using test::Losses;
using test::Side;
using test::Trace;

constexpr Instant at(Duration since_start) { return Instant(since_start); }

// Something to read from and write to that does what it is told.
struct Watched final : Selectable {
  void do_read() override {
    if (on_read) on_read();
  }
  void do_write() override {
    if (on_write) on_write();
  }

  std::function<void()> on_read;
  std::function<void()> on_write;
};

class AReactor : public testing::Test {
 protected:
  ~AReactor() override {
    for (Watched& item : items_) Reactor::forget(item);
  }

  Callback note(const char* what) {
    return [this, what] { trace_.emplace_back(what); };
  }
  std::function<void()> noting(const char* what) {
    return [this, what] { trace_.emplace_back(what); };
  }

  // Running, and nothing of the start is left in the statistics' way.
  void start() {
    reactor_.turn({});
    trace_.clear();
  }

  Trace turn() {
    trace_.clear();
    reactor_.turn({});
    return trace_;
  }

  MemoryNetwork<memory::NetworkSizes{.links = 8, .window = 1024}> network_;
  MemoryReactor<ReactorSizes{.timers = 32, .posted_calls = 16, .triggers = 8}> reactor_{network_};
  std::array<Watched, 8> items_;
  Trace trace_;
};

// The turn.

TEST_F(AReactor, runs_posted_calls_then_timers_then_waits_then_reads_then_writes) {
  start();
  items_[0].on_write = noting("write");
  items_[1].on_read = noting("read");
  reactor_.mark_writable(items_[0]);
  reactor_.mark_readable(items_[1]);
  ASSERT_TRUE(network_.call_later(0s, note("wait")));
  ASSERT_TRUE(reactor_.call_later(0s, note("timer")));
  ASSERT_TRUE(reactor_.call_from_thread(note("posted")));
  EXPECT_EQ(turn(), (Trace{"posted", "timer", "wait", "read", "write"}));
  EXPECT_EQ(turn(), Trace{});
}

TEST_F(AReactor, serves_in_one_turn_what_an_earlier_step_of_it_marked) {
  start();
  items_[0].on_read = noting("read");
  items_[1].on_read = [this] {
    trace_.emplace_back("read from the wait");
    reactor_.mark_writable(items_[2]);
  };
  items_[2].on_write = noting("write");
  ASSERT_TRUE(reactor_.call_later(0s, [this] { reactor_.mark_readable(items_[0]); }));
  ASSERT_TRUE(network_.call_later(0s, [this] { reactor_.mark_readable(items_[1]); }));
  EXPECT_EQ(turn(), (Trace{"read", "read from the wait", "write"}));
}

TEST_F(AReactor, leaves_for_the_next_turn_what_a_read_or_a_write_marks_readable) {
  start();
  items_[0].on_read = [this] {
    trace_.emplace_back("first");
    reactor_.mark_readable(items_[1]);
    reactor_.mark_writable(items_[2]);
  };
  items_[1].on_read = noting("marked by the read");
  items_[2].on_write = [this] { reactor_.mark_readable(items_[3]); };
  items_[3].on_read = noting("marked by the write");
  reactor_.mark_readable(items_[0]);
  EXPECT_EQ(turn(), Trace{"first"});
  EXPECT_EQ(reactor_.next_deadline(), reactor_.now());
  EXPECT_EQ(turn(), (Trace{"marked by the read", "marked by the write"}));
}

TEST_F(AReactor, writes_in_the_same_turn_what_a_write_brought_about) {
  start();
  items_[0].on_write = [this] {
    trace_.emplace_back("first");
    reactor_.mark_writable(items_[1]);
  };
  items_[1].on_write = noting("second");
  reactor_.mark_writable(items_[0]);
  EXPECT_EQ(turn(), (Trace{"first", "second"}));
}

TEST_F(AReactor, takes_being_asked_twice_for_being_asked_once) {
  start();
  items_[0].on_read = noting("read");
  items_[0].on_write = noting("write");
  for (int i = 0; i < 3; ++i) {
    reactor_.mark_readable(items_[0]);
    reactor_.mark_writable(items_[0]);
  }
  EXPECT_EQ(turn(), (Trace{"read", "write"}));
  EXPECT_EQ(turn(), Trace{});
}

TEST_F(AReactor, does_both_for_an_object_that_is_marked_for_both_in_either_order) {
  start();
  items_[0].on_read = noting("read");
  items_[0].on_write = noting("write");
  reactor_.mark_writable(items_[0]);
  reactor_.mark_readable(items_[0]);
  reactor_.turn({});
  reactor_.turn({});
  std::ranges::sort(trace_);
  EXPECT_EQ(trace_, (Trace{"read", "write"}));
}

TEST_F(AReactor, does_not_come_by_what_was_forgotten_meanwhile) {
  start();
  items_[0].on_read = [this] {
    trace_.emplace_back("forgets");
    Reactor::forget(items_[1]);
    Reactor::forget(items_[2]);
  };
  items_[1].on_read = noting("read");
  items_[2].on_write = noting("write");
  reactor_.mark_readable(items_[0]);
  reactor_.mark_readable(items_[1]);
  reactor_.mark_writable(items_[2]);
  EXPECT_EQ(turn(), Trace{"forgets"});
  EXPECT_EQ(turn(), Trace{});
}

TEST_F(AReactor, serves_in_the_order_of_marking) {
  start();
  items_[2].on_read = noting("a");
  items_[0].on_read = noting("b");
  items_[1].on_read = noting("c");
  for (const std::size_t index : {2, 0, 1}) reactor_.mark_readable(items_[index]);
  EXPECT_EQ(turn(), (Trace{"a", "b", "c"}));
}

// Budgets: what is left makes the next turn not sleep.

TEST_F(AReactor, runs_no_more_posted_calls_in_a_turn_than_its_budget) {
  start();
  reactor_.budget().posted_calls = 2;
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    ASSERT_TRUE(reactor_.call_from_thread(note(name)));
  }
  const auto sleeps = reactor_.statistics().sleeps;
  trace_.clear();
  reactor_.turn(1h);
  EXPECT_EQ(trace_, (Trace{"a", "b"}));
  EXPECT_EQ(reactor_.next_deadline(), reactor_.now());
  reactor_.turn(1h);
  EXPECT_EQ(trace_, (Trace{"a", "b", "c", "d"}));
  reactor_.turn(1h);
  EXPECT_EQ(trace_, (Trace{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(reactor_.statistics().sleeps - sleeps, 1U) << "the last of them, for nothing is left";
}

TEST_F(AReactor, runs_no_more_timers_in_a_turn_than_its_budget) {
  start();
  reactor_.budget().timers = 2;
  for (const char* name : {"a", "b", "c"}) ASSERT_TRUE(reactor_.call_later(1s, note(name)));
  reactor_.turn(1h);  // sleeps until they are due
  reactor_.turn(1h);
  EXPECT_EQ(trace_, (Trace{"a", "b"}));
  EXPECT_EQ(reactor_.now(), at(1s));
  EXPECT_LE(reactor_.next_deadline(), reactor_.now());
  reactor_.turn({});
  EXPECT_EQ(trace_, (Trace{"a", "b", "c"}));
}

TEST_F(AReactor, serves_no_more_readables_in_a_turn_than_its_budget_and_those_left_come_first) {
  start();
  reactor_.budget().events = 2;
  for (Watched& item : items_) item.on_read = noting("later");
  items_[0].on_read = [this] {
    trace_.emplace_back("a");
    reactor_.mark_readable(items_[3]);
  };
  items_[1].on_read = noting("b");
  items_[2].on_read = noting("c");
  items_[3].on_read = noting("d");
  for (const std::size_t index : {0, 1, 2}) reactor_.mark_readable(items_[index]);
  const auto sleeps = reactor_.statistics().sleeps;
  trace_.clear();
  reactor_.turn(1h);
  EXPECT_EQ(trace_, (Trace{"a", "b"}));
  reactor_.turn(1h);
  EXPECT_EQ(trace_, (Trace{"a", "b", "c", "d"}));
  EXPECT_EQ(reactor_.statistics().sleeps, sleeps);
}

TEST_F(AReactor, follows_the_consequences_of_writes_for_no_more_rounds_than_its_budget) {
  start();
  reactor_.budget().write_rounds = 3;
  items_[0].on_write = [this] {
    trace_.emplace_back("again");
    reactor_.mark_writable(items_[0]);
  };
  items_[1].on_write = noting("other");
  reactor_.mark_writable(items_[0]);
  reactor_.mark_writable(items_[1]);
  EXPECT_EQ(turn(), (Trace{"again", "other", "again", "again"}));
  const auto sleeps = reactor_.statistics().sleeps;
  reactor_.turn(1h);
  EXPECT_EQ(reactor_.statistics().sleeps, sleeps);
  EXPECT_EQ(trace_.size(), 7U);
}

TEST_F(AReactor, runs_a_timer_set_without_delay_by_a_timer_in_the_next_turn) {
  start();
  ASSERT_TRUE(reactor_.call_later(0s, [this] {
    trace_.emplace_back("first");
    EXPECT_TRUE(reactor_.call_later(0s, note("second")));
    EXPECT_TRUE(reactor_.call_later(-1s, note("third")));
  }));
  EXPECT_EQ(turn(), Trace{"first"});
  const auto sleeps = reactor_.statistics().sleeps;
  trace_.clear();
  reactor_.turn(1h);
  EXPECT_EQ(trace_, (Trace{"second", "third"}));
  EXPECT_EQ(reactor_.now(), at(1h)) << "it had nothing left to do and slept";
  EXPECT_EQ(reactor_.statistics().sleeps, sleeps + 1);
}

struct SelfPoster {
  void run() {
    ++runs;
    EXPECT_TRUE(reactor.call_from_thread([this] { run(); }));
  }
  Reactor& reactor;
  std::uint32_t runs = 0;
};

TEST_F(AReactor, is_not_held_up_by_a_posted_call_that_posts_itself) {
  start();
  SelfPoster poster{.reactor = reactor_};
  poster.run();
  items_[0].on_read = noting("read");
  items_[1].on_write = noting("write");
  reactor_.mark_readable(items_[0]);
  reactor_.mark_writable(items_[1]);
  ASSERT_TRUE(reactor_.call_later(0s, note("timer")));
  EXPECT_EQ(turn(), (Trace{"timer", "read", "write"}));
  EXPECT_EQ(poster.runs, 1 + reactor_.budget().posted_calls);
}

// One callback at a time.

TEST_F(AReactor, runs_nothing_from_inside_a_callback) {
  start();
  items_[0].on_read = noting("read");
  const auto tries = [this] {
    const Trace before = trace_;
    reactor_.turn(1h);
    EXPECT_EQ(reactor_.run(), Errc::already_running);
    EXPECT_EQ(trace_, before);
  };
  const auto turns = reactor_.statistics().turns;
  ASSERT_TRUE(reactor_.call_from_thread([this, tries] {
    EXPECT_TRUE(reactor_.call_from_thread(note("posted")));
    tries();
  }));
  ASSERT_TRUE(reactor_.call_later(0s, [this, tries] {
    EXPECT_TRUE(reactor_.call_later(0s, note("timer")));
    tries();
  }));
  items_[1].on_read = tries;
  items_[1].on_write = tries;
  reactor_.mark_readable(items_[1]);
  reactor_.mark_writable(items_[1]);
  reactor_.mark_readable(items_[0]);
  EXPECT_EQ(turn(), (Trace{"posted", "read"}));
  EXPECT_EQ(reactor_.statistics().turns, turns + 1);
}

// Life.

TEST_F(AReactor, runs_until_it_is_stopped_and_returns) {
  ASSERT_TRUE(reactor_.call_later(10s, [this] { return reactor_.stop(); }));
  EXPECT_FALSE(reactor_.running());
  EXPECT_FALSE(reactor_.run());
  EXPECT_FALSE(reactor_.running());
  EXPECT_EQ(network_.now(), at(10s));
}

TEST_F(AReactor, sleeps_while_it_has_nothing_to_do) {
  ASSERT_TRUE(reactor_.call_later(24h * 365, [this] { return reactor_.stop(); }));
  EXPECT_FALSE(reactor_.run());
  EXPECT_EQ(reactor_.statistics().turns, 2U);
  EXPECT_EQ(reactor_.statistics().sleeps, 1U);
}

TEST_F(AReactor, finishes_the_turn_it_is_stopped_in) {
  items_[0].on_read = noting("read");
  ASSERT_TRUE(reactor_.call_from_thread([this] {
    reactor_.mark_readable(items_[0]);
    return reactor_.stop();
  }));
  ASSERT_TRUE(reactor_.call_later(0s, note("timer")));
  ASSERT_TRUE(reactor_.call_later(1h, note("too late")));
  EXPECT_FALSE(reactor_.run());
  EXPECT_EQ(trace_, (Trace{"timer", "read"}));
  EXPECT_EQ(network_.now(), at(0s));
}

TEST_F(AReactor, cannot_be_started_twice) {
  ASSERT_FALSE(reactor_.call_when_running([this] { return reactor_.stop(); }));
  EXPECT_FALSE(reactor_.run());
  EXPECT_EQ(reactor_.run(), Errc::not_restartable);
  const auto turns = reactor_.statistics().turns;
  reactor_.turn(1h);
  EXPECT_EQ(reactor_.statistics().turns, turns);
}

TEST_F(AReactor, cannot_be_stopped_when_it_does_not_run_nor_twice) {
  EXPECT_EQ(reactor_.stop(), Errc::not_running);
  Errc first = Errc::system_error;
  Errc second = Errc::ok;
  ASSERT_TRUE(reactor_.call_later(0s, [this, &first, &second] {
    first = reactor_.stop().code;
    second = reactor_.stop().code;
  }));
  EXPECT_FALSE(reactor_.run());
  EXPECT_EQ(first, Errc::ok);
  EXPECT_EQ(second, Errc::not_running);
  EXPECT_EQ(reactor_.stop(), Errc::not_running);
}

TEST_F(AReactor, can_be_stopped_between_turns) {
  start();
  EXPECT_FALSE(reactor_.stop());
  EXPECT_EQ(reactor_.stop(), Errc::not_running);
  EXPECT_EQ(reactor_.next_deadline(), reactor_.now()) << "the turn that ends it is due";
  reactor_.turn(1h);
  EXPECT_EQ(network_.now(), at(0s));
  EXPECT_EQ(reactor_.run(), Errc::not_restartable);
}

TEST_F(AReactor, that_was_never_run_goes_without_a_word) {
  ASSERT_FALSE(reactor_.add_system_event_trigger(SystemEvent::shutdown, Phase::before,
                                                 [] { ADD_FAILURE() << "was never started"; }));
  ASSERT_TRUE(reactor_.call_later(0s, [] { ADD_FAILURE() << "never"; }));
}

// Errors.

TEST_F(AReactor, reports_the_error_of_a_callback_and_gets_up_again) {
  std::vector<Errc> errors;
  reactor_.on_error([&errors](Error error, CallSource) { errors.push_back(error.code); });
  ASSERT_FALSE(reactor_.call_when_running([] { return Errc::unreachable; }));
  ASSERT_TRUE(reactor_.call_from_thread([] { return Errc::no_capacity; }));
  ASSERT_TRUE(reactor_.call_later(0s, [] { return Errc::invalid_argument; }));
  ASSERT_TRUE(reactor_.call_later(0s, [this] {
    trace_.emplace_back("But I get up again.");
    return reactor_.stop();
  }));
  EXPECT_FALSE(reactor_.run());
  EXPECT_EQ(trace_, Trace{"But I get up again."});
  EXPECT_EQ(errors, (std::vector{Errc::unreachable, Errc::no_capacity, Errc::invalid_argument}));
  EXPECT_EQ(reactor_.statistics().errors, 3U);
}

TEST_F(AReactor, counts_errors_that_nobody_hears) {
  start();
  ASSERT_TRUE(reactor_.call_later(0s, [] { return Errc::timed_out; }));
  reactor_.turn({});
  EXPECT_EQ(reactor_.statistics().errors, 1U);
}

TEST_F(AReactor, keeps_the_number_of_the_platform_in_the_error_it_reports) {
  start();
  std::int32_t native = 0;
  reactor_.on_error([&native](Error error, CallSource) { native = error.native; });
  ASSERT_TRUE(reactor_.call_later(0s, [] { return Error(Errc::system_error, 42); }));
  reactor_.turn({});
  EXPECT_EQ(native, 42);
}

// Time.

TEST_F(AReactor, runs_timers_at_their_time_and_in_order_whatever_it_is_asked) {
  test::for_each_seed([](test::Random& random) {
    MemoryNetwork<memory::NetworkSizes{.links = 1, .window = 64}> network;
    MemoryReactor<ReactorSizes{.timers = 64}> reactor(network);
    std::vector<Instant> ran;
    struct Timer {
      Reactor& reactor;
      std::vector<Instant>& ran;
      DelayedCall call;
      Instant due;
    };
    std::vector<Timer> timers(64, Timer{.reactor = reactor, .ran = ran, .call = {}, .due = {}});
    std::vector<Instant> expected;
    for (Timer& timer : timers) {
      timer.due = at(Duration(random.below(1000)));
      timer.call = *reactor.call_at(timer.due, [&timer] {
        EXPECT_EQ(timer.reactor.now(), timer.due);
        timer.ran.push_back(timer.reactor.now());
      });
    }
    for (Timer& timer : timers) {
      const auto what = random.below(4);
      if (what == 0) {
        EXPECT_TRUE(timer.call.cancel());
        continue;
      }
      if (what == 1) {
        const Duration longer(random.below(500));
        EXPECT_TRUE(timer.call.delay(longer));
        timer.due += longer;
      }
      expected.push_back(timer.due);
    }
    EXPECT_FALSE(reactor.run()) << "it stops itself when nothing is left";
    std::ranges::sort(expected);
    EXPECT_EQ(ran, expected);
  });
}

TEST_F(AReactor, runs_a_timer_late_when_another_took_long_and_never_early) {
  std::vector<Instant> ran;
  ASSERT_TRUE(reactor_.call_later(1s, [this, &ran] {
    ran.push_back(reactor_.now());
    network_.advance(5s);
    EXPECT_EQ(reactor_.now(), at(1s)) << "the clock stands still while a callback runs";
  }));
  ASSERT_TRUE(reactor_.call_later(2s, [this, &ran] { ran.push_back(reactor_.now()); }));
  ASSERT_TRUE(reactor_.call_later(6500ms, [this, &ran] { ran.push_back(reactor_.now()); }));
  EXPECT_FALSE(reactor_.run());
  EXPECT_EQ(ran, (std::vector{at(1s), at(6s), at(6500ms)}));
}

TEST_F(AReactor, waits_no_longer_than_it_was_told) {
  start();
  ASSERT_TRUE(reactor_.call_later(10s, note("timer")));
  reactor_.turn(3s);
  EXPECT_EQ(reactor_.now(), at(3s));
  EXPECT_EQ(trace_, Trace{});
  reactor_.turn(30s);
  EXPECT_EQ(reactor_.now(), at(10s));
}

TEST_F(AReactor, waits_for_as_long_as_it_was_told_however_long_ago_its_last_turn_was) {
  start();
  network_.advance(10s);
  reactor_.turn(3s);
  EXPECT_EQ(reactor_.now(), at(13s));
}

TEST_F(AReactor, runs_a_timer_of_the_last_instant_and_never_what_would_lie_behind_it) {
  static constexpr Instant last = never - Duration(1);
  ASSERT_TRUE(reactor_.call_at(last, [this] {
    trace_.emplace_back("last");
    EXPECT_EQ(reactor_.now(), last);
    const Result<DelayedCall> beyond = reactor_.call_later(1h, note("beyond"));
    EXPECT_EQ(beyond->time(), never);
    EXPECT_TRUE(reactor_.call_later(0s, note("at once")));
  }));
  ASSERT_TRUE(reactor_.call_at(never, note("never")));
  ASSERT_TRUE(reactor_.call_later(forever, note("never")));
  EXPECT_FALSE(reactor_.run());
  EXPECT_EQ(trace_, (Trace{"last", "at once"}));
}

// Being told to run, and triggers.

TEST_F(AReactor, calls_when_running_in_the_order_of_asking_and_at_once_when_it_runs) {
  for (const char* name : {"a", "b"}) ASSERT_FALSE(reactor_.call_when_running(note(name)));
  ASSERT_FALSE(reactor_.call_when_running([this] {
    trace_.emplace_back("before");
    EXPECT_FALSE(reactor_.call_when_running(note("at once")));
    trace_.emplace_back("behind");
  }));
  ASSERT_FALSE(reactor_.call_when_running(note("c")));
  EXPECT_EQ(trace_, Trace{});
  EXPECT_EQ(turn(), (Trace{"a", "b", "before", "at once", "behind", "c"}));
  EXPECT_FALSE(reactor_.call_when_running(note("now")));
  EXPECT_EQ(trace_.back(), "now");
  EXPECT_EQ(turn(), Trace{});
}

TEST_F(AReactor, tells_of_its_start_and_its_end_in_phases) {
  constexpr auto startup = SystemEvent::startup;
  constexpr auto shutdown = SystemEvent::shutdown;
  const auto trigger = [this](SystemEvent event, Phase phase, const char* name) {
    EXPECT_FALSE(reactor_.add_system_event_trigger(event, phase, note(name)));
  };
  trigger(shutdown, Phase::after, "gone");
  trigger(shutdown, Phase::during, "going");
  trigger(shutdown, Phase::before, "will go");
  trigger(startup, Phase::after, "has come");
  trigger(startup, Phase::during, "coming");
  trigger(startup, Phase::before, "will come");
  ASSERT_FALSE(reactor_.call_when_running(note("runs")));
  ASSERT_TRUE(reactor_.call_later(1s, [this] { return reactor_.stop(); }));
  EXPECT_FALSE(reactor_.run());
  EXPECT_EQ(trace_, (Trace{"will come", "coming", "has come", "runs", "will go", "going", "gone"}));
}

TEST_F(AReactor, refuses_a_trigger_when_it_has_no_place_for_it) {
  for (int i = 0; i < 8; ++i) ASSERT_FALSE(reactor_.call_when_running(note("a")));
  EXPECT_EQ(reactor_.call_when_running(note("b")), Errc::no_capacity);
  EXPECT_EQ(reactor_.add_system_event_trigger(SystemEvent::shutdown, Phase::before, note("b")),
            Errc::no_capacity);
  EXPECT_EQ(turn(), Trace(8, "a"));
  EXPECT_FALSE(reactor_.call_when_running(note("c"))) << "needs no place once it runs";
}

TEST_F(AReactor, hears_of_the_errors_of_triggers) {
  ASSERT_FALSE(reactor_.add_system_event_trigger(SystemEvent::shutdown, Phase::after,
                                                 [] { return Errc::timed_out; }));
  ASSERT_FALSE(reactor_.call_when_running([this] { return reactor_.stop(); }));
  EXPECT_FALSE(reactor_.run());
  EXPECT_EQ(reactor_.statistics().errors, 1U);
}

// For loops of somebody else's.

TEST_F(AReactor, tells_a_foreign_loop_when_it_is_next_needed) {
  EXPECT_EQ(reactor_.next_deadline(), reactor_.now()) << "its first turn starts it";
  start();
  EXPECT_EQ(reactor_.next_deadline(), never);
  ASSERT_TRUE(reactor_.call_later(5s, note("timer")));
  EXPECT_EQ(reactor_.next_deadline(), at(5s));
  items_[0].on_read = noting("read");
  reactor_.mark_readable(items_[0]);
  EXPECT_EQ(reactor_.next_deadline(), reactor_.now());
  reactor_.turn({});
  EXPECT_EQ(reactor_.next_deadline(), at(5s));
  reactor_.mark_writable(items_[0]);
  EXPECT_EQ(reactor_.next_deadline(), reactor_.now());
  reactor_.turn({});
  EXPECT_EQ(reactor_.next_deadline(), at(5s));
}

TEST_F(AReactor, does_in_a_foreign_loop_what_came_due_between_its_turns) {
  start();
  ASSERT_TRUE(reactor_.call_later(1s, [this] {
    trace_.emplace_back("timer");
    EXPECT_EQ(reactor_.now(), at(10s));
  }));
  network_.advance(10s);
  EXPECT_EQ(turn(), Trace{"timer"});
}

TEST_F(AReactor, tells_a_foreign_loop_how_long_it_may_wait_by_the_clock_as_it_is) {
  EXPECT_EQ(reactor_.longest_wait(), 0s) << "its first turn starts it";
  start();
  EXPECT_EQ(reactor_.longest_wait(), forever);
  ASSERT_TRUE(reactor_.call_later(5s, [this] { EXPECT_EQ(reactor_.longest_wait(), forever); }));
  EXPECT_EQ(reactor_.longest_wait(), 5s);
  network_.advance(3s);
  EXPECT_EQ(reactor_.longest_wait(), 2s);
  network_.advance(3s);
  EXPECT_EQ(reactor_.longest_wait(), 0s);
  reactor_.turn({});
  EXPECT_EQ(reactor_.longest_wait(), forever);
}

// Calls from elsewhere.

TEST_F(AReactor, does_not_sleep_when_a_call_was_posted_during_its_turn) {
  start();
  ASSERT_TRUE(reactor_.call_later(0s, [this] {
    std::thread elsewhere([this] { EXPECT_TRUE(reactor_.call_from_thread(note("posted"))); });
    elsewhere.join();
  }));
  reactor_.turn(1h);
  EXPECT_EQ(network_.now(), at(0s));
  EXPECT_EQ(turn(), Trace{"posted"});
}

// 'b' wakes the reactor, which runs it before it looks who woke it.
TEST_F(AReactor, is_woken_again_after_a_call_that_was_run_in_the_round_it_was_posted_in) {
  start();
  ASSERT_TRUE(
      reactor_.call_from_thread([this] { EXPECT_TRUE(reactor_.call_from_thread(note("b"))); }));
  EXPECT_EQ(turn(), Trace{"b"});
  reactor_.turn(1h);  // nothing but that wake
  ASSERT_TRUE(
      reactor_.call_later(0s, [this] { EXPECT_TRUE(reactor_.call_from_thread(note("c"))); }));
  reactor_.turn(1h);
  EXPECT_EQ(network_.now(), at(0s));
  EXPECT_EQ(turn(), Trace{"c"});
}

TEST_F(AReactor, runs_every_call_of_every_thread_once_and_each_thread_s_in_order) {
  constexpr int threads = 4;
  constexpr int calls = 1000;
  struct Caller {
    int next = 0;
    bool in_order = true;
  };
  std::array<Caller, threads> callers;
  start();
  std::vector<std::thread> running;
  for (Caller& caller : callers) {
    running.emplace_back([this, &caller] {
      for (int number = 0; number < calls; ++number) {
        const auto call = [&caller, number] {
          caller.in_order = caller.in_order && caller.next == number;
          ++caller.next;
        };
        while (!reactor_.call_from_isr(call)) std::this_thread::yield();
      }
    });
  }
  const auto all_ran = [&callers] {
    return std::ranges::all_of(callers, [](const Caller& caller) { return caller.next == calls; });
  };
  while (!all_ran()) reactor_.turn({});
  for (std::thread& thread : running) thread.join();
  reactor_.turn({});
  for (const Caller& caller : callers) {
    EXPECT_TRUE(caller.in_order);
    EXPECT_EQ(caller.next, calls);
  }
  EXPECT_EQ(reactor_.posted_use().in_use, 0U);
}

TEST_F(AReactor, refuses_a_posted_call_when_it_has_no_place_for_it) {
  start();
  for (int i = 0; i < 16; ++i) ASSERT_TRUE(reactor_.call_from_thread(note("a")));
  EXPECT_FALSE(reactor_.call_from_thread(note("b")));
  EXPECT_EQ(reactor_.posted_use().refused, 1U);
  EXPECT_EQ(turn(), Trace(16, "a"));
  EXPECT_TRUE(reactor_.call_from_thread(note("b")));
  EXPECT_EQ(turn(), Trace{"b"});
}

// Statistics.

TEST_F(AReactor, counts_turns_sleeps_and_calls) {
  ASSERT_TRUE(reactor_.call_later(1s, note("timer")));
  ASSERT_TRUE(reactor_.call_from_thread(note("posted")));
  EXPECT_EQ(reactor_.statistics().turns, 0U);
  reactor_.turn(1h);  // runs the posted call, which also wakes it
  reactor_.turn(1h);  // sleeps until the timer is due
  reactor_.turn({});
  EXPECT_EQ(reactor_.statistics().turns, 3U);
  EXPECT_EQ(reactor_.statistics().calls, 2U);
  reactor_.turn({});
  EXPECT_EQ(reactor_.statistics().turns, 4U);
  const auto sleeps = reactor_.statistics().sleeps;
  reactor_.turn(1h);
  EXPECT_EQ(reactor_.statistics().sleeps, sleeps + 1);
}

// Several of them.

TEST(Reactors, of_one_process_have_nothing_to_do_with_each_other) {
  MemoryNetwork<memory::NetworkSizes{.links = 1, .window = 64}> first_network;
  MemoryNetwork<memory::NetworkSizes{.links = 1, .window = 64}> second_network;
  MemoryReactor<> first(first_network);
  MemoryReactor<> second(second_network);
  int first_ran = 0;
  int second_ran = 0;
  // One runs to its end inside a callback of the other.
  ASSERT_TRUE(first.call_later(1s, [&first_ran, &second] {
    ++first_ran;
    EXPECT_FALSE(second.run());
  }));
  ASSERT_TRUE(second.call_later(2s, [&second_ran, &second] {
    ++second_ran;
    return second.stop();
  }));
  EXPECT_FALSE(first.run());
  EXPECT_EQ(first_ran, 1);
  EXPECT_EQ(second_ran, 1);
  EXPECT_EQ(first.now(), at(1s));
  EXPECT_EQ(second.now(), at(2s));
}

TEST(Reactors, may_share_a_network_and_talk_over_it) {
  MemoryNetwork<memory::NetworkSizes{.links = 2, .window = 1024}> network;
  network.behaviour.latency = 3ms;
  MemoryReactor<> serving(network);
  MemoryReactor<> asking(network);
  Side server_side;
  Side client_side;
  server_side.on_data = [](test::Party& party, Bytes data) {
    return party.transport().write(data);
  };
  client_side.on_made = [](test::Party& party) { party.write("are you there?"); };
  test::PartyServer<contract::one_small> server{server_side};
  test::PartyClient<contract::one_small> client{client_side};
  ASSERT_FALSE(serving.listen_tcp(Address::loopback(0), server));
  ASSERT_FALSE(asking.connect_tcp(server.host(), client));
  for (int i = 0; i < 50; ++i) {
    serving.turn({});
    asking.turn({});
    network.advance(1ms);
  }
  EXPECT_EQ(client_side.received, "are you there?");
  EXPECT_EQ(client.prepare(serving, Address::loopback(1), {}), Errc::already_running);
}

// Stopping from inside everything.

struct Stopping : test::MemoryPair<> {
  void stop() {
    ++stops_;
    (void)reactor_.stop();
  }

  // Runs until `stop` was called; then everything has been ended, once.
  void expect_an_end() {
    ASSERT_FALSE(reactor_.run());
    EXPECT_GE(stops_, 1);
    EXPECT_TRUE(server_side_.open.empty());
    EXPECT_TRUE(client_side_.open.empty());
    EXPECT_FALSE(server_.listening());
    EXPECT_EQ(client_.state(), Connector::State::disconnected);
    const Statistics& statistics = reactor_.statistics();
    EXPECT_EQ(statistics.connections_opened, statistics.connections_lost);
    EXPECT_EQ(reactor_.run(), Errc::not_restartable);
  }

  void have_a_connection() {
    connect();
    server_side_.on_data = [](test::Party& party, Bytes data) {
      return party.transport().write(data);
    };
    client().write("something on the way");
  }

  int stops_ = 0;
};

TEST_F(Stopping, from_a_posted_call) {
  have_a_connection();
  ASSERT_TRUE(reactor_.call_from_thread([this] { stop(); }));
  expect_an_end();
  EXPECT_EQ(server_side_.losses, Losses{Errc::connection_aborted});
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_aborted});
}

TEST_F(Stopping, from_a_timer) {
  have_a_connection();
  ASSERT_TRUE(reactor_.call_later(1ms, [this] { stop(); }));
  expect_an_end();
}

TEST_F(Stopping, from_a_read_and_from_a_write) {
  have_a_connection();
  Watched item;
  item.on_read = [this, &item] { reactor_.mark_writable(item); };
  item.on_write = [this] { stop(); };
  reactor_.mark_readable(item);
  expect_an_end();
}

TEST_F(Stopping, from_the_start) {
  ASSERT_FALSE(
      reactor_.add_system_event_trigger(SystemEvent::startup, Phase::before, [this] { stop(); }));
  listen();
  expect_an_end();
}

TEST_F(Stopping, from_the_wait) {
  have_a_connection();
  ASSERT_TRUE(network_.call_later(1s, [this] { stop(); }));
  expect_an_end();
}

TEST_F(Stopping, from_the_observer_of_errors) {
  have_a_connection();
  reactor_.on_error([this](Error, CallSource) { stop(); });
  ASSERT_TRUE(reactor_.call_later(1ms, [] { return Errc::timed_out; }));
  expect_an_end();
}

TEST_F(Stopping, from_connection_made_of_the_server) {
  server_side_.on_made = [this](test::Party&) { stop(); };
  listen();
  ASSERT_FALSE(reactor_.connect_tcp(server_.host(), client_));
  expect_an_end();
}

TEST_F(Stopping, from_connection_made_of_the_client) {
  client_side_.on_made = [this](test::Party&) { stop(); };
  listen();
  ASSERT_FALSE(reactor_.connect_tcp(server_.host(), client_));
  expect_an_end();
}

TEST_F(Stopping, from_data_received) {
  have_a_connection();
  client_side_.on_data = [this](test::Party&, Bytes data) {
    stop();
    return data.size();
  };
  expect_an_end();
}

TEST_F(Stopping, from_read_connection_lost) {
  have_a_connection();
  server_side_.on_end = [this](test::Party&) { stop(); };
  client().transport().lose_write_connection();
  expect_an_end();
}

TEST_F(Stopping, from_connection_lost) {
  have_a_connection();
  server_side_.on_lost = [this](test::Party&, Error) { stop(); };
  client().transport().lose_connection();
  expect_an_end();
}

TEST_F(Stopping, from_the_failure_to_connect) {
  listen();
  client_.on_failed = [this] { stop(); };
  ASSERT_FALSE(reactor_.connect_tcp(Address::loopback(9), client_));
  expect_an_end();
  EXPECT_EQ(client_side_.failures, Losses{Errc::connection_refused});
}

TEST_F(Stopping, ends_an_attempt_to_connect_with_a_failure) {
  ASSERT_FALSE(reactor_.connect_tcp(Address::ip4({192, 0, 2, 1}, 9), client_));
  ASSERT_TRUE(reactor_.call_later(1s, [this] { stop(); }));
  expect_an_end();
  EXPECT_EQ(client_side_.failures, Losses{Errc::connection_aborted});
}

TEST_F(Stopping, ends_connections_between_the_first_two_phases_of_the_shutdown) {
  have_a_connection();
  Trace trace;
  const auto trigger = [this, &trace](Phase phase, const char* name) {
    EXPECT_FALSE(reactor_.add_system_event_trigger(SystemEvent::shutdown, phase,
                                                   [&trace, name] { trace.emplace_back(name); }));
  };
  trigger(Phase::before, "before");
  trigger(Phase::during, "during");
  trigger(Phase::after, "after");
  server_side_.on_lost = [&trace](test::Party&, Error) { trace.emplace_back("lost"); };
  client_side_.on_lost = server_side_.on_lost;
  ASSERT_TRUE(reactor_.call_later(0s, [this] { stop(); }));
  expect_an_end();
  EXPECT_EQ(trace, (Trace{"before", "lost", "lost", "during", "after"}));
}

TEST_F(Stopping, is_not_held_up_by_a_client_that_connects_again) {
  have_a_connection();
  const Address address = server_.host();
  Errc error = Errc::ok;
  client_.on_lost = [this, &error, address] {
    error = reactor_.connect_tcp(address, client_).code;
  };
  ASSERT_TRUE(reactor_.call_later(0s, [this] { stop(); }));
  expect_an_end();
  EXPECT_EQ(error, Errc::not_running);
  EXPECT_EQ(client_.connections().use().in_use, 0U);
  EXPECT_EQ(network_.links_in_use().in_use, 0U);
}

TEST_F(Stopping, is_not_held_up_by_two_clients_that_start_each_other) {
  Side other_side;
  test::PartyClient<contract::one_small> other{other_side};
  const Address silent = Address::ip4({192, 0, 2, 1}, 9);
  Errc error = Errc::ok;
  client_.on_failed = [&] { error = reactor_.connect_tcp(silent, other).code; };
  other.on_failed = [&] { ADD_FAILURE() << "was never started"; };
  ASSERT_FALSE(reactor_.connect_tcp(silent, client_));
  ASSERT_TRUE(reactor_.call_later(0s, [this] { stop(); }));
  expect_an_end();
  EXPECT_EQ(error, Errc::not_running);
}

TEST_F(Stopping, is_not_held_up_by_a_server_that_listens_again) {
  have_a_connection();
  Errc error = Errc::ok;
  server_side_.on_lost = [this, &error](test::Party&, Error) {
    error = reactor_.listen_tcp(Address::loopback(0), server_).code;
  };
  ASSERT_TRUE(reactor_.call_later(0s, [this] { stop(); }));
  expect_an_end();
  EXPECT_EQ(error, Errc::not_running);
}

}  // namespace
}  // namespace bobbin
