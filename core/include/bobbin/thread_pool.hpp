// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

#include <bobbin/deferred.hpp>
#include <bobbin/dependent.hpp>
#include <bobbin/posted_calls.hpp>

namespace bobbin {

// Of a port's pool.
struct ThreadPoolSizes {
  std::size_t workers = 4;
  std::size_t jobs = 16;  // waiting and running
};

// Threads that do what would block the reactor: Twisted's ThreadPool, of a fixed number of workers
// and of jobs. What it needs of a system is a way for workers to wait; a port's pool adds that and
// the threads: on Linux `PosixThreadPool`, and wherever lwIP has a thread of its own, as on an
// RTOS, `LwipThreadPool`. Elsewhere a program derives its own from `ThreadPoolOf<jobs>`, with three
// functions over what its system has (see `sleep`), and threads of its own call `work()`.
//
// A job is a function without side effects: what it needs is captured, as plain values, and what it
// finds out is what it returns. It runs once, on one worker, and its result comes to a Deferred
// from the reactor, by a call that cannot fail: each job is a place in the list of those that are
// done, and one StandingCall tells of all of them. What it refers to must stay until it has run,
// and cancelling does not stop one that runs.
//
// All calls but `work()` are for the reactor's own thread.
class ThreadPool : public Dependent {
 public:
  struct Job;

  // Takes jobs from now on, for as long as the reactor runs. Errors: already_running; not_running
  // when the reactor has stopped; already_registered; those of the port's, as no_capacity for too
  // many threads. After an error there are no workers.
  Error start(Reactor& reactor);

  // Waits until jobs that run are over and the workers have left, which the rest of the program
  // waits for. From inside it, results of those are delivered, and jobs that had not begun are
  // taken back: their Deferreds fail with `cancelled`. The reactor's end does the same. It may be
  // started again. From inside a function that it calls itself nothing happens. A pool must not be
  // destroyed from inside one that it calls.
  void stop() { shut_down(); }

  bool running() const { return state_ == State::running; }

  // Has `function()` run by a worker, jobs in the order of asking, and `result` fired with what it
  // returns: what a stage's function may return, but for a Deferred or a Chain. Cancelling
  // `result`, or destroying it, takes the job back if it has not begun; else what it returns is
  // dropped. Errors: no_capacity when all places for jobs are taken; not_running; invalid_argument
  // when `result` has been fired. Then `result` is as it was.
  // An error that is returned as such comes from `origin`, as with stages.
  template <class T, class F>
  Error defer(Deferred<T>& result, F function, Origin origin = Origin::here());

  // For workers: does jobs until the pool stops, and then returns. From `start_workers` on.
  void work();

  // Places for jobs: taken ones wait, run, or are about to be delivered.
  const PoolUse& use() const { return use_; }

 protected:
  explicit ThreadPool(std::span<Job> jobs);
  ~ThreadPool() = default;

  // The port's part: a counting semaphore, and threads. `sleep`, called by workers, returns once
  // for each `wake` before or after, which any thread may call; how many count has to reach the
  // number of jobs, and those beyond may be forgotten. It may return without a reason.
  virtual void sleep() = 0;
  virtual void wake() = 0;
  // Has workers call `work()`; and waits until all have returned from it. The most derived class
  // calls `stop()` from its destructor.
  virtual Error start_workers() = 0;
  virtual void join() = 0;

 private:
  enum class State : std::uint8_t { stopped, running, stopping };

  void end() override;
  Job* acquire();
  void submit(Job& job, DeferredCore& result);
  void cancel(Job& job);
  void release(Job& job);
  Job* next_job();
  Job* longest_waiting(std::uint32_t& ticket);
  void run(Job& job);
  void take_done();
  void deliver();

