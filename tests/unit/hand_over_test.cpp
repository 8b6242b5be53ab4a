// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <bobbin/coroutines.hpp>
#include <bobbin/deferred_lock.hpp>
#include <bobbin/deferred_queue.hpp>
#include <bobbin/lock.hpp>

#include "support/deferred.hpp"

// What passes from one who waits to the next: the stack does not grow with their number when each
// gives it on at once, the order is kept, and anybody may go in the middle of it.

namespace bobbin {
namespace {

using test::Lines;
using test::say;

const char* lowest = nullptr;

void look_at_the_stack() {
  const char here = 0;
  const char* address = &here;
  asm volatile("" : "+r"(address));
  if (lowest == nullptr || address < lowest) lowest = address;
}

// How deep the stack is at most where `deed` has it looked at.
template <class F>
std::ptrdiff_t depth_of(F deed) {
  const char here = 0;
  lowest = nullptr;
  deed();
  return &here - lowest;
}

constexpr std::size_t few = 2;
constexpr std::size_t many = 100;

class HandOver : public test::DeferredTest {
 protected:
  static Lines numbers(std::size_t count) {
    Lines all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(std::to_string(i));
    return all;
  }
};

// Each says its number and releases at once.
std::ptrdiff_t depth_of_releases(std::uint32_t limit, std::size_t count) {
  DeferredSemaphore semaphore(limit);
  std::vector<Deferred<void>> holders(limit);
  for (Deferred<void>& holder : holders) semaphore.acquire(holder);
  std::vector<Deferred<void>> turns(count);
  for (std::size_t i = 0; i < count; ++i) {
    turns[i].add_callback([i, &semaphore] {
      look_at_the_stack();
      say(std::to_string(i));
      semaphore.release();
    });
    semaphore.acquire(turns[i]);
  }
  const std::ptrdiff_t depth = depth_of([&semaphore] { semaphore.release(); });
  EXPECT_EQ(semaphore.available(), 1U);
  for (std::uint32_t i = 1; i < limit; ++i) semaphore.release();
  EXPECT_EQ(semaphore.available(), limit);
  return depth;
}

TEST_F(HandOver, of_a_semaphore_takes_no_stack_for_each_who_releases_at_once) {
  for (const std::uint32_t limit : {1U, 3U}) {
    const std::ptrdiff_t depth = depth_of_releases(limit, few);
    EXPECT_EQ(said(), numbers(few));
    EXPECT_EQ(depth_of_releases(limit, many), depth);
    EXPECT_EQ(said(), numbers(many));
  }
}

std::ptrdiff_t depth_of_runs(std::size_t count) {
  DeferredLock lock;
  Deferred<void> slow;
  std::vector<Deferred<void>> turns(count);
  Deferred<void> first;
  lock.run(first, [&slow] { return slow.chain(); });
  for (std::size_t i = 0; i < count; ++i) {
    lock.run(turns[i], [i] {
      look_at_the_stack();
      say(std::to_string(i));
    });
  }
  const std::ptrdiff_t depth = depth_of([&slow] { slow.callback(); });
  EXPECT_FALSE(lock.locked());
  return depth;
}

TEST_F(HandOver, of_a_lock_takes_no_stack_for_each_run_that_ends_at_once) {
  const std::ptrdiff_t depth = depth_of_runs(few);
  EXPECT_EQ(said(), numbers(few));
  EXPECT_EQ(depth_of_runs(many), depth);
  EXPECT_EQ(said(), numbers(many));
}

// Each puts the next value as soon as it has its own.
std::ptrdiff_t depth_of_puts(std::size_t count) {
  DeferredQueue<int, 1> queue;
  std::vector<Deferred<int>> values(count);
  for (Deferred<int>& value : values) {
    value.add_callback([&queue](int number) {
      look_at_the_stack();
      say(number);
      if (queue.waiting() == 0) return;
      EXPECT_FALSE(queue.put(number + 1));
    });
    queue.get(value);
  }
  const std::ptrdiff_t depth = depth_of([&queue] { EXPECT_FALSE(queue.put(0)); });
  EXPECT_EQ(queue.size(), 0U);
  return depth;
}

TEST_F(HandOver, of_a_queue_takes_no_stack_for_each_who_puts_at_once) {
  const std::ptrdiff_t depth = depth_of_puts(few);
  EXPECT_EQ(said(), numbers(few));
  EXPECT_EQ(depth_of_puts(many), depth);
  EXPECT_EQ(said(), numbers(many));
}

using Body = Frame<256>;

Task<Error> takes_a_turn(Body&, Lock& lock, std::size_t number) {
  Lock::Place place;
  if (Error error = co_await lock.acquire(place)) co_return error;
  look_at_the_stack();
  say(std::to_string(number));
  co_return Error();
}

std::ptrdiff_t depth_of_coroutines(std::size_t count) {
  Lock lock;
  std::vector<Body> frames(count + 1);
  Coroutines<many> coroutines;
  Lock::Place place;
  {
    Lock::Acquire at_once = lock.acquire(place);
    EXPECT_TRUE(at_once.await_ready());
  }
  for (std::size_t i = 0; i < count; ++i) {
    EXPECT_TRUE(coroutines.spawn(takes_a_turn(frames[i], lock, i)));
  }
  const std::ptrdiff_t depth = depth_of([&place] { place.release(); });
  EXPECT_FALSE(lock.locked());
  return depth;
}

TEST_F(HandOver, of_a_lock_of_coroutines_takes_no_stack_for_each) {
  const std::ptrdiff_t depth = depth_of_coroutines(few);
  EXPECT_EQ(said(), numbers(few));
  EXPECT_EQ(depth_of_coroutines(many), depth);
  EXPECT_EQ(said(), numbers(many));
}

// What a semaphore does from inside of a turn.
class SemaphoreTurns : public HandOver {
 protected:
  // The first `limit` of the turns are there at once.
  void acquire_all(std::uint32_t limit) {
    semaphore.emplace(limit);
    for (Deferred<void>& turn : turns) semaphore->acquire(turn);
  }
  template <class F>
  void on_turn(std::size_t i, F deed) {
    turns[i].add_callback([i, deed] {
      say(std::to_string(i));
      deed();
    });
  }

