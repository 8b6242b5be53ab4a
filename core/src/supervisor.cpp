// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/supervisor.hpp>

#include <algorithm>

namespace bobbin {

SupervisorBase::~SupervisorBase() {
  timer_.cancel();
  abandon_children();
}

void SupervisorBase::start_service(Deferred<void>& started) {
  count_ = 0;
  if (const Error error = wait(forever)) {
    started.errback(error);
    return;
  }
  MultiService::start_service(started);
}

void SupervisorBase::stop_service(Deferred<void>& stopped) {
  timer_.cancel();
  MultiService::stop_service(stopped);
}

void SupervisorBase::child_failed(Service& child) {
  forget_old_restarts();
  if (count_ == restarts_.size()) return fail_for(child);
  const Duration delay = next_delay();
  restarts_[count_++] = clock_.now();
  await_restart(child);
  if (timer_.time() == never) timer_.reset(delay);
}

void SupervisorBase::forget_old_restarts() {
  const Instant now = clock_.now();
  const auto used = restarts_.first(count_);
  const auto recent = std::find_if(used.begin(), used.end(), [this, now](Instant restart) {
    return now - restart < options_.period;
  });
  std::copy(recent, used.end(), used.begin());
  count_ = static_cast<std::size_t>(used.end() - recent);
}

Duration SupervisorBase::next_delay() const {
  Duration delay = options_.delay;
  for (std::size_t i = 0; i < count_ && delay < options_.delay_max; ++i) delay *= 2;
  return std::min(delay, options_.delay_max);
}

Error SupervisorBase::wait(Duration delay) {
  const Result<DelayedCall> timer = clock_.call_later(delay, [this] { return timer_fired(); });
  if (!timer) return timer.error();
  timer_ = *timer;
  return {};
}

// The place of the timer that fired is free until somebody else takes it, so it is taken first.
Error SupervisorBase::timer_fired() {
  if (const Error error = wait(forever)) return error;
  restart_those_that_wait();
  return {};
}

}  // namespace bobbin
