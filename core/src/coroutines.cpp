// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/coroutines.hpp>

#include <cstdint>

namespace bobbin {

bool Spawned::active() const { return pool_ != nullptr && pool_->slots_.holds(handle_); }

bool Spawned::cancel() const {
  if (!active()) return false;
  pool_->places_[handle_.index].cancel();
  return true;
}

// What is spawned meanwhile is left alone, unless it takes the place of one that ended.
void CoroutinePool::cancel_all() {
  for (Place& place : places_) place.cancel();
}

void CoroutinePool::shut_down() {
  for (std::uint32_t index = 0; index < slots_.capacity(); ++index) {
    if (!slots_.in_use(index)) continue;
    places_[index].abandon();
    places_[index].frame_.destroy();
    slots_.release(index);
  }
}

// Whoever is told may spawn at once, in the same frame and the same place.
void CoroutinePool::ended(Place& place) {
  const Error outcome = place.outcome_(place.frame_);
  Done done = place.done_;
  place.frame_.destroy();
  slots_.release(static_cast<std::uint32_t>(&place - places_.data()));
  if (!done && outcome) done = on_error_;
  if (done) done(outcome);
}

}  // namespace bobbin
