// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/deferred_lock.hpp>

namespace bobbin {

void DeferredSemaphore::acquire(Deferred<void>& acquired) {
  if (free_ == 0) return waiters_.add(acquired);
  --free_;
  acquired.callback();
}

void DeferredSemaphore::release() {
  DeferredCore* const next = waiters_.take();
  if (next != nullptr) return static_cast<void>(static_cast<Deferred<void>*>(next)->callback());
  BOBBIN_ASSERT(free_ < limit_);
  ++free_;
}

void DeferredSemaphore::finish_run() {
  if (never_acquired_ == 0) return release();
  --never_acquired_;
}

}  // namespace bobbin
