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

bool Spawned::destroy() const {
  if (!active()) return false;
  pool_->destroy(pool_->places_[handle_.index]);
  return true;
}

// What is spawned meanwhile is left alone, unless it takes the place of one that ended.
void CoroutinePool::cancel_all() {
  for (Place& place : places_) place.cancel();
}

// Who waits for what one of them holds does not get it: it is destroyed too.
void CoroutinePool::shut_down() {
  const ReadyCoroutines::Hold hold(ready_);
  for (std::uint32_t index = 0; index < slots_.capacity(); ++index) {
    if (slots_.in_use(index)) destroy(places_[index]);
  }
}

// Whoever is told may spawn at once, in the same frame and the same place.
void CoroutinePool::ended(Place& place) {
  const Outcome<void> outcome = place.outcome_(place.frame_);
  Done done = place.done_;
  release(place);
  if (done) return done(error_of(outcome));
  if (!outcome) report(outcome.failure());
}

// Who waits for what it holds goes on when it is gone.
void CoroutinePool::destroy(Place& place) {
  const ReadyCoroutines::Hold hold(ready_);
  place.abandon();
  release(place);
}

void CoroutinePool::release(Place& place) {
  place.frame_.destroy();
  slots_.release(static_cast<std::uint32_t>(&place - places_.data()));
}

}  // namespace bobbin
