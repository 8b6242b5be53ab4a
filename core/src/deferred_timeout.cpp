// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/clock.hpp>
#include <bobbin/deferred.hpp>

// Apart from deferred.cpp, so that who uses no time-out does not link the timers.
namespace bobbin {
namespace {

// The stage whose only capture is the call that cancels. When a result comes while the call is no
// longer active, then it was this call, and no other, that made the time run out.
DeferredCore::State run_timeout(std::byte* captures, DeferredCore::Cell& cell,
                                DeferredCore::State state) {
  DelayedCall call = *std::launder(reinterpret_cast<DelayedCall*>(captures));
  const bool in_time = call.cancel();
  if (in_time || state != DeferredCore::State::failed) return state;
  if (cell.get<Failure>() == Errc::cancelled) cell.put(Failure(Errc::timed_out, Origin()));
  return state;
}

}  // namespace

bool DeferredCore::add_timeout(const void* type, Clock& clock, Duration length) {
  static_assert(sizeof(DelayedCall) <= config::callback_bytes);
  Result<DelayedCall> call = clock.call_later(length, [this] { cancel(); });
  if (!call) {
    if (lost_ == Errc::ok) lost_ = call.error().code;
    run(this);
    return false;
  }
  DelayedCall cancelling = *call;
  Stage* const stage = new_stage(type, type);
  if (stage == nullptr) {
    cancelling.cancel();
    return false;
  }
  std::construct_at(reinterpret_cast<DelayedCall*>(stage->captures), cancelling);
  stage->run = &run_timeout;
  stage_added();
  return true;
}

}  // namespace bobbin
