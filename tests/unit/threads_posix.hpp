// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <condition_variable>
#include <mutex>
#include <semaphore>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/posix.hpp>

namespace bobbin::test {

constexpr std::size_t worker_count = 3;
constexpr std::size_t job_count = 4;

// What a program does on a system that no port is for: threads of its own, which call `work`, and a
// way to wait. It forgets wakes beyond the number of jobs, as it may.
class OwnThreads final : public ThreadPoolOf<job_count> {
 public:
  ~OwnThreads() { stop(); }

 private:
  void sleep() override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return wakes_ > 0; });
    --wakes_;
  }
  void wake() override {
    const std::lock_guard lock(mutex_);
    if (wakes_ < job_count) ++wakes_;
    changed_.notify_one();
  }
  Error start_workers() override {
    for (std::size_t i = 0; i < worker_count; ++i) threads_.emplace_back([this] { work(); });
    return {};
  }
  void join() override {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t wakes_ = 0;
  std::vector<std::thread> threads_;
};

using PortsThreads = PosixThreadPool<ThreadPoolSizes{.workers = worker_count, .jobs = job_count}>;

// This machine's threads and time.
template <class ThePool>
struct PosixThreadWorld {
  using Reactor = EpollReactor<ReactorSizes{.timers = 16, .posted_calls = 4}>;
  using Pool = ThePool;
  using Thread = std::thread;
  struct Semaphore : std::counting_semaphore<> {
    Semaphore() : std::counting_semaphore<>(0) {}
  };

  Reactor reactor;
};

using ThreadWorlds = testing::Types<PosixThreadWorld<PortsThreads>, PosixThreadWorld<OwnThreads>>;

}  // namespace bobbin::test
