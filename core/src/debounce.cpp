// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/debounce.hpp>

namespace bobbin {

Error Debounce::trigger() {
  if (stopped_) return Errc::not_running;
  if (!running_) return arm(period_);
  triggered_ = true;
  return {};
}

void Debounce::stop(Deferred<void>& stopped) {
  stopped_ = true;
  due_.cancel();
  if (running_) return stopping_.add(stopped);
  stopped.callback();
}

Error Debounce::arm(Duration delay) {
  if (due_.active()) return {};
  const Result<DelayedCall> due = clock_.call_later(delay, [this] { call(); });
  if (!due) return due.error();
  due_ = *due;
  return {};
}

// The place of the timer that just fired is kept for what is triggered meanwhile.
void Debounce::call() {
  running_ = true;
  static_cast<void>(arm(forever));
  const Chain<void> doing = function_();
  if (!doing) return done();
  running_call_.reset();
  running_call_.fire_with([doing] { return doing; });
  running_call_.add_both([this](const Outcome<void>& outcome) {
    done();
    return outcome;
  });
}

void Debounce::done() {
  running_ = false;
  if (!triggered_ || stopped_) due_.cancel();
  if (stopped_) {
    stopping_.take_all(
        [](DeferredCore& waiter) { static_cast<Deferred<void>&>(waiter).callback(); });
    return;
  }
  if (!triggered_) return;
  triggered_ = false;
  due_.reset(period_);
}

}  // namespace bobbin
