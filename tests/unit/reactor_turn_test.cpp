// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <algorithm>
#include <chrono>

#include <gtest/gtest.h>

#include "reactor_fixture.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using test::AReactor;
using test::at;
using test::Trace;
using test::Watched;

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

TEST_F(AReactor, measures_how_long_it_waits_if_asked_to) {
  start();
  ASSERT_TRUE(reactor_.call_later(2s, note("timer")));
  reactor_.run_for(3s);
  EXPECT_EQ(reactor_.statistics().waited, 0s);
  reactor_.measure_waiting(true);
  ASSERT_TRUE(reactor_.call_later(2s, note("timer")));
  reactor_.run_for(3s);
  EXPECT_EQ(reactor_.statistics().waited, 3s) << "no time passes in callbacks here";
  reactor_.measure_waiting(false);
  reactor_.run_for(3s);
  EXPECT_EQ(reactor_.statistics().waited, 3s);
}

}  // namespace
}  // namespace bobbin
