// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/looping_call.hpp>

namespace bobbin {

Error LoopingCall::start(Duration interval, Options options) {
  if (running()) return Errc::already_running;
  if (interval <= Duration::zero()) return Errc::invalid_argument;
  interval_ = interval;
  skipped_ = 0;
  if (Error error = arm(after(clock_.now(), interval))) return error;
  return options.now ? function_() : Error();
}

void LoopingCall::stop() { call_.cancel(); }

// The next tick is armed before the function runs: the place of the timer that just fired is free
// now, and the function might take it.
Error LoopingCall::tick() {
  if (Error error = arm(next_tick())) return error;
  return function_();
}

Instant LoopingCall::next_tick() {
  const Duration late = clock_.now() - due_;
  if (late < interval_) return after(due_, interval_);
  const auto missed = late / interval_;
  skipped_ += static_cast<std::uint32_t>(missed);
  return after(due_, interval_ * (missed + 1));
}

Error LoopingCall::arm(Instant when) {
  due_ = when;
  const Result<DelayedCall> call = clock_.call_at(when, [this] { return tick(); });
  if (!call) return call.error();
  call_ = *call;
  return {};
}

}  // namespace bobbin
