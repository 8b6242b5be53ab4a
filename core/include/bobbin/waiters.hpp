// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>

#include <bobbin/deferred.hpp>

namespace bobbin {

// Deferreds that wait for their turn, first come, first served. They are the caller's and linked
// through themselves, so that there is no limit to their number. One that is cancelled, reset or
// destroyed leaves, for which those before it are gone through. When these go, those that still
// wait get the failure `cancelled`.
class Waiters {
 public:
  Waiters() = default;
  Waiters(const Waiters&) = delete;
  Waiters& operator=(const Waiters&) = delete;
  ~Waiters();

  // `deferred` is pending, waits nowhere else and is fired by nobody else while it waits here; its
  // canceller is replaced.
  void add(DeferredCore& deferred);

  // The first one, which no longer waits, to be fired; null if there is none.
  DeferredCore* take();

  // Takes those that wait now, one after the other, and calls `fire` with each, which may destroy
  // these and all that is around them: that ends it, and false is returned. Not called from inside
  // of itself.
  template <class F>
  bool take_all(F fire) {
    bool gone = false;
    gone_ = &gone;
    for (std::size_t left = size(); left > 0 && first_ != nullptr; --left) {
      fire(*take());
      if (gone) return false;
    }
    gone_ = nullptr;
    return true;
  }

  bool empty() const { return first_ == nullptr; }
  std::size_t size() const;

 private:
  void remove(DeferredCore& deferred);

  DeferredCore* first_ = nullptr;
  bool* gone_ = nullptr;  // of the call that takes all
};

}  // namespace bobbin
