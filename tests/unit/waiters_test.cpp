// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <optional>

#include <gtest/gtest.h>
#include <bobbin/waiters.hpp>

#include "support/deferred.hpp"

namespace bobbin {
namespace {

using test::DeferredTest;
using test::Lines;
using test::say;

class WaitersTest : public DeferredTest {
 protected:
  using Waiter = Deferred<void>;

  void tell_all() {
    whole_ =
        waiters_->take_all([](DeferredCore& waiter) { static_cast<Waiter&>(waiter).callback(); });
  }

  // Says `word` when it is told, and then does what else it is to.
  template <class F>
  void waits(Waiter& waiter, const char* word, F then) {
    waiter.add_callback([word, then] {
      say(word);
      then();
    });
    waiters_->add(waiter);
  }
  void waits(Waiter& waiter, const char* word) {
    waits(waiter, word, [] {});
  }

  std::optional<Waiters> waiters_{std::in_place};
  Waiter first_, second_, third_, late_;
  bool whole_ = false;
};

TEST_F(WaitersTest, are_told_in_their_order) {
  waits(first_, "first");
  waits(second_, "second");
  tell_all();
  EXPECT_EQ(said(), (Lines{"first", "second"}));
  EXPECT_TRUE(whole_);
  EXPECT_TRUE(waiters_->empty());
}

TEST_F(WaitersTest, who_comes_in_a_round_waits_for_the_next) {
  waits(first_, "first", [this] { waits(late_, "late"); });
  waits(second_, "second");
  tell_all();
  EXPECT_EQ(said(), (Lines{"first", "second"}));
  tell_all();
  EXPECT_EQ(said(), Lines{"late"});
}

TEST_F(WaitersTest, who_comes_in_a_round_does_not_take_the_turn_of_who_leaves) {
  third_.add_errback([](const Failure&) { say("cancelled"); });
  waits(first_, "first", [this] {
    third_.cancel();
    waits(late_, "late");
  });
  waits(second_, "second");
  waiters_->add(third_);
  tell_all();
  EXPECT_EQ(said(), (Lines{"first", "cancelled", "second"}));
  tell_all();
  EXPECT_EQ(said(), Lines{"late"});
}

TEST_F(WaitersTest, a_round_ends_when_nobody_of_it_is_left) {
  second_.add_errback([](const Failure&) { say("cancelled"); });
  waits(first_, "first", [this] {
    second_.cancel();
    waits(late_, "late");
  });
  waiters_->add(second_);
  tell_all();
  EXPECT_EQ(said(), (Lines{"first", "cancelled"}));
  EXPECT_EQ(waiters_->size(), 1U);
  late_.cancel();
  EXPECT_EQ(test::failure_result_of(late_), Errc::cancelled);
}

TEST_F(WaitersTest, a_round_in_a_round_tells_the_rest_and_who_came) {
  waits(first_, "first", [this] {
    waits(late_, "late");
    tell_all();
    say("back");
  });
  waits(second_, "second");
  tell_all();
  EXPECT_EQ(said(), (Lines{"first", "second", "late", "back"}));
  EXPECT_TRUE(whole_);
}

TEST_F(WaitersTest, that_go_in_a_round_in_a_round_end_both_and_fail_who_still_waits) {
  waits(first_, "first", [this] {
    tell_all();
    say(whole_ ? "whole" : "gone");
    whole_ = true;
  });
  waits(second_, "second", [this] { waiters_.reset(); });
  third_.add_errback([](const Failure&) { say("cancelled"); });
  waiters_->add(third_);
  tell_all();
  EXPECT_EQ(said(), (Lines{"first", "second", "cancelled", "gone"}));
  EXPECT_FALSE(whole_);
}

TEST_F(WaitersTest, tell_who_asks_again_because_they_go_the_same) {
  Waiters& waiters = *waiters_;
  first_.add_errback([this, &waiters](const Failure&) {
    say("first cancelled");
    waiters.add(third_);
    say("asked");
  });
  second_.add_errback([](const Failure&) { say("second cancelled"); });
  third_.add_errback([](const Failure& failure) {
    say(failure == Errc::cancelled ? "third cancelled" : "third");
  });
  waiters.add(first_);
  waiters.add(second_);
  waiters_.reset();
  EXPECT_EQ(said(), (Lines{"first cancelled", "third cancelled", "asked", "second cancelled"}));
}

TEST_F(WaitersTest, that_go_in_a_round_tell_who_asks_again_too) {
  Waiters& waiters = *waiters_;
  second_.add_errback([this, &waiters](const Failure&) { waiters.add(third_); });
  third_.add_errback([](const Failure&) { say("third cancelled"); });
  waits(first_, "first", [this] { waiters_.reset(); });
  waiters.add(second_);
  tell_all();
  EXPECT_EQ(said(), (Lines{"first", "third cancelled"}));
  EXPECT_FALSE(whole_);
}

}  // namespace
}  // namespace bobbin
