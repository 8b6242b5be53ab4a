// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/eventual_queue.hpp>

#include <bobbin/assert.hpp>

namespace bobbin {

EventualCalls::~EventualCalls() {
  if (gone_ != nullptr) *gone_ = true;
  turn_.cancel();
}

Error EventualCalls::eventually(Callback call) {
  BOBBIN_ASSERT(bool(call));
  if (size_ == places_.size()) return Errc::no_capacity;
  if (Error error = arm()) return error;
  places_[(first_ + size_) % places_.size()] = call;
  ++size_;
  return {};
}

Error EventualCalls::flush() {
  Error first;
  while (size_ > 0) {
    Callback call = take();
    const Error error = call();
    if (!first) first = error;
  }
  turn_.cancel();
  return first;
}

Error EventualCalls::arm() {
  if (turn_.active()) return {};
  const Result<DelayedCall> turn = clock_.call_later(Duration::zero(), [this] { return run(); });
  if (!turn) return turn.error();
  turn_ = *turn;
  return {};
}

// The next turn is armed before the calls run: the place of the timer that just fired is free now,
// and a call might take it.
Error EventualCalls::run() {
  Error error = arm();
  bool gone = false;
  gone_ = &gone;
  for (std::size_t left = size_; left > 0 && size_ > 0 && !error; --left) {
    Callback call = take();
    error = call();
    if (gone) return error;
  }
  gone_ = nullptr;
  if (size_ == 0) turn_.cancel();
  return error;
}

Callback EventualCalls::take() {
  const Callback taken = places_[first_];
  first_ = (first_ + 1) % places_.size();
  --size_;
  return taken;
}

}  // namespace bobbin
