// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/deferred_lock.hpp>

namespace bobbin {

void DeferredSemaphore::acquire(Deferred<void>& acquired) {
  if (free_ == 0) return waiters_.add(acquired);
  --free_;
  give_to(acquired);
}

void DeferredSemaphore::release() {
  DeferredCore* const next = waiters_.take();
  if (next != nullptr) return give_to(static_cast<Deferred<void>&>(*next));
  BOBBIN_ASSERT(free_ < limit_);
  ++free_;
}

void DeferredSemaphore::give_to(Deferred<void>& acquired) {
  acquired.replace_stages(&pass, this, &give_back);
  acquired.callback();
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
