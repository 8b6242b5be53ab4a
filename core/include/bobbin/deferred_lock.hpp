// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

#include <bobbin/assert.hpp>
#include <bobbin/deferred.hpp>
#include <bobbin/waiters.hpp>

namespace bobbin {

// At most `limit` at once: Twisted's DeferredSemaphore. Who comes when all places are taken waits,
// in order. Between two callbacks nothing else runs, so it is needed only for what lasts longer.
// When it is destroyed, who waits gets the failure `cancelled`.
class DeferredSemaphore {
 public:
  explicit DeferredSemaphore(std::uint32_t limit) : limit_(limit), free_(limit) {
    BOBBIN_ASSERT(limit > 0);
  }

  // Fires `acquired`, which is pending, when it has a place: at once if one is free. One that is
  // cancelled or goes while it waits takes none. Whoever was fired gives it back with `release`.
  void acquire(Deferred<void>& acquired);

  // Gives a place to the first who waits, whose functions run inside of this call.
  void release();

  // Does what `function` does when there is a place, and gives that back when the result is here,
  // a failure too: Twisted's `run`. `function` takes nothing and returns what a stage's may. Takes
  // two stages of `turn`, which is pending; what comes out is the result.
  template <class F>
  auto run(Deferred<void>& turn, F function) {
    acquire(turn);
    const auto result = turn.add_callbacks(function, [this](Failure failure) {
      ++never_acquired_;
      return failure;
    });
    return result.add_both([this](const auto& outcome) {
      finish_run();
      return outcome;
    });
  }

  std::uint32_t limit() const { return limit_; }
  std::uint32_t available() const { return free_; }
  std::size_t waiting() const { return waiters_.size(); }

 private:
  void finish_run();

  std::uint32_t limit_;
  std::uint32_t free_;
  std::uint32_t never_acquired_ =
      0;  // runs that were cancelled before their turn, on their way out
  Waiters waiters_;
};

// One at a time: Twisted's DeferredLock.
class DeferredLock : private DeferredSemaphore {
 public:
  DeferredLock() : DeferredSemaphore(1) {}

  using DeferredSemaphore::acquire;
  using DeferredSemaphore::release;
  using DeferredSemaphore::run;
  using DeferredSemaphore::waiting;
  bool locked() const { return available() == 0; }
};

}  // namespace bobbin
