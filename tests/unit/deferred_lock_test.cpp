// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/deferred_lock.hpp>
#include <bobbin/deferred_queue.hpp>

#include <memory>
#include <optional>

#include <gtest/gtest.h>

#include "support/deferred.hpp"

namespace bobbin {
namespace {

using test::Lines;
using test::Oops;
using test::say;

class DeferredLockTest : public test::DeferredTest {
 protected:
  Deferred<void> turns[4];
  DeferredLock lock;

  bool has(int i) const { return turns[i].called(); }
};

TEST_F(DeferredLockTest, is_acquired_at_once_when_it_is_free) {
  EXPECT_FALSE(lock.locked());
  lock.acquire(turns[0]);
  EXPECT_TRUE(has(0));
  EXPECT_TRUE(lock.locked());
  lock.release();
  EXPECT_FALSE(lock.locked());
}

TEST_F(DeferredLockTest, E10_11_goes_from_one_to_the_next_in_order) {
  for (auto& turn : turns) lock.acquire(turn);
  EXPECT_EQ(lock.waiting(), 3U);
  for (int i = 1; i < 4; ++i) {
    EXPECT_FALSE(has(i));
    lock.release();
    EXPECT_TRUE(has(i));
    EXPECT_TRUE(lock.locked());
  }
  lock.release();
  EXPECT_FALSE(lock.locked());
}

TEST_F(DeferredLockTest, leaves_out_who_was_cancelled_while_it_waited) {
  for (int i = 0; i < 3; ++i) lock.acquire(turns[i]);
  turns[1].cancel();
  EXPECT_EQ(test::failure_result_of(turns[1]), Errc::cancelled);
  EXPECT_EQ(lock.waiting(), 1U);
  lock.release();
  EXPECT_TRUE(has(2));
}

TEST_F(DeferredLockTest, leaves_out_who_has_gone_while_it_waited) {
  lock.acquire(turns[0]);
  {
    Deferred<void> first;
    Deferred<void> second;
    lock.acquire(first);
    lock.acquire(turns[1]);
    lock.acquire(second);
    EXPECT_EQ(lock.waiting(), 3U);
  }
  EXPECT_EQ(lock.waiting(), 1U);
  lock.release();
  EXPECT_TRUE(has(1));
}

TEST_F(DeferredLockTest, stays_with_who_has_it_when_that_is_cancelled) {
  lock.acquire(turns[0]);
  turns[0].cancel();
  EXPECT_TRUE(lock.locked());
}

TEST_F(DeferredLockTest, tells_who_waits_when_it_goes) {
  std::optional<DeferredLock> other(std::in_place);
  other->acquire(turns[0]);
  other->acquire(turns[1]);
  other.reset();
  EXPECT_EQ(test::failure_result_of(turns[1]), Errc::cancelled);
}

TEST_F(DeferredLockTest, is_released_and_acquired_from_inside) {
  lock.acquire(turns[0]);
  lock.acquire(turns[1]);
  turns[1].add_callback([this] {
    say("second");
    lock.acquire(turns[2]);
    lock.release();
  });
  turns[2].add_callback([] { say("third"); });
  lock.release();
  EXPECT_EQ(said(), (Lines{"second", "third"}));
  EXPECT_TRUE(lock.locked());
}

TEST_F(DeferredLockTest, runs_what_it_is_given_and_is_free_when_the_result_is_here) {
  Deferred<int> slow;
  Chain<int> first = lock.run(turns[0], [&slow] { return slow.chain(); });
  Chain<int> second = lock.run(turns[1], [] { return 2; });
  EXPECT_TRUE(lock.locked());
  EXPECT_TRUE(test::no_result(turns[1]));
  slow.callback(1);
  EXPECT_EQ(test::success_result_of(first), 1);
  EXPECT_EQ(test::success_result_of(second), 2);
  EXPECT_FALSE(lock.locked());
}

TEST_F(DeferredLockTest, is_free_after_a_run_that_failed) {
  Chain<int> run = lock.run(turns[0], []() -> Outcome<int> { return Failure(Oops::oops); });
  EXPECT_EQ(test::failure_result_of(run), Oops::oops);
  EXPECT_FALSE(lock.locked());
}

TEST_F(DeferredLockTest, does_not_run_what_is_cancelled_before_its_turn) {
  lock.acquire(turns[0]);
  Chain<void> run = lock.run(turns[1], [] { say("never runs"); });
  turns[1].cancel();
  EXPECT_EQ(test::failure_result_of(run), Errc::cancelled);
  EXPECT_TRUE(lock.locked());
  lock.release();
  EXPECT_FALSE(lock.locked());
  EXPECT_EQ(said(), Lines{});
}

TEST_F(DeferredLockTest, is_free_again_when_who_runs_goes_and_what_it_waits_for_is_over) {
  Deferred<int> slow;
  slow.on_cancel([] { say("gives up"); });
  {
    Deferred<void> turn;
    lock.run(turn, [&slow] { return slow.chain(); });
    lock.run(turns[0], [] { say("next"); });
    EXPECT_EQ(said(), Lines{});
  }
  EXPECT_EQ(said(), (Lines{"gives up", "next"}));
  EXPECT_FALSE(lock.locked());
}

TEST_F(DeferredLockTest, is_free_again_when_who_runs_is_reset) {
  Deferred<int> slow;
  lock.run(turns[0], [&slow] { return slow.chain(); });
  lock.run(turns[1], [] { say("next"); });
  turns[0].reset();
  EXPECT_EQ(said(), Lines{"next"});
  EXPECT_FALSE(lock.locked());
  lock.run(turns[0], [] { say("again"); });
  EXPECT_EQ(said(), Lines{"again"});
  EXPECT_FALSE(lock.locked());
}

TEST_F(DeferredLockTest, is_free_again_when_who_runs_is_destroyed_by_what_it_runs) {
  auto turn = std::make_unique<Deferred<void>>();
  lock.acquire(turns[0]);
  lock.run(*turn, [&turn] { turn.reset(); });
  lock.run(turns[1], [] { say("next"); });
  lock.release();
  EXPECT_EQ(turn, nullptr);
  EXPECT_EQ(said(), Lines{"next"});
  EXPECT_FALSE(lock.locked());
}

TEST_F(DeferredLockTest, is_free_again_when_what_comes_before_the_run_fails) {
  turns[0].add_callback([] { return Failure(Oops::oops); });
  Chain<void> run = lock.run(turns[0], [] { say("never runs"); });
  EXPECT_EQ(test::failure_result_of(run), Oops::oops);
  EXPECT_EQ(said(), Lines{});
  EXPECT_FALSE(lock.locked());
}

TEST_F(DeferredLockTest, runs_nothing_without_room_for_the_stage_that_gives_back) {
  for (std::size_t left : {1U, 0U}) {
    for (std::size_t n = left; n < config::deferred_stages; ++n) turns[0].add_callback([] {});
    EXPECT_FALSE(lock.run(turns[0], [] { say("never runs"); }));
    EXPECT_EQ(test::failure_result_of(turns[0]), Errc::no_capacity);
    EXPECT_FALSE(lock.locked());
    turns[0].reset();
  }
  EXPECT_EQ(said(), Lines{});
}

TEST_F(DeferredLockTest, is_released_by_a_run_whatever_another_without_room_has_come_to) {
  Deferred<int> slow;
  lock.run(turns[0], [&slow] { return slow.chain(); });
  for (std::size_t n = 1; n < config::deferred_stages; ++n) turns[1].add_callback([] {});
  lock.run(turns[1], [] { say("never runs"); });
  turns[1].cancel();
  EXPECT_EQ(test::failure_result_of(turns[1]), Errc::no_capacity);
  slow.callback(1);
  EXPECT_FALSE(lock.locked());
  EXPECT_EQ(said(), Lines{});
}

TEST_F(DeferredLockTest, keeps_its_place_when_who_waits_to_run_goes) {
  lock.acquire(turns[0]);
  lock.run(turns[1], [] { say("never runs"); });
  turns[1].reset();
  EXPECT_TRUE(lock.locked());
  EXPECT_EQ(lock.waiting(), 0U);
  lock.release();
  EXPECT_FALSE(lock.locked());
}

TEST_F(DeferredLockTest, E10_11_a_semaphore_of_two_lets_the_third_wait) {
  DeferredSemaphore semaphore(2);
  for (auto& turn : turns) semaphore.acquire(turn);
  EXPECT_TRUE(has(0) && has(1));
  EXPECT_FALSE(has(2));
  EXPECT_EQ(semaphore.available(), 0U);
  semaphore.release();
  EXPECT_TRUE(has(2));
  EXPECT_FALSE(has(3));
  for (int i = 0; i < 3; ++i) semaphore.release();
  EXPECT_TRUE(has(3));
  EXPECT_EQ(semaphore.available(), 2U);
}

#ifndef BOBBIN_NO_ASSERTIONS
TEST(DeferredLockDeathTest, is_not_released_when_nobody_has_it) {
  DeferredLock lock;
  EXPECT_DEATH(lock.release(), "");
}
#endif

class DeferredQueueTest : public test::DeferredTest {
 protected:
  DeferredQueue<int, 2> queue;
  Deferred<int> values[3];
};

TEST_F(DeferredQueueTest, E10_11_gives_values_in_the_order_in_which_they_came) {
  EXPECT_FALSE(queue.put(1));
  EXPECT_FALSE(queue.put(2));
  EXPECT_EQ(queue.size(), 2U);
  for (int i : {0, 1}) {
    queue.get(values[i]);
    EXPECT_EQ(test::success_result_of(values[i]), i + 1);
  }
  EXPECT_EQ(queue.size(), 0U);
}

TEST_F(DeferredQueueTest, gives_them_in_the_order_in_which_they_were_asked_for) {
  for (auto& value : values) queue.get(value);
  EXPECT_EQ(queue.waiting(), 3U);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(test::no_result(values[i]));
    EXPECT_FALSE(queue.put(10 + i));
    EXPECT_EQ(test::success_result_of(values[i]), 10 + i);
  }
  EXPECT_EQ(queue.size(), 0U);
}

TEST_F(DeferredQueueTest, takes_no_more_than_it_has_room_for) {
  EXPECT_FALSE(queue.put(1));
  EXPECT_FALSE(queue.put(2));
  EXPECT_EQ(queue.put(3), Errc::no_capacity);
  EXPECT_EQ(queue.size(), 2U);
  EXPECT_EQ(queue.high_water(), 2U);
  queue.get(values[0]);
  EXPECT_FALSE(queue.put(3));
  queue.get(values[1]);
  queue.get(values[2]);
  EXPECT_EQ(test::success_result_of(values[0]), 1);
  EXPECT_EQ(test::success_result_of(values[1]), 2);
  EXPECT_EQ(test::success_result_of(values[2]), 3);
}

TEST_F(DeferredQueueTest, keeps_the_value_that_who_was_cancelled_does_not_take) {
  queue.get(values[0]);
  queue.get(values[1]);
  values[0].cancel();
  EXPECT_EQ(test::failure_result_of(values[0]), Errc::cancelled);
  EXPECT_FALSE(queue.put(1));
  EXPECT_EQ(test::success_result_of(values[1]), 1);
}

TEST_F(DeferredQueueTest, is_used_from_inside) {
  queue.get(values[0]);
  values[0].add_callback([this](int value) {
    say(value);
    EXPECT_FALSE(queue.put(value + 1));
    queue.get(values[1]);
  });
  values[1].add_callback([](int value) { say(value); });
  EXPECT_FALSE(queue.put(1));
  EXPECT_EQ(said(), (Lines{"1", "2"}));
}

TEST_F(DeferredQueueTest, tells_who_waits_when_it_goes) {
  {
    DeferredQueue<int, 1> other;
    other.get(values[0]);
  }
  EXPECT_EQ(test::failure_result_of(values[0]), Errc::cancelled);
}

TEST_F(DeferredQueueTest, is_destroyed_by_who_gets_a_value) {
  auto other = std::make_unique<DeferredQueue<int, 1>>();
  other->get(values[0]);
  values[0].add_callback([&other](int) { other.reset(); });
  EXPECT_FALSE(other->put(1));
  EXPECT_EQ(other, nullptr);
}

}  // namespace
}  // namespace bobbin
