// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <thread>

#include <gtest/gtest.h>
#include <bobbin/lwip.hpp>
#include <bobbin/lwip/thread_host.hpp>
#include <bobbin/lwip/thread_pool.hpp>

#include "support/threads/lwip_thread.hpp"
#include "support/threads/virtual_time.hpp"

namespace bobbin::test {

constexpr std::size_t worker_count = 3;
constexpr std::size_t job_count = 4;

// The threads and semaphores of lwIP's sys_arch, as on an RTOS: lwIP in a thread of its own, the
// reactor in the test's, and virtual time, in which a job that waits must take part.
struct LwipThreadWorld {
  using Reactor = LwipReactor<ReactorSizes{.timers = 16, .posted_calls = 4}>;
  using Pool = LwipThreadPool<ThreadPoolSizes{.workers = worker_count, .jobs = job_count}>;

  class Semaphore {
   public:
    Semaphore() { EXPECT_FALSE(semaphore_.open()); }
    ~Semaphore() { semaphore_.close(); }

    void acquire() { semaphore_.wait(); }
    void release(std::size_t count = 1) {
      for (; count > 0; --count) semaphore_.signal();
    }

   private:
    LwipSemaphore semaphore_;
  };

  class Thread {
   public:
    template <class F>
    explicit Thread(F function)
        : thread_([function] {
            function();
            VirtualTime::only().leave();
          }) {}
    void join() { thread_.join(); }

   private:
    // Before the thread begins.
    struct Joined {
      Joined() { VirtualTime::only().join(); }
    };

    [[no_unique_address]] Joined joined_;
    std::thread thread_;
  };

  CoreLocked locked;
  LwipThreadHost host;
  Reactor reactor{host};
};

using ThreadWorlds = testing::Types<LwipThreadWorld>;

}  // namespace bobbin::test
