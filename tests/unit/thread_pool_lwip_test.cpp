// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// What a pool of the threads of lwIP's system does beyond what every pool does.

#include <bobbin/lwip/thread_pool.hpp>

#include <optional>

#include <gtest/gtest.h>

#include "threads_lwip.hpp"

namespace bobbin {
namespace {

struct LwipThreadsTest : testing::Test {
  using Pool = LwipThreadPool<ThreadPoolSizes{.workers = 2, .jobs = 2}>;

  test::LwipThreadWorld world;
};

// For the first, the second and the third semaphore; and then there is memory again.
TEST_F(LwipThreadsTest, cannot_start_without_its_semaphores_and_can_later) {
  const std::size_t all = test::semaphores_left;
  Pool pool;
  for (std::size_t left = 0; left < 3; ++left) {
    test::semaphores_left = left;
    EXPECT_EQ(pool.start(world.reactor), Errc::no_capacity) << left;
    EXPECT_FALSE(pool.running());
    EXPECT_EQ(test::semaphores_left, left) << "what it had it has given back";
  }
  test::semaphores_left = all;
  ASSERT_FALSE(pool.start(world.reactor));
  Deferred<int> result;
  ASSERT_FALSE(defer_to_thread(pool, result, [] { return 5; }));
  while (!result.called()) world.reactor.turn(std::chrono::milliseconds(1));
}

TEST_F(LwipThreadsTest, are_kept_while_the_pool_is_stopped_and_give_all_back_when_it_goes) {
  const std::size_t before = test::semaphores_left;
  std::optional<Pool> pool(std::in_place);
  EXPECT_EQ(test::semaphores_left, before) << "nothing is made before it starts";
  std::thread::id workers[2];
  for (std::thread::id& worker : workers) {
    ASSERT_FALSE(pool->start(world.reactor));
    Deferred<void> first;
    Deferred<void> second;
    ASSERT_FALSE(defer_to_thread(*pool, first, [] {}));
    ASSERT_FALSE(
        defer_to_thread(*pool, second, [&worker] { worker = std::this_thread::get_id(); }));
    while (pool->use().in_use > 0) world.reactor.turn(std::chrono::milliseconds(1));
    pool->stop();
    EXPECT_EQ(test::semaphores_left, before - 3);
  }
  EXPECT_NE(workers[0], std::thread::id());
  pool.reset();
  EXPECT_EQ(test::semaphores_left, before);
}

// It is woken as often as it was signalled, on whatever the system's semaphore is.
TEST_F(LwipThreadsTest, wait_for_a_semaphore_that_counts) {
  test::LwipThreadWorld::Semaphore semaphore;
  semaphore.release(3);
  for (int i = 0; i < 3; ++i) semaphore.acquire();
  semaphore.release();
  semaphore.acquire();
}

}  // namespace
}  // namespace bobbin
