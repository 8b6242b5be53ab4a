// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/eventual_queue.hpp>

#include <utility>

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
    Error error;
    const bool whole = call_first(error);
    if (!first) first = error;
    if (!whole) return first;
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
  for (std::size_t left = size_; left > 0 && size_ > 0 && !error; --left) {
    if (!call_first(error)) return error;
  }
  if (size_ == 0) turn_.cancel();
  return error;
}

// False if the queue has gone.
bool EventualCalls::call_first(Error& error) {
  Callback call = places_[first_];
  first_ = (first_ + 1) % places_.size();
  --size_;
  bool gone = false;
  bool* const gone_before = std::exchange(gone_, &gone);
  error = call();
  if (gone) {
    if (gone_before != nullptr) *gone_before = true;
    return false;
  }
  gone_ = gone_before;
  return true;
}

}  // namespace bobbin
