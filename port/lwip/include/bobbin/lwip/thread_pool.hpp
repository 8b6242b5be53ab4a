// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <bobbin/thread_pool.hpp>

#include <lwip/opt.h>
#include <lwip/sys.h>

namespace bobbin {

// A semaphore that counts, of one of lwIP's, which on some systems (FreeRTOS) is binary: that one
// is set while the count is not zero and nobody is about to set it again.
class LwipSemaphore {
 public:
  LwipSemaphore() = default;
  LwipSemaphore(const LwipSemaphore&) = delete;
  LwipSemaphore& operator=(const LwipSemaphore&) = delete;

  // Once. Errors: no_capacity, when the system has no memory for it.
  Error open();
  void close() { sys_sem_free(&set_); }

  void signal();
  void wait();

 private:
  std::atomic<std::uint32_t> count_{0};
  sys_sem_t set_;
};

// As sys_thread_new() takes them; a stack's size is in the units of the system's sys_arch.
struct LwipThreadOptions {
  const char* name = "bobbin";
  int stack_size = DEFAULT_THREAD_STACKSIZE;
  int priority = DEFAULT_THREAD_PRIO;
};

// The threads of a LwipThreadPool. Each goes round: waits until the pool is started, works, tells
// that it has left.
class LwipThreads {
 public:
  LwipThreads(const LwipThreads&) = delete;
  LwipThreads& operator=(const LwipThreads&) = delete;

 protected:
  LwipThreads(ThreadPool& pool, std::size_t workers, const LwipThreadOptions& options)
      : pool_(pool), workers_(workers), options_(options) {}
  ~LwipThreads() = default;

  Error start_threads();
  void join_threads();
  void end_threads();
  void sleep_until_woken() { wakes_.wait(); }
  void wake_one();

 private:
  Error open();
  void make_threads();
  void wait_for_all();
  void run();

  ThreadPool& pool_;
  std::size_t workers_;
  LwipThreadOptions options_;
  bool made_ = false;
  bool at_work_ = false;
  bool ending_ = false;
  LwipSemaphore wakes_;
  LwipSemaphore begins_;
  LwipSemaphore left_;
};

// A pool of the threads of the system that lwIP runs on (NO_SYS 0), which needs nothing of it but
// lwIP's sys_arch: sys_thread_new() and semaphores, on FreeRTOS as elsewhere. They are made by the
// first `start` and kept: after `stop` they sleep until the next one. Errors of `start`:
// no_capacity, for the semaphores; that there is no memory for a thread is sys_thread_new()'s to
// deal with.
//
// Jobs call neither lwIP nor the reactor. Destroying the pool has its threads return from their
// function, which not every system allows (FreeRTOS does not): there it is never destroyed.
template <ThreadPoolSizes sizes = ThreadPoolSizes{}>
class LwipThreadPool final : private LwipThreads, public ThreadPoolOf<sizes.jobs> {
  static_assert(sizes.workers > 0, "bobbin: a thread pool has at least one worker");

 public:
  explicit LwipThreadPool(const LwipThreadOptions& options = {})
      : LwipThreads(static_cast<ThreadPool&>(*this), sizes.workers, options) {}
  ~LwipThreadPool() {
    this->stop();
    end_threads();
  }

 private:
  void sleep() override { sleep_until_woken(); }
  void wake() override { wake_one(); }
  Error start_workers() override { return start_threads(); }
  void join() override { join_threads(); }
};

}  // namespace bobbin
