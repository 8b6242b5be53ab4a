// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/callback.hpp>
#include <bobbin/clock.hpp>
#include <bobbin/deferred.hpp>
#include <bobbin/waiters.hpp>

namespace bobbin {

// Many triggers, few calls (after Buildbot's `debounce`): the function is called one period after
// the first trigger, for that and all that came meanwhile. It may return a Chain of what it does
// and is then not called again until that is done; a trigger meanwhile starts a period after it. A
// failure of that is nobody's, and told of as such. It is the caller's, does not move and must not
// be destroyed by its own function.
class Debounce {
 public:
  // Returns nothing, or the end of what is not done yet.
  using Function = InplaceFunction<Chain<void>()>;

  // `period` is zero or more.
  Debounce(Clock& clock, Duration period, Function function)
      : clock_(clock), period_(period), function_(function) {}
  Debounce(const Debounce&) = delete;
  Debounce& operator=(const Debounce&) = delete;
  ~Debounce() { due_.cancel(); }

  // Errors: no_capacity, when there is no timer: nothing has changed; not_running after `stop`.
  Error trigger();

  // No call any more. Fires `stopped`, which is pending, when the one that runs is done: at once
  // if none does.
  void stop(Deferred<void>& stopped);

  // Whether a call is due, and whether one is not done.
  bool due() const { return running_ ? triggered_ : due_.active(); }
  bool running() const { return running_; }

 private:
  void call();
  void done();
  Error arm(Duration delay);

  Clock& clock_;
  Duration period_;
  Function function_;
  DelayedCall due_;
  Waiters stopping_;
  Deferred<void> running_call_;
  bool running_ = false;
  bool triggered_ = false;  // while it ran
  bool stopped_ = false;
};

}  // namespace bobbin
