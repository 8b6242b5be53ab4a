// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/clock.hpp>

#include <algorithm>

#include <bobbin/assert.hpp>

namespace bobbin {

bool DelayedCall::active() const {
  if (clock_ == nullptr) return false;
  BOBBIN_ASSERT_CONTEXT(*clock_);
  return clock_->timers_.holds(handle_);
}

bool DelayedCall::cancel() {
  if (clock_ == nullptr) return false;
  BOBBIN_ASSERT_CONTEXT(*clock_);
  return clock_->timers_.cancel(handle_);
}

bool DelayedCall::reset(Duration from_now) {
  if (clock_ == nullptr) return false;
  BOBBIN_ASSERT_CONTEXT(*clock_);
  return active() && clock_->timers_.reschedule(handle_, after(clock_->present(), from_now));
}

bool DelayedCall::delay(Duration longer) {
  if (clock_ == nullptr) return false;
  BOBBIN_ASSERT_CONTEXT(*clock_);
  return active() && clock_->timers_.reschedule(handle_, after(time(), longer));
}

Instant DelayedCall::time() const { return active() ? clock_->timers_.deadline(handle_) : never; }

Result<DelayedCall> Clock::call_later(Duration delay, Callback callback) {
  BOBBIN_ASSERT_CONTEXT(*this);
  return call_at(after(present(), delay), callback);
}

Result<DelayedCall> Clock::call_at(Instant when, Callback callback) {
  BOBBIN_ASSERT(bool(callback));
  BOBBIN_ASSERT_CONTEXT(*this);
  const Result<Handle> handle = timers_.insert(std::max(when, now_), callback);
  if (!handle) return handle.error();
  return DelayedCall(*this, *handle);
}

void AdvancingClock::advance(Duration length) {
  set_now(after(now(), length));
  for (int round = 0; round < rounds_max && run_due(); ++round) {
  }
}

bool AdvancingClock::advance_to_next() {
  const Instant next = next_call();
  if (next == never) return false;
  set_now(std::max(now(), next));
  Callback callback;
  if (timers().pop_due(now(), timers().mark(), callback)) {
    if (Error error = callback()) last_error_ = error;
    event_is_over();
  }
  return true;
}

bool AdvancingClock::run_due() {
  const std::uint32_t mark = timers().mark();
  bool ran = false;
  Callback callback;
  while (timers().pop_due(now(), mark, callback)) {
    if (Error error = callback()) last_error_ = error;
    event_is_over();
    ran = true;
  }
  return ran;
}

}  // namespace bobbin
