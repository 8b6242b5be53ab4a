// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// What this system's threads do beyond what every pool does.

#include <bobbin/posix/thread_pool.hpp>

#include <chrono>
#include <csignal>
#include <semaphore>
#include <string>

#include <gtest/gtest.h>
#include <bobbin/posix.hpp>

namespace bobbin {
namespace {

using namespace std::chrono_literals;

TEST(PortsThreads, let_no_signal_through_to_workers) {
  EpollReactor<> reactor;
  PosixThreadPool<ThreadPoolSizes{.workers = 1, .jobs = 1}> pool;
  ASSERT_FALSE(pool.start(reactor));
  Deferred<bool> blocked;
  bool got = false;
  ASSERT_FALSE(defer_to_thread(pool, blocked, [] {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    return sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGCHLD) == 1;
  }));
  blocked.add_callback([&](bool value) { got = value; });
  while (!blocked.called()) reactor.turn(10ms);
  EXPECT_TRUE(got);
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  EXPECT_EQ(sigismember(&mask, SIGTERM), 0);
}

TEST(PortsThreads, run_jobs_in_the_order_of_asking) {
  EpollReactor<> reactor;
  PosixThreadPool<ThreadPoolSizes{.workers = 1, .jobs = 8}> pool;
  ASSERT_FALSE(pool.start(reactor));
  std::binary_semaphore came(0);
  std::binary_semaphore open(0);
  Deferred<void> first;
  ASSERT_FALSE(defer_to_thread(pool, first, [&] {
    came.release();
    open.acquire();
  }));
  came.acquire();
  std::string order;
  Deferred<void> jobs[6];
  for (int i = 0; i < 6; ++i) {
    const char name = static_cast<char>('a' + i);
    ASSERT_FALSE(defer_to_thread(pool, jobs[i], [&order, name] { order += name; }));
  }
  jobs[2].add_errback([](Failure) {});
  jobs[2].cancel();
  open.release();
  while (pool.use().in_use > 0) reactor.turn(10ms);
  EXPECT_EQ(order, "abdef");
}

}  // namespace
}  // namespace bobbin
