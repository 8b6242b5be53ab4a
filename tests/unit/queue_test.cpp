// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>

#include <bobbin/await.hpp>
#include <bobbin/coroutines.hpp>
#include <bobbin/memory.hpp>
#include <bobbin/queue.hpp>

namespace bobbin {
namespace {

using namespace std::chrono_literals;

using Body = Frame<256>;
using Numbers = Queue<int, 2>;

struct QueueTest : testing::Test {
  void spawn(std::size_t who, Task<Error> task) {
    spawned[who] =
        *coroutines.spawn(std::move(task), [this, who](Error error) { outcomes[who] = error; });
  }

  MemoryNetwork<> network;
  MemoryReactor<> reactor{network};
  Numbers queue;
  std::string log;
  std::array<Body, 4> frames;
  std::array<Error, 4> outcomes{};
  std::array<Spawned, 4> spawned;
  Coroutines<4> coroutines;
};

Task<Error> gets(Body&, Numbers& queue, int count, std::string& log, std::string name = "") {
  for (int i = 0; i < count; ++i) {
    const Result<int> value = co_await queue.get();
    if (!value) co_return value.error();
    log += name + std::to_string(*value) + ' ';
  }
  co_return Error();
}

Task<Error> gives(Body&, Numbers& queue, int first, int count, std::string& log) {
  for (int value = first; value < first + count; ++value) {
    if (Error error = co_await queue.give(value)) co_return error;
    log += '+' + std::to_string(value) + ' ';
  }
  co_return Error();
}

TEST_F(QueueTest, what_was_put_is_there_at_once_and_in_order) {
  EXPECT_FALSE(queue.put(1));
  EXPECT_FALSE(queue.put(2));
  spawn(0, gets(frames[0], queue, 2, log));
  EXPECT_EQ(log, "1 2 ");
  EXPECT_FALSE(spawned[0].active());
  EXPECT_EQ(queue.size(), 0U);
  EXPECT_EQ(queue.high_water(), 2U);
}

TEST_F(QueueTest, who_waits_gets_what_is_put_inside_of_that_call) {
  spawn(0, gets(frames[0], queue, 2, log));
  EXPECT_FALSE(queue.put(1));
  EXPECT_EQ(log, "1 ");
  EXPECT_FALSE(queue.put(2));
  EXPECT_EQ(log, "1 2 ");
  EXPECT_EQ(queue.size(), 0U);
}

TEST_F(QueueTest, those_who_wait_are_served_in_order) {
  spawn(0, gets(frames[0], queue, 2, log, "a"));
  spawn(1, gets(frames[1], queue, 1, log, "b"));
  EXPECT_EQ(queue.waiting(), 2U);
  for (int value = 1; value <= 3; ++value) EXPECT_FALSE(queue.put(value));
  EXPECT_EQ(log, "a1 b2 a3 ");
}

// With one wait that is used again and again.
Task<Error> gets_by_one_wait(Body&, Numbers& queue, std::string& log, char name) {
  Numbers::Get get = queue.get();
  while (true) {
    const Result<int> value = co_await get;
    if (!value) co_return value.error();
    log += name + std::to_string(*value) + ' ';
  }
}

TEST_F(QueueTest, who_waits_again_goes_to_the_end_of_the_line) {
  spawn(0, gets_by_one_wait(frames[0], queue, log, 'a'));
  spawn(1, gets_by_one_wait(frames[1], queue, log, 'b'));
  for (int value = 1; value <= 4; ++value) {
    EXPECT_EQ(queue.waiting(), 2U);
    EXPECT_FALSE(queue.put(value));
  }
  EXPECT_EQ(log, "a1 b2 a3 b4 ");
}

TEST_F(QueueTest, a_full_queue_is_an_error_to_who_puts) {
  EXPECT_FALSE(queue.put(1));
  EXPECT_FALSE(queue.put(2));
  EXPECT_EQ(queue.put(3), Errc::no_capacity);
  spawn(0, gets(frames[0], queue, 3, log));
  EXPECT_EQ(log, "1 2 ");
}

TEST_F(QueueTest, who_gives_waits_for_room) {
  spawn(0, gives(frames[0], queue, 1, 3, log));
  spawn(1, gives(frames[1], queue, 7, 1, log));
  EXPECT_EQ(log, "+1 +2 ");
  EXPECT_EQ(queue.held_back(), 2U);
  EXPECT_EQ(queue.put(9), Errc::no_capacity);
  log.clear();
  spawn(2, gets(frames[2], queue, 4, log));
  EXPECT_EQ(log, "1 2 3 7 +3 +7 ");
  EXPECT_FALSE(spawned[0].active());
  EXPECT_FALSE(spawned[1].active());
}

TEST_F(QueueTest, who_is_cancelled_while_waiting_takes_no_value) {
  spawn(0, gets(frames[0], queue, 1, log, "a"));
  spawn(1, gets(frames[1], queue, 1, log, "b"));
  spawned[0].cancel();
  EXPECT_EQ(outcomes[0], Errc::cancelled);
  EXPECT_FALSE(queue.put(1));
  EXPECT_EQ(log, "b1 ");
}

TEST_F(QueueTest, who_is_destroyed_while_waiting_takes_no_value) {
  spawn(0, gets(frames[0], queue, 1, log, "a"));
  spawned[0].destroy();
  EXPECT_EQ(queue.waiting(), 0U);
  EXPECT_FALSE(queue.put(1));
  EXPECT_EQ(queue.size(), 1U);
}

TEST_F(QueueTest, who_is_cancelled_while_waiting_for_room_puts_nothing) {
  spawn(0, gives(frames[0], queue, 1, 3, log));
  spawn(1, gives(frames[1], queue, 7, 1, log));
  spawned[0].cancel();
  EXPECT_EQ(outcomes[0], Errc::cancelled);
  log.clear();
  spawn(2, gets(frames[2], queue, 4, log));
  EXPECT_EQ(log, "1 2 7 +7 ");
  EXPECT_EQ(queue.waiting(), 1U);
}

// The value is on its way when the one who waited for it is cancelled.
Task<Error> puts_and_cancels(Body&, Numbers& queue, Spawned& other) {
  const Error error = queue.put(1);
  other.cancel();
  co_return error;
}

TEST_F(QueueTest, a_value_on_its_way_is_not_lost_by_cancelling) {
  spawn(0, gets(frames[0], queue, 2, log));
  spawn(1, puts_and_cancels(frames[1], queue, spawned[0]));
  EXPECT_EQ(log, "1 ");
  EXPECT_EQ(outcomes[0], Errc::cancelled);
}

Task<Error> gets_within(Body&, Numbers& queue, Clock& clock, Duration length, int& value) {
  const Result<int> got = co_await within(clock, length, queue.get());
  if (got) value = *got;
  co_return got.error();
}

TEST_F(QueueTest, waiting_for_a_value_can_be_limited) {
  int value = 0;
  spawn(0, gets_within(frames[0], queue, reactor, 10ms, value));
  spawn(1, gets_within(frames[1], queue, reactor, 30ms, value));
  reactor.run_for(20ms);
  EXPECT_EQ(outcomes[0], Errc::timed_out);
  EXPECT_FALSE(queue.put(5));
  EXPECT_EQ(value, 5);
  EXPECT_FALSE(outcomes[1]);
  EXPECT_EQ(reactor.timer_use().in_use, 0U);
}

TEST_F(QueueTest, a_value_from_a_thread_comes_in_the_next_turn) {
  spawn(0, gets(frames[0], queue, 2, log));
  EXPECT_TRUE(queue.put_from_thread(reactor, 1));
  EXPECT_TRUE(queue.put_from_isr(reactor, 2));
  EXPECT_EQ(log, "");
  reactor.turn(Duration::zero());
  EXPECT_EQ(log, "1 2 ");
}

TEST_F(QueueTest, a_value_from_a_thread_for_which_there_is_no_room_is_told_of) {
  Error error;
  reactor.on_error([&](Error heard, CallSource) { error = heard; });
  for (int value = 1; value <= 3; ++value) EXPECT_TRUE(queue.put_from_thread(reactor, value));
  reactor.turn(Duration::zero());
  EXPECT_EQ(error, Errc::no_capacity);
  EXPECT_EQ(queue.size(), 2U);
}

TEST_F(QueueTest, a_full_queue_of_posted_calls_is_an_error_to_who_posts) {
  while (reactor.call_from_thread([] {})) {
  }
  EXPECT_FALSE(queue.put_from_thread(reactor, 1));
  reactor.turn(Duration::zero());
  EXPECT_EQ(queue.size(), 0U);
}

// A producer, a consumer that is slower, and never more than the queue holds in between.
Task<Error> gets_slowly(Body&, Numbers& queue, Clock& clock, int count, int& sum) {
  for (int i = 0; i < count; ++i) {
    if (Error error = co_await sleep(clock, 10ms)) co_return error;
    const Result<int> value = co_await queue.get();
    if (!value) co_return value.error();
    sum = sum * 3 + *value;
  }
  co_return Error();
}

TEST_F(QueueTest, who_gives_is_held_back_by_who_gets) {
  int sum = 0;
  int expected = 0;
  for (int value = 0; value < 10; ++value) expected = expected * 3 + value;
  spawn(0, gives(frames[0], queue, 0, 10, log));
  spawn(1, gets_slowly(frames[1], queue, reactor, 10, sum));
  reactor.run_for(65ms);
  EXPECT_TRUE(spawned[0].active());
  reactor.run_for(40ms);
  EXPECT_FALSE(spawned[1].active());
  EXPECT_EQ(sum, expected);
  EXPECT_EQ(queue.high_water(), queue.capacity());
}

}  // namespace
}  // namespace bobbin
