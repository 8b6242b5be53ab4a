// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/thread_pool.hpp>

#include <bobbin/assert.hpp>
#include <bobbin/reactor.hpp>

namespace bobbin {

namespace {

// Of a job's ticket: that it waits. The order is in the other bits; they go round, but no two jobs
// that wait are as far apart as that.
constexpr std::uint32_t waits = 1;
constexpr std::uint32_t taken = 0;

bool earlier(std::uint32_t one, std::uint32_t other) {
  return static_cast<std::int32_t>(one - other) < 0;
}

}  // namespace

ThreadPool::ThreadPool(std::span<Job> jobs) : jobs_(jobs), delivery_([this] { deliver(); }) {
  use_.capacity = static_cast<std::uint32_t>(jobs.size());
  for (Job& job : jobs) {
    job.next = free_;
    free_ = &job;
  }
}

Error ThreadPool::start(Reactor& reactor) {
  BOBBIN_ASSERT_CONTEXT(reactor);
  if (state_ != State::stopped) return Errc::already_running;
  if (Error error = attach(reactor)) return error;
  stopping_.store(false, std::memory_order_relaxed);
  state_ = State::running;
  const Error error = start_workers();
  if (error) stop();
  return error;
}

// Who is told of the end here may cancel others and destroy them, and finds the pool stopping.
void ThreadPool::end() {
  state_ = State::stopping;
  stopping_.store(true, std::memory_order_release);
  while (Job* const job = next_job()) {
    job->result->cancel();
    release(*job);
  }
  wake();
  join();
  reactor()->take_back(delivery_);
  deliver();
  state_ = State::stopped;
}

ThreadPool::Job* ThreadPool::acquire() {
  BOBBIN_ASSERT_CONTEXT(*reactor());
  Job* const job = free_;
  if (job == nullptr) {
    ++use_.refused;
    return nullptr;
  }
  free_ = job->next;
  use_.take();
  return job;
}

void ThreadPool::release(Job& job) {
  job.next = free_;
  free_ = &job;
  use_.give_back();
}

void ThreadPool::submit(Job& job, DeferredCore& result) {
  job.result = &result;
  const std::uint32_t ticket = next_ticket_.load(std::memory_order_relaxed);
  job.ticket.store(ticket | waits, std::memory_order_release);
  next_ticket_.store(ticket + 2, std::memory_order_release);
  wake();
}

// The canceller of the Deferred. Either a worker has taken the job, or it cannot any more.
void ThreadPool::cancel(Job& job) {
  BOBBIN_ASSERT_CONTEXT(*reactor());
  job.result = nullptr;
  std::uint32_t ticket = job.ticket.load(std::memory_order_relaxed);
  if ((ticket & waits) == 0) return;
  if (job.ticket.compare_exchange_strong(ticket, taken, std::memory_order_relaxed)) release(job);
}

void ThreadPool::work() {
  while (true) {
    sleep();
    if (stopping_.load(std::memory_order_acquire)) break;
    if (Job* const job = next_job()) run(*job);
  }
  wake();  // the next one leaves too
}

// There are few, and no lock, so that a worker that is interrupted keeps neither another one nor
// the reactor waiting. Who took our wake for one of these may have taken another that we had looked
// at before it came: it would never have a wake of its own. So if any came meanwhile we look again.
ThreadPool::Job* ThreadPool::next_job() {
  while (true) {
    const std::uint32_t before = next_ticket_.load(std::memory_order_acquire);
    std::uint32_t ticket = 0;
    Job* const job = longest_waiting(ticket);
    if (job == nullptr) {
      if (next_ticket_.load(std::memory_order_acquire) == before) return nullptr;
    } else if (job->ticket.compare_exchange_strong(ticket, taken, std::memory_order_acq_rel)) {
      return job;
    }
  }
}

ThreadPool::Job* ThreadPool::longest_waiting(std::uint32_t& ticket) {
  Job* first = nullptr;
  for (Job& job : jobs_) {
    const std::uint32_t found = job.ticket.load(std::memory_order_acquire);
    if ((found & waits) == 0 || (first != nullptr && earlier(ticket, found))) continue;
    first = &job;
    ticket = found;
  }
  return first;
}

void ThreadPool::run(Job& job) {
  job.outcome = job.run(job.captures, job.cell);
  job.next = done_.load(std::memory_order_relaxed);
  while (!done_.compare_exchange_weak(job.next, &job, std::memory_order_release,
                                      std::memory_order_relaxed)) {
  }
  reactor()->call_from_thread(delivery_);
}

void ThreadPool::deliver() {
  take_done();
  while (undelivered_ != nullptr) {
    Job& job = *undelivered_;
    undelivered_ = job.next;
    DeferredCore* const result = job.result;
    const Job::Cell cell = job.cell;
    const Job::Outcome outcome = job.outcome;
    const auto fire = job.fire;
    // Before: who is told may ask for the next one.
    release(job);
    if (result != nullptr) fire(*result, cell, outcome);
  }
}

// In the order in which they were done, behind those whose delivery was interrupted: by somebody
// who was told and stops the pool.
void ThreadPool::take_done() {
  Job* newest = done_.exchange(nullptr, std::memory_order_acquire);
  Job* oldest = nullptr;
  while (newest != nullptr) {
    Job* const job = newest;
    newest = job->next;
    job->next = oldest;
    oldest = job;
  }
  Job** end = &undelivered_;
  while (*end != nullptr) end = &(*end)->next;
  *end = oldest;
}

}  // namespace bobbin