  std::span<Job> jobs_;
  Job* free_ = nullptr;
  Job* undelivered_ = nullptr;
  State state_ = State::stopped;
  PoolUse use_;
  std::atomic<std::uint32_t> next_ticket_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<Job*> done_{nullptr};  // linked, the last one first
  StandingCall delivery_;
};

// One of a pool's places for jobs.
struct ThreadPool::Job {
  using Cell = DeferredCore::Cell;
  using Outcome = DeferredCore::State;

  alignas(std::uint64_t) std::byte captures[config::callback_bytes];
  Outcome (*run)(std::byte* captures, Cell& cell) = nullptr;
  void (*fire)(DeferredCore& result, const Cell& cell, Outcome outcome) = nullptr;
  DeferredCore* result = nullptr;  // of the reactor's thread; null once nobody wants it
  Job* next = nullptr;             // of the list it is in
  Cell cell;
  Outcome outcome = Outcome::pending;
  // While it waits for a worker, its place in the order of asking, and a bit for that it does.
  std::atomic<std::uint32_t> ticket{0};
};

// The memory of a pool's jobs: a base class placed before it.
template <std::size_t jobs>
struct ThreadJobs {
  static_assert(jobs > 0, "bobbin: a thread pool has room for at least one job");

  ThreadPool::Job places[jobs];
};

// A pool with room for so many jobs at a time, waiting and running; a port's, or a program's own.
template <std::size_t jobs>
class ThreadPoolOf : private ThreadJobs<jobs>, public ThreadPool {
 protected:
  ThreadPoolOf() : ThreadPool(this->places) {}
};

template <class T, class F>
Error ThreadPool::defer(Deferred<T>& result, F function, Origin origin) {
  using Given = detail::OnValue<F, void>;
  static_assert(
      std::is_void_v<T> || std::is_same_v<Given, T> || std::is_same_v<Given, detail::NoValue>,
      "bobbin: this function does not give what the Deferred is to be fired with");
  static_assert(!detail::comes_later<std::remove_cvref_t<std::invoke_result_t<F&>>>,
                "bobbin: a job returns its result, and not a Deferred or a Chain of it");
  static_assert(
      sizeof(F) <= config::callback_bytes,
      "bobbin: the captures are too large for a job; capture a pointer to the object that "
      "holds the data, or raise BOBBIN_CALLBACK_BYTES");
  static_assert(alignof(F) <= alignof(std::uint64_t), "bobbin: the capture is over-aligned");
  static_assert(std::is_trivially_copyable_v<F> && std::is_trivially_destructible_v<F>,
                "bobbin: a job owns nothing; capture pointers, references and plain values");
  if (!running()) return Errc::not_running;
  if (result.state() != DeferredCore::State::pending) return Errc::invalid_argument;
  Job* const job = acquire();
  if (job == nullptr) return Errc::no_capacity;
  using Stage = detail::AloneStage<F>;
  std::construct_at(reinterpret_cast<Stage*>(job->captures), Stage{function, origin});
  job->run = &Stage::run;
  job->fire = [](DeferredCore& core, const Job::Cell& cell, Job::Outcome outcome) {
    auto& deferred = static_cast<Deferred<T>&>(core);
    if (outcome == Job::Outcome::failed) {
      deferred.errback(cell.get<Failure>());
    } else if constexpr (std::is_void_v<T>) {
      deferred.callback();
    } else if constexpr (std::is_same_v<Given, T>) {
      deferred.callback(cell.get<T>());
    }
  };
  result.on_cancel([this, job] { cancel(*job); });
  submit(*job, result);
  return {};
}

// Twisted's deferToThread:
//
//   Deferred<int> answer;
//   if (Error error = defer_to_thread(pool, answer, [n] { return factorise(n); })) …
//   answer.add_callback([](int factor) { … });
template <class T, class F>
Error defer_to_thread(ThreadPool& pool, Deferred<T>& result, F function,
                      Origin origin = Origin::here()) {
  return pool.defer(result, function, origin);
}

}  // namespace bobbin
