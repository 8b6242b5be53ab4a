// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/thread_pool.hpp>

#include <cerrno>
#include <csignal>

#include "system_error.hpp"

namespace bobbin {

namespace {

void* work(void* pool) {
  static_cast<ThreadPool*>(pool)->work();
  return nullptr;
}

}  // namespace

PosixThreads::PosixThreads(std::span<pthread_t> threads) : threads_(threads) {
  sem_init(&wakes_, 0, 0);
}

// A thread begins with its maker's signal mask: signals are for the reactor's thread.
Error PosixThreads::start_threads(ThreadPool& pool) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int trouble = 0;
  while (trouble == 0 && count_ < threads_.size()) {
    trouble = pthread_create(&threads_[count_], nullptr, work, &pool);
    if (trouble == 0) ++count_;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (trouble == EAGAIN) return {Errc::no_capacity, trouble};
  return trouble == 0 ? Error() : error_of(trouble);
}

void PosixThreads::join_threads() {
  while (count_ > 0) pthread_join(threads_[--count_], nullptr);
}

void PosixThreads::sleep_until_woken() {
  while (sem_wait(&wakes_) != 0 && errno == EINTR) {
  }
}

// It counts farther than any number of jobs; what would go beyond is forgotten.
void PosixThreads::wake_one() { sem_post(&wakes_); }

}  // namespace bobbin