  std::optional<DeferredSemaphore> semaphore;
  Deferred<void> turns[4];
  Deferred<void> late;
};

TEST_F(SemaphoreTurns, the_next_one_comes_when_who_releases_has_returned) {
  on_turn(1, [this] {
    semaphore->release();
    say("released");
    EXPECT_EQ(semaphore->available(), 0U);
    EXPECT_EQ(semaphore->waiting(), 2U);
  });
  on_turn(2, [] {});
  acquire_all(1);
  semaphore->release();
  EXPECT_EQ(said(), (Lines{"1", "released", "2"}));
  EXPECT_EQ(semaphore->waiting(), 1U);
  EXPECT_EQ(semaphore->available(), 0U);
}

TEST_F(SemaphoreTurns, who_comes_after_a_release_is_behind_those_who_wait) {
  late.add_callback([] { say("late"); });
  on_turn(1, [this] {
    semaphore->release();
    semaphore->acquire(late);
    EXPECT_FALSE(late.called());
  });
  for (const std::size_t i : {2U, 3U}) on_turn(i, [this] { semaphore->release(); });
  acquire_all(1);
  semaphore->release();
  EXPECT_EQ(said(), (Lines{"1", "2", "3", "late"}));
  EXPECT_EQ(semaphore->available(), 0U);
}

TEST_F(SemaphoreTurns, two_places_released_in_one_turn_go_to_two) {
  on_turn(2, [this] {
    semaphore->release();
    semaphore->release();
    say("released");
  });
  on_turn(3, [] {});
  acquire_all(2);
  semaphore->acquire(late);
  late.add_callback([] { say("late"); });
  semaphore->release();
  EXPECT_EQ(said(), (Lines{"2", "released", "3", "late"}));
  EXPECT_EQ(semaphore->available(), 0U);
}

TEST_F(SemaphoreTurns, a_place_whose_taker_is_cancelled_meanwhile_stays_free) {
  on_turn(1, [this] {
    semaphore->release();
    for (const std::size_t i : {2U, 3U}) turns[i].cancel();
    EXPECT_EQ(semaphore->available(), 1U);
    semaphore->acquire(late);
    EXPECT_TRUE(late.called());
  });
  acquire_all(1);
  semaphore->release();
  EXPECT_EQ(said(), Lines{"1"});
  EXPECT_EQ(semaphore->available(), 0U);
  for (const std::size_t i : {2U, 3U}) {
    EXPECT_EQ(test::failure_result_of(turns[i]), Errc::cancelled);
  }
}

TEST_F(SemaphoreTurns, it_may_be_destroyed_after_a_release_in_a_turn) {
  on_turn(1, [this] {
    semaphore->release();
    semaphore.reset();
    say("gone");
  });
  acquire_all(1);
  semaphore->release();
  EXPECT_EQ(said(), (Lines{"1", "gone"}));
  for (const std::size_t i : {2U, 3U}) {
    EXPECT_EQ(test::failure_result_of(turns[i]), Errc::cancelled);
  }
}

TEST_F(SemaphoreTurns, who_is_next_may_be_destroyed_after_a_release_in_a_turn) {
  auto next = std::make_unique<Deferred<void>>();
  on_turn(0, [] {});
  on_turn(1, [this, &next] {
    semaphore->release();
    next.reset();
  });
  on_turn(2, [] {});
  semaphore.emplace(1);
  semaphore->acquire(turns[0]);
  semaphore->acquire(turns[1]);
  semaphore->acquire(*next);
  semaphore->acquire(turns[2]);
  semaphore->release();
  EXPECT_EQ(said(), (Lines{"0", "1", "2"}));
}

TEST_F(SemaphoreTurns, a_release_while_it_goes_gives_nobody_a_turn) {
  turns[1].add_errback([this] {
    say("1 cancelled");
    semaphore->release();
  });
  for (const std::size_t i : {2U, 3U}) turns[i].add_errback([] { say("cancelled"); });
  acquire_all(1);
  // As long as its destructor runs, `semaphore` has its value.
  semaphore->~DeferredSemaphore();
  std::construct_at(&*semaphore, 1U);
  EXPECT_EQ(said(), (Lines{"1 cancelled", "cancelled", "cancelled"}));
}

// The same of a queue.
class QueueTurns : public HandOver {
 protected:
  void get_all() {
    for (Deferred<int>& value : values) queue->get(value);
  }
  template <class F>
  void on_value(std::size_t i, F deed) {
    values[i].add_callback([i, deed](int value) {
      say(std::to_string(i) + " got " + std::to_string(value));
      deed();
    });
  }

