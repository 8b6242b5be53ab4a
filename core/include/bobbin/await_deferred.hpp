// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <concepts>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include <bobbin/coroutine.hpp>
#include <bobbin/coroutines.hpp>
#include <bobbin/deferred.hpp>
#include <bobbin/failure.hpp>
#include <bobbin/task.hpp>

namespace bobbin {

// `co_await deferred`, or the end of its chain: goes on when a result comes out there, and takes it
// away: nothing comes out any more. Gives an Outcome<T>: a T or a Failure; `no_capacity` when the
// Deferred has no stage left; `cancelled` when it goes before it has a result. Cancelling the
// coroutine cancels the Deferred, whose result is then awaited all the same.
template <class T>
class [[nodiscard]] AwaitResult final : public Operation {
  using State = DeferredCore::State;

 public:
  explicit AwaitResult(Chain<T> chain) : chain_(chain) {}
  ~AwaitResult() {
    if (stage_ != nullptr) put_into(*stage_, nullptr);
  }

  void cancel() override { chain_.cancel(); }

  // Who limits the wait may still have to give it up before it begins, so one that is pending is
  // left as it is.
  bool await_ready() {
    const DeferredCore* const core = chain_.core();
    return (core == nullptr || core->has_result()) && !begin();
  }
  template <std::derived_from<TaskPromise> P>
  bool await_suspend(std::coroutine_handle<P> caller) {
    if (!begin()) return false;
    wait(caller.promise().coroutine());
    return true;
  }
  Outcome<T> await_resume() const { return outcome_; }

 private:
  // False if there is nothing to wait for: the result is there. It may come from inside.
  bool begin() {
    DeferredCore* const core = chain_.core();
    stage_ =
        core == nullptr ? nullptr : core->new_stage(&detail::type_of<T>, &detail::type_of<void>);
    if (stage_ == nullptr) {
      outcome_ = Failure(Errc::no_capacity, Origin());
      return false;
    }
    put_into(*stage_, this);
    stage_->run = &arrived;
    core->stage_added();
    return stage_ != nullptr;
  }

  static void put_into(DeferredCore::Stage& stage, AwaitResult* who) {
    std::construct_at(reinterpret_cast<AwaitResult**>(stage.captures), who);
  }

  // Null when nobody waits any more.
  static State arrived(std::byte* captures, DeferredCore::Cell& cell, State state) {
    AwaitResult* const self = *std::launder(reinterpret_cast<AwaitResult**>(captures));
    if (self == nullptr) return state;
    self->stage_ = nullptr;
    if (state != State::ended) self->outcome_ = detail::outcome_of<T>(cell, state);
    if (self->waiting()) self->finish();
    return State::succeeded;
  }

  Chain<T> chain_;
  DeferredCore::Stage* stage_ = nullptr;  // of the Deferred, while it has not run
  Outcome<T> outcome_ = Failure(Errc::cancelled, Origin());
};

template <class T>
AwaitResult<T> operator co_await(const Chain<T>& chain) {
  return AwaitResult<T>(chain);
}
template <class T>
AwaitResult<T> operator co_await(Deferred<T>& deferred) {
  return AwaitResult<T>(deferred.chain());
}

// What a Deferred holds that is fired by a Task<T>.
template <class T>
struct TaskValueOf {
  using type = T;
};
template <>
struct TaskValueOf<Error> {
  using type = void;
};
template <class T>
struct TaskValueOf<Outcome<T>> {
  using type = T;
};
template <class T>
using TaskValue = typename TaskValueOf<T>::type;

// A Deferred that a task fires when it ends (see `ensure_deferred`), after its frame is free again.
// The failure is the one that a Task<Outcome<T>> ended with, whole; of others, the error, which
// comes from nowhere. It is the caller's, like every Deferred, and may be started again when it was
// reset. Cancelling it cancels the coroutine, which may still make a result of its own if it waits
// for nothing more; otherwise the failure is `cancelled`, and how it ends is of no interest.
// Destroying it destroys the coroutine.
//
//   TaskDeferred<int> reading;
//   if (Error error = reading.start(coroutines, measure(frame, clock, sensor))) return error;
//   reading.add_callbacks(...);
template <class T>
class TaskDeferred final : private Coroutine, public Deferred<TaskValue<T>> {
 public:
  TaskDeferred() = default;
  // Started; if that is not possible, failed.
  TaskDeferred(CoroutinePool& coroutines, Task<T> task) {
    if (const Error error = start(coroutines, std::move(task)))
      this->errback(Failure(error, Origin()));
  }
  // Here, while what its canceller needs is there.
  ~TaskDeferred() {
    this->abandon();
    task_.reset();
    this->reset();
  }

  // Runs the task until it first waits; from inside a coroutine of `coroutines`, only when that one
  // waits. Errors, and nothing has begun: already_running, also while a coroutine that was
  // cancelled has not come to its end; invalid_argument, when it was fired already; no_capacity,
  // when the task has no frame.
  Error start(CoroutinePool& coroutines, Task<T> task) {
    if (this->active()) return Errc::already_running;
    if (this->called()) return Errc::invalid_argument;
    if (!task.has_frame()) return Errc::no_capacity;
    task_.emplace(std::move(task));
    disowned_ = false;
    this->on_cancel([this] { give_up(); });
    Coroutine::start(coroutines.ready(), task_->begin(*this));
    return {};
  }

  using Deferred<TaskValue<T>>::cancel;

 private:
  // Whoever hears of it may destroy this.
  void give_up() {
    disowned_ = true;
    Coroutine::cancel();
  }

  void ended() override {
    const TaskOutcome<T> outcome = task_->outcome();
    task_.reset();
    // What it makes of being cancelled at once is the result, later nothing is.
    if (disowned_ && this->state() != DeferredCore::State::cancelling) return;
    if (const Error error = error_of(outcome)) {
      if constexpr (is_outcome<T>) {
        this->errback(outcome.failure());
      } else {
        this->errback(Failure(error, Origin()));
      }
    } else if constexpr (std::is_void_v<TaskValue<T>>) {
      this->callback();
    } else {
      this->callback(*outcome);
    }
  }

  std::optional<Task<T>> task_;
  bool disowned_ = false;
};

// Twisted's ensureDeferred: what a task will have come to, as a Deferred. It lies where the caller
// puts it:
//
//   TaskDeferred<int> reading = ensure_deferred(coroutines, measure(frame, clock, sensor));
//
// When the task has no frame, it has the failure `no_capacity`.
template <class T>
TaskDeferred<T> ensure_deferred(CoroutinePool& coroutines, Task<T> task) {
  return TaskDeferred<T>(coroutines, std::move(task));
}

}  // namespace bobbin
