// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>

#include <bobbin/await.hpp>
#include <bobbin/coroutines.hpp>
#include <bobbin/lock.hpp>
#include <bobbin/when.hpp>

namespace bobbin {
namespace {

using namespace std::chrono_literals;

using Body = Frame<256>;

struct LockTest : testing::Test {
  // The outcome of each, in the order of their names, '?' while there is none.
  void spawn(std::size_t who, Task<Error> task) {
    spawned[who] = *coroutines.spawn(std::move(task), [this, who](Error error) {
      outcomes[who] = error;
      ended += static_cast<char>('a' + who);
    });
  }

  ManualClock<8> clock;
  std::string log;
  std::string ended;
  Lock lock;
  Semaphore two{2};
  std::array<Body, 4> frames;
  std::array<Error, 4> outcomes{};
  std::array<Spawned, 4> spawned;
  Coroutines<4> coroutines;
};

// Holds a place for a while, and notes when it got it and when it gave it back.
template <class Turns>
Task<Error> takes_a_turn(Body&, Turns& turns, Clock& clock, Duration length, char name,
                         std::string& log) {
  typename Turns::Place place;
  if (Error error = co_await turns.acquire(place)) co_return error;
  log += name;
  const Error slept = co_await sleep(clock, length);
  log += '.';
  co_return slept;
}

TEST_F(LockTest, one_at_a_time_and_in_order) {
  for (std::size_t i = 0; i < 3; ++i) {
    const char name = static_cast<char>('a' + i);
    spawn(i, takes_a_turn(frames[i], lock, clock, 10ms, name, log));
  }
  EXPECT_EQ(log, "a");
  EXPECT_TRUE(lock.locked());
  EXPECT_EQ(lock.waiting(), 2U);
  clock.advance(10ms);
  EXPECT_EQ(log, "a.b");
  clock.advance(10ms);
  clock.advance(10ms);
  EXPECT_EQ(log, "a.b.c.");
  EXPECT_EQ(ended, "abc");
  EXPECT_FALSE(lock.locked());
}

TEST_F(LockTest, as_many_at_a_time_as_a_semaphore_has_places) {
  for (std::size_t i = 0; i < 4; ++i) {
    const char name = static_cast<char>('a' + i);
    spawn(i, takes_a_turn(frames[i], two, clock, Duration(10ms * (i + 1)), name, log));
  }
  EXPECT_EQ(log, "ab");
  EXPECT_EQ(two.available(), 0U);
  EXPECT_EQ(two.waiting(), 2U);
  clock.advance(10ms);
  EXPECT_EQ(log, "ab.c");
  clock.advance(10ms);
  EXPECT_EQ(log, "ab.c.d");
  clock.advance(1s);
  EXPECT_EQ(two.available(), two.limit());
}

TEST_F(LockTest, who_is_cancelled_while_waiting_leaves_the_line) {
  for (std::size_t i = 0; i < 3; ++i) {
    const char name = static_cast<char>('a' + i);
    spawn(i, takes_a_turn(frames[i], lock, clock, 10ms, name, log));
  }
  spawned[1].cancel();
  EXPECT_EQ(outcomes[1], Errc::cancelled);
  EXPECT_EQ(lock.waiting(), 1U);
  clock.advance(10ms);
  clock.advance(10ms);
  EXPECT_EQ(log, "a.c.");
  EXPECT_FALSE(lock.locked());
}

TEST_F(LockTest, who_is_destroyed_while_waiting_leaves_the_line) {
  for (std::size_t i = 0; i < 3; ++i) {
    const char name = static_cast<char>('a' + i);
    spawn(i, takes_a_turn(frames[i], lock, clock, 10ms, name, log));
  }
  spawned[2].destroy();
  spawned[1].destroy();
  EXPECT_EQ(lock.waiting(), 0U);
  clock.advance(10ms);
  EXPECT_EQ(log, "a.");
  EXPECT_FALSE(lock.locked());
}

TEST_F(LockTest, whose_holder_is_cancelled_has_its_place_back) {
  spawn(0, takes_a_turn(frames[0], lock, clock, 10ms, 'a', log));
  spawn(1, takes_a_turn(frames[1], lock, clock, 10ms, 'b', log));
  spawned[0].cancel();
  EXPECT_EQ(log, "a.b");
  EXPECT_EQ(outcomes[0], Errc::cancelled);
}

// The one that goes on may at once be spawned again in the place and the frame of the other.
Task<Error> follows(Body&, Lock& lock, CoroutinePool& coroutines, Body& frame, Clock& clock,
                    std::string& log) {
  Lock::Place place;
  if (Error error = co_await lock.acquire(place)) co_return error;
  co_return coroutines.spawn(takes_a_turn(frame, lock, clock, 10ms, 'c', log)).error();
}

TEST_F(LockTest, whose_holder_is_destroyed_has_its_place_back_once_that_is_gone) {
  Coroutines<2> pool;
  const Result<Spawned> holder = pool.spawn(takes_a_turn(frames[0], lock, clock, 10ms, 'a', log));
  Error outcome = Errc::not_running;
  ASSERT_TRUE(pool.spawn(follows(frames[1], lock, pool, frames[0], clock, log),
                         [&](Error error) { outcome = error; }));
  holder->destroy();
  EXPECT_FALSE(outcome);
  EXPECT_EQ(log, "ac");
  clock.advance(10ms);
  EXPECT_EQ(log, "ac.");
}

TEST_F(LockTest, nobody_goes_on_when_all_are_destroyed) {
  {
    Coroutines<3> pool;
    for (std::size_t i = 0; i < 3; ++i) {
      ASSERT_TRUE(pool.spawn(takes_a_turn(frames[i], lock, clock, 10ms, 'a', log),
                             [this](Error) { log += '!'; }));
    }
  }
  EXPECT_EQ(log, "a");
  EXPECT_FALSE(lock.locked());
}

// What is already on its way to who waited is not lost when that is cancelled before it goes on.
Task<Error> gives_back_and_cancels(Body&, Lock& lock, Clock& clock, Spawned& other) {
  Lock::Place place;
  if (Error error = co_await lock.acquire(place)) co_return error;
  if (Error error = co_await sleep(clock, 10ms)) co_return error;
  place.release();
  EXPECT_FALSE(place.held());
  other.cancel();
  co_return Error();
}

TEST_F(LockTest, who_is_cancelled_when_it_has_its_place_holds_it_and_gives_it_back) {
  spawn(0, gives_back_and_cancels(frames[0], lock, clock, spawned[1]));
  spawn(1, takes_a_turn(frames[1], lock, clock, 10ms, 'b', log));
  spawn(2, takes_a_turn(frames[2], lock, clock, 10ms, 'c', log));
  clock.advance(10ms);
  EXPECT_EQ(outcomes[1], Errc::cancelled);
  EXPECT_EQ(log, "b.c");
}

Task<Error> gives_back_and_destroys(Body&, Lock& lock, Clock& clock, Spawned& other) {
  Lock::Place place;
  if (Error error = co_await lock.acquire(place)) co_return error;
  if (Error error = co_await sleep(clock, 10ms)) co_return error;
  place.release();
  other.destroy();
  co_return Error();
}

TEST_F(LockTest, who_is_destroyed_when_it_has_its_place_gives_it_back) {
  spawn(0, gives_back_and_destroys(frames[0], lock, clock, spawned[1]));
  spawn(1, takes_a_turn(frames[1], lock, clock, 10ms, 'b', log));
  spawn(2, takes_a_turn(frames[2], lock, clock, 10ms, 'c', log));
  clock.advance(10ms);
  EXPECT_EQ(log, "c");
}

Task<Error> acquires(Body&, Semaphore& semaphore, Semaphore::Place& place) {
  co_return co_await semaphore.acquire(place);
}

TEST_F(LockTest, a_place_that_is_held_is_an_error_and_never_a_wait) {
  Semaphore::Place place;
  spawn(0, acquires(frames[0], two, place));
  EXPECT_TRUE(place.held());
  spawn(1, acquires(frames[1], two, place));
  EXPECT_EQ(outcomes[1], Errc::already_running);
  Semaphore other{1};
  spawn(2, acquires(frames[2], other, place));
  EXPECT_EQ(outcomes[2], Errc::already_running);
  EXPECT_EQ(two.available(), 1U);
  EXPECT_EQ(other.available(), 1U);
}

TEST_F(LockTest, a_place_that_somebody_waits_for_is_an_error_and_never_a_wait) {
  Semaphore one{1};
  Semaphore::Place held;
  Semaphore::Place place;
  spawn(0, acquires(frames[0], one, held));
  spawn(1, acquires(frames[1], one, place));
  spawn(2, acquires(frames[2], one, place));
  EXPECT_EQ(outcomes[2], Errc::already_running);
  held.release();
  EXPECT_EQ(ended, "acb");
  EXPECT_FALSE(outcomes[1]);
  EXPECT_TRUE(place.held());
}

TEST_F(LockTest, a_place_may_be_asked_for_again_after_a_wait_was_cancelled_or_destroyed) {
  Semaphore one{1};
  Semaphore::Place held;
  Semaphore::Place place;
  spawn(0, acquires(frames[0], one, held));
  spawn(1, acquires(frames[1], one, place));
  spawned[1].cancel();
  spawn(1, acquires(frames[1], one, place));
  spawned[1].destroy();
  spawn(1, acquires(frames[1], one, place));
  held.release();
  EXPECT_FALSE(outcomes[1]);
  EXPECT_TRUE(place.held());
  place.release();
  place.release();
  EXPECT_EQ(one.available(), 1U);
}

Task<Error> waits_no_longer_than(Body&, Lock& lock, Clock& clock, Duration length) {
  Lock::Place place;
  co_return co_await within(clock, length, lock.acquire(place));
}

// The place can be used for something else, and for nothing.
Task<Error> waits_where_no_timer_is(Body&, Lock& lock, Clock& clock) {
  Lock::Place place;
  const Error limited = co_await within(clock, 1ms, lock.acquire(place));
  if (limited != Errc::no_capacity) co_return limited;
  co_return co_await lock.acquire(place);
}

TEST_F(LockTest, waiting_for_it_does_not_begin_without_a_timer) {
  ManualClock<1> no_timer;
  ASSERT_TRUE(no_timer.call_later(1s, [] {}));
  spawn(0, takes_a_turn(frames[0], lock, clock, 20ms, 'a', log));
  spawn(1, waits_where_no_timer_is(frames[1], lock, no_timer));
  clock.advance(20ms);
  EXPECT_EQ(ended, "ab");
  EXPECT_FALSE(outcomes[1]);
  EXPECT_FALSE(lock.locked());
}

TEST_F(LockTest, waiting_for_it_can_be_limited) {
  spawn(0, takes_a_turn(frames[0], lock, clock, 20ms, 'a', log));
  spawn(1, waits_no_longer_than(frames[1], lock, clock, 10ms));
  spawn(2, waits_no_longer_than(frames[2], lock, clock, 30ms));
  clock.advance(10ms);
  EXPECT_EQ(ended, "b");
  EXPECT_EQ(outcomes[1], Errc::timed_out);
  clock.advance(10ms);
  EXPECT_EQ(ended, "bac");
  EXPECT_FALSE(outcomes[2]);
  EXPECT_FALSE(lock.locked());
}

}  // namespace
}  // namespace bobbin
