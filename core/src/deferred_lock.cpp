// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/deferred_lock.hpp>

namespace bobbin {

void DeferredSemaphore::acquire(Deferred<void>& acquired) {
  if (available() == 0) return waiters_.add(acquired);
  --free_;
  give_to(acquired);
}

void DeferredSemaphore::release() {
  BOBBIN_ASSERT(free_ < limit_);
  ++free_;
  if (!waiters_.watched()) hand_on();
}

// A loop, and not one call inside the other. Whoever has a turn may destroy this.
void DeferredSemaphore::hand_on() {
  const Waiters::Watch watch(waiters_);
  while (!watch.gone() && free_ > 0 && !waiters_.empty()) {
    --free_;
    give_to(*waiters_.take());
  }
}

void DeferredSemaphore::give_to(DeferredCore& acquired) {
  acquired.replace_stages(&pass, this, &give_back);
  static_cast<Deferred<void>&>(acquired).callback();
}

void DeferredSemaphore::add_release(DeferredCore& turn, const void* type) {
  DeferredCore::Stage* const stage = turn.new_stage(type, type);
  if (stage == nullptr) return;
  std::construct_at(reinterpret_cast<DeferredSemaphore**>(stage->captures), this);
  stage->run = &pass;
}

DeferredCore::State DeferredSemaphore::pass(std::byte*, DeferredCore::Cell&,
                                            DeferredCore::State state) {
  return state;
}

DeferredCore::State DeferredSemaphore::give_back(std::byte* captures, DeferredCore::Cell&,
                                                 DeferredCore::State state) {
  (*std::launder(reinterpret_cast<DeferredSemaphore**>(captures)))->release();
  return state;
}

}  // namespace bobbin
