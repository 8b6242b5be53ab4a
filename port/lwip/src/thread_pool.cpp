// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/lwip/thread_pool.hpp>

namespace bobbin {

Error LwipSemaphore::open() {
  return sys_sem_new(&set_, 0) == ERR_OK ? Error() : Error(Errc::no_capacity);
}

void LwipSemaphore::signal() {
  if (count_.fetch_add(1, std::memory_order_acq_rel) == 0) sys_sem_signal(&set_);
}

// Who has the semaphore alone takes from the count, and passes it on if that leaves any.
void LwipSemaphore::wait() {
  sys_arch_sem_wait(&set_, 0);
  if (count_.fetch_sub(1, std::memory_order_acq_rel) > 1) sys_sem_signal(&set_);
}

Error LwipThreads::start_threads() {
  if (!made_) {
    if (Error error = open()) return error;
    make_threads();
  }
  for (std::size_t i = 0; i < workers_; ++i) begins_.signal();
  at_work_ = true;
  return {};
}

Error LwipThreads::open() {
  LwipSemaphore* const all[] = {&wakes_, &begins_, &left_};
  for (LwipSemaphore* const* next = all; next != all + 3; ++next) {
    const Error error = (*next)->open();
    if (!error) continue;
    while (next != all) (*--next)->close();
    return error;
  }
  return {};
}

void LwipThreads::make_threads() {
  made_ = true;
  for (std::size_t i = 0; i < workers_; ++i) {
    sys_thread_new(
        options_.name, [](void* self) { static_cast<LwipThreads*>(self)->run(); }, this,
        options_.stack_size, options_.priority);
  }
}

void LwipThreads::run() {
  while (true) {
    begins_.wait();
    if (ending_) break;
    pool_.work();
    left_.signal();
  }
  left_.signal();
}

// A pool that could not start has nobody to wait for.
void LwipThreads::join_threads() {
  if (!at_work_) return;
  at_work_ = false;
  wait_for_all();
}

void LwipThreads::end_threads() {
  if (!made_) return;
  ending_ = true;
  for (std::size_t i = 0; i < workers_; ++i) begins_.signal();
  wait_for_all();
  wakes_.close();
  begins_.close();
  left_.close();
}

void LwipThreads::wait_for_all() {
  for (std::size_t i = 0; i < workers_; ++i) left_.wait();
}

void LwipThreads::wake_one() {
  if (made_) wakes_.signal();
}

}  // namespace bobbin
