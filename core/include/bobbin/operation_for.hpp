// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <concepts>
#include <coroutine>

#include <bobbin/coroutine.hpp>
#include <bobbin/error.hpp>
#include <bobbin/task.hpp>

namespace bobbin {

// An operation that gives an Outcome, which is an Error or a Result.
template <class Outcome>
class OperationFor : public Operation {
 public:
  template <std::derived_from<TaskPromise> P>
  bool await_suspend(std::coroutine_handle<P> caller) {
    return begin(caller.promise().coroutine());
  }
  Outcome await_resume() const { return outcome_; }

 protected:
  OperationFor() = default;
  ~OperationFor() = default;

  void finish_with(Outcome outcome) {
    outcome_ = outcome;
    finish();
  }

  Outcome outcome_ = Errc::cancelled;

 private:
  // Asks for what is awaited and waits for it. False if there is nothing to wait for: the outcome
  // is there.
  virtual bool begin(Coroutine& coroutine) = 0;
};

}  // namespace bobbin
