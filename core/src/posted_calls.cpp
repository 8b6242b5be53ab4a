// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posted_calls.hpp>

#include <algorithm>
#include <bit>

#include <bobbin/assert.hpp>

namespace bobbin {

PostedCalls::PostedCalls(std::span<Place> places) : places_(places) {
  BOBBIN_ASSERT(std::has_single_bit(places.size()));
}

// A poster first counts itself in. Only as many as there are places get past that, so the place its
// ticket names is empty: the taker counts a call out only after it has emptied the place.
// It may have been another poster, with an earlier ticket, that saw this one counted out; taking
// tickets passes on what was seen.
//
// No wake is lost: as long as `told_` is true, who set it has woken the taker since `begin` or is
// about to. Woken, the taker sees that (a port's wait takes over what was done before the wake) and
// takes it back; what it has not seen by then was posted behind it and wakes again.
PostedCalls::Posted PostedCalls::post(Callback callback) {
  if (count_.fetch_add(1, std::memory_order_acquire) >= places_.size()) {
    count_.fetch_sub(1, std::memory_order_relaxed);
    refused_.fetch_add(1, std::memory_order_relaxed);
    return Posted::full;
  }
  const std::uint32_t ticket = tail_.fetch_add(1, std::memory_order_acq_rel);
  Place& place = places_[ticket & (places_.size() - 1)];
  place.callback = callback;
  place.filled.store(true, std::memory_order_release);
  return told_.exchange(true, std::memory_order_acq_rel) ? Posted::queued : Posted::wake;
}

bool PostedCalls::take(Callback& callback) {
  Place& place = places_[head_ & (places_.size() - 1)];
  if (!place.filled.load(std::memory_order_acquire)) return false;
  const std::uint32_t waiting = count_.load(std::memory_order_relaxed);
  high_water_ =
      std::max(high_water_, std::min(waiting, static_cast<std::uint32_t>(places_.size())));
  callback = place.callback;
  place.filled.store(false, std::memory_order_relaxed);
  ++head_;
  count_.fetch_sub(1, std::memory_order_release);
  return true;
}

PostedCalls::Posted PostedCalls::post(StandingCall& call) {
  // What the poster did before is seen by the taker, also when it is posted already.
  if (call.posted_.exchange(true, std::memory_order_acq_rel)) return Posted::queued;
  call.next_ = standing_.load(std::memory_order_relaxed);
  while (!standing_.compare_exchange_weak(call.next_, &call, std::memory_order_release,
                                          std::memory_order_relaxed)) {
  }
  return told_.exchange(true, std::memory_order_acq_rel) ? Posted::queued : Posted::wake;
}

// Behind those of a round that has not been gone through, as `take_back` leaves some.
void PostedCalls::begin_standing() {
  if (standing_.load(std::memory_order_relaxed) == nullptr) return;
  StandingCall** end = &taken_;
  while (*end != nullptr) end = &(*end)->next_;
  *end = standing_.exchange(nullptr, std::memory_order_acquire);
}

bool PostedCalls::take_standing(Callback& callback) {
  StandingCall* const call = taken_;
  if (call == nullptr) return false;
  taken_ = call->next_;
  callback = call->callback_;
  call->posted_.exchange(false, std::memory_order_acq_rel);
  return true;
}

void PostedCalls::take_back(StandingCall& call) {
  begin_standing();
  for (StandingCall** link = &taken_; *link != nullptr; link = &(*link)->next_) {
    if (*link != &call) continue;
    *link = call.next_;
    break;
  }
  call.posted_.store(false, std::memory_order_relaxed);
}

PoolUse PostedCalls::use() const {
  const auto capacity = static_cast<std::uint32_t>(places_.size());
  return {.capacity = capacity,
          .in_use = std::min(count_.load(std::memory_order_relaxed), capacity),
          .high_water = high_water_,
          .refused = refused_.load(std::memory_order_relaxed)};
}

}  // namespace bobbin
