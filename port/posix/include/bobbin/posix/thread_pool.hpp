// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <pthread.h>
#include <semaphore.h>

#include <cstddef>
#include <span>

#include <bobbin/thread_pool.hpp>

namespace bobbin {

// A pool of this system's threads. They are made by `start`, with no signal let through to them,
// and have ended when `stop` returns; their stacks are the system's. Errors of `start`:
// no_capacity.
class PosixThreads {
 protected:
  explicit PosixThreads(std::span<pthread_t> threads);
  ~PosixThreads() { sem_destroy(&wakes_); }

  Error start_threads(ThreadPool& pool);
  void join_threads();
  void sleep_until_woken();
  void wake_one();

 private:
  std::span<pthread_t> threads_;
  std::size_t count_ = 0;
  sem_t wakes_;
};

template <ThreadPoolSizes sizes = ThreadPoolSizes{}>
class PosixThreadPool final : private PosixThreads, public ThreadPoolOf<sizes.jobs> {
  static_assert(sizes.workers > 0, "bobbin: a thread pool has at least one worker");

 public:
  PosixThreadPool() : PosixThreads(threads_) {}
  ~PosixThreadPool() { this->stop(); }

 private:
  void sleep() override { sleep_until_woken(); }
  void wake() override { wake_one(); }
  Error start_workers() override { return start_threads(*this); }
  void join() override { join_threads(); }

  pthread_t threads_[sizes.workers];
};

}  // namespace bobbin
