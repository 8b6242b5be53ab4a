// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <bobbin/assert.hpp>
#include <bobbin/coroutine.hpp>
#include <bobbin/error.hpp>
#include <bobbin/failure.hpp>
#include <bobbin/frame.hpp>

namespace bobbin {

template <class T>
class Task;

template <class T>
inline constexpr bool is_outcome = false;
template <class T>
inline constexpr bool is_outcome<Outcome<T>> = true;

// What awaiting a Task<T> gives: a T or the reason there is none.
template <class T>
using TaskOutcome =
    std::conditional_t<std::is_void_v<T> || std::is_same_v<T, Error> || is_outcome<T>,
                       std::conditional_t<is_outcome<T>, T, Error>, Result<T>>;

constexpr Error error_of(Error error) { return error; }
template <class T>
constexpr Error error_of(const Result<T>& result) {
  return result.error();
}
template <class T>
Error error_of(const Outcome<T>& outcome) {
  return outcome ? Error() : outcome.failure().error();
}

// The outcome of what has failed by the library's own doing, which comes from nowhere.
template <class Ending>
Ending failed_with(Errc code) {
  if constexpr (is_outcome<Ending>) {
    return Failure(code, Origin());
  } else {
    return code;
  }
}

// What the compiler asks of every coroutine, whatever it returns.
class TaskPromise {
 public:
  // The frame is the first parameter; of a member function or a lambda the one after the object.
  template <std::size_t bytes, class... Arguments>
  [[gnu::always_inline]] static void* operator new(std::size_t size, Frame<bytes>& frame,
                                                   Arguments&&...) noexcept {
    return frame.take(size);
  }
  template <class Object, std::size_t bytes, class... Arguments>
  requires(!is_frame<std::remove_cvref_t<Object>>) [[gnu::always_inline]] static void* operator new(
      std::size_t size, Object&&, Frame<bytes>& frame, Arguments&&...) noexcept {
    return frame.take(size);
  }
  template <class... Arguments>
  static void* operator new(std::size_t, Arguments&&...) noexcept {
    static_assert(sizeof...(Arguments) == std::size_t(-1),
                  "bobbin: the first parameter of a coroutine is the Frame it lies in");
    return nullptr;
  }
  static void operator delete(void* place) { FrameSlot::give_back(place); }

  Coroutine& coroutine() const { return *coroutine_; }

  std::suspend_always initial_suspend() noexcept { return {}; }

  struct Return {
    bool await_ready() noexcept { return false; }
    template <std::derived_from<TaskPromise> P>
    void await_suspend(std::coroutine_handle<P> ending) noexcept {
      ending.promise().coroutine_->return_to(ending.promise().caller_);
    }
    void await_resume() noexcept {}
  };
  Return final_suspend() noexcept { return {}; }

  // Nothing throws; the compiler asks all the same.
  void unhandled_exception() { BOBBIN_ASSERT(false); }

 protected:
  TaskPromise() = default;
  ~TaskPromise() = default;

 private:
  template <class T>
  friend class Task;

  Coroutine* coroutine_ = nullptr;
  std::coroutine_handle<> caller_;  // null for the outermost
};

template <class T>
class TaskResult : public TaskPromise {
 public:
  void return_value(TaskOutcome<T> outcome) { outcome_ = outcome; }
  TaskOutcome<T> outcome() const { return outcome_; }

 private:
  TaskOutcome<T> outcome_ = failed_with<TaskOutcome<T>>(Errc::cancelled);
};

template <>
class TaskResult<void> : public TaskPromise {
 public:
  void return_void() {}
  Error outcome() const { return {}; }
};

// A coroutine: a function that may wait in the middle. Its first parameter is the Frame it lies in;
// it begins when it is awaited or spawned (`Coroutines::spawn`), and is awaited once.
//
//   Task<int> measure(Frame<96>& frame, Clock& clock, Sensor& sensor) {
//     sensor.start();
//     if (Error error = co_await sleep(clock, 10ms)) co_return error;
//     co_return sensor.value();
//   }
//
// A Task<T> gives a T or an error, and may `co_return` either; T is a small plain value. A
// Task<Error> gives an error or none, and must `co_return` at its end. A Task<Outcome<T>> gives a T
// or a Failure, with the place it comes from and of a kind of the program's own; it may `co_return`
// a T, a Failure or an enumerator, and costs three words of frame more. In a Task<void> nothing can
// go wrong; awaiting it gives an Error all the same, for this: when the frame was taken the
// coroutine does not begin, and its outcome is `no_capacity`.
//
// Destroying a task that has begun destroys its variables, and so ends what it waits for, without
// a word. The task owns its frame until then; parameters that are references must last as long.
template <class T = void>
class [[nodiscard]] Task {
 public:
  struct promise_type : TaskResult<T> {
    // A compiler that sees through the handle may put the frame elsewhere, clang into the caller's:
    // both sizes would then be others than those that were named. So it does not see through.
    Task get_return_object() {
      void* frame = std::coroutine_handle<promise_type>::from_promise(*this).address();
      asm volatile("" : "+r"(frame));
      return Task(std::coroutine_handle<promise_type>::from_address(frame));
    }
    static Task get_return_object_on_allocation_failure() { return Task(nullptr); }
  };

  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (frame_ != nullptr) frame_.destroy();
  }

  // False when there was no room for it.
  bool has_frame() const { return frame_ != nullptr; }

  // For `co_await`, and for who runs it as the outermost of a coroutine.
  bool await_ready() const { return !has_frame(); }
  template <std::derived_from<TaskPromise> P>
  void await_suspend(std::coroutine_handle<P> caller) {
    TaskPromise& promise = frame_.promise();
    promise.coroutine_ = caller.promise().coroutine_;
    promise.caller_ = caller;
    promise.coroutine_->call(frame_);
  }
  TaskOutcome<T> await_resume() const { return outcome(); }

  std::coroutine_handle<> begin(Coroutine& coroutine) {
    static_cast<TaskPromise&>(frame_.promise()).coroutine_ = &coroutine;
    return frame_;
  }
  TaskOutcome<T> outcome() const {
    return has_frame() ? frame_.promise().outcome()
                       : failed_with<TaskOutcome<T>>(Errc::no_capacity);
  }
  // The frame is the caller's to destroy; `outcome_in` then tells what the task ended with.
  void release() { frame_ = nullptr; }
  static Outcome<void> outcome_in(std::coroutine_handle<> frame) {
    const TaskOutcome<T> outcome =
        std::coroutine_handle<promise_type>::from_address(frame.address()).promise().outcome();
    const Error error = error_of(outcome);
    if (!error) return {};
    if constexpr (is_outcome<TaskOutcome<T>>) {
      return outcome.failure();
    } else {
      return Failure(error, Origin());
    }
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

  std::coroutine_handle<promise_type> frame_;
};

}  // namespace bobbin