  std::optional<DeferredQueue<int, 2>> queue{std::in_place};
  Deferred<int> values[4];
  Deferred<int> late;
};

TEST_F(QueueTurns, the_next_value_comes_when_who_puts_it_has_returned) {
  on_value(0, [this] {
    EXPECT_FALSE(queue->put(8));
    EXPECT_EQ(queue->size(), 1U);
    queue->get(late);
    EXPECT_FALSE(late.called());
  });
  for (const std::size_t i : {1U, 2U, 3U}) on_value(i, [] {});
  get_all();
  EXPECT_FALSE(queue->put(7));
  EXPECT_EQ(said(), (Lines{"0 got 7", "1 got 8"}));
  for (int value : {9, 10, 11}) EXPECT_FALSE(queue->put(value));
  EXPECT_EQ(said(), (Lines{"2 got 9", "3 got 10"}));
  EXPECT_EQ(test::success_result_of(late), 11);
}

TEST_F(QueueTurns, no_value_is_refused_while_somebody_waits) {
  on_value(0, [this] {
    for (int value : {1, 2, 3, 4}) EXPECT_EQ(queue->put(value), Errc::ok) << value;
    EXPECT_EQ(queue->waiting(), 0U);
    EXPECT_FALSE(queue->put(5));
    EXPECT_EQ(queue->put(6), Errc::no_capacity);
  });
  for (const std::size_t i : {1U, 2U, 3U}) on_value(i, [] {});
  get_all();
  EXPECT_FALSE(queue->put(0));
  EXPECT_EQ(said(), (Lines{"0 got 0", "1 got 1", "2 got 2", "3 got 3"}));
  for (int value : {4, 5}) {
    late.reset();
    queue->get(late);
    EXPECT_EQ(test::success_result_of(late), value);
  }
  EXPECT_EQ(queue->size(), 0U);
}

TEST_F(QueueTurns, it_may_be_destroyed_with_a_value_for_the_next) {
  on_value(0, [this] {
    EXPECT_FALSE(queue->put(8));
    queue.reset();
  });
  get_all();
  EXPECT_FALSE(queue->put(7));
  EXPECT_EQ(said(), Lines{"0 got 7"});
  for (const std::size_t i : {1U, 2U, 3U}) {
    EXPECT_EQ(test::failure_result_of(values[i]), Errc::cancelled);
  }
}

TEST_F(QueueTurns, a_value_that_is_put_while_it_goes_nobody_gets) {
  DeferredQueue<int, 2>& going = *queue;
  values[0].add_errback([&going](Failure) {
    for (int value : {1, 2}) EXPECT_FALSE(going.put(value));
    EXPECT_EQ(going.put(3), Errc::no_capacity);
    return 0;
  });
  get_all();
  queue.reset();
  for (const std::size_t i : {1U, 2U, 3U}) {
    EXPECT_EQ(test::failure_result_of(values[i]), Errc::cancelled);
  }
}

}  // namespace
}  // namespace bobbin
