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
// When it is destroyed, who waits gets the failure `cancelled`; while a `run` has a place of it, it
// must not be.
class DeferredSemaphore {
 public:
  explicit DeferredSemaphore(std::uint32_t limit) : limit_(limit), free_(limit) {
    BOBBIN_ASSERT(limit > 0);
  }

  // Fires `acquired`, which is pending, when it has a place: at once if one is free. One that is
  // cancelled or goes while it waits takes none. Whoever was fired gives it back with `release`.
  void acquire(Deferred<void>& acquired);

  // Gives a place to the first who waits, whose functions run inside of this call. From inside of
  // such a function, or of another call of `release`, the next one has its turn when that function
  // has returned; so however many wait and release at once, the stack does not grow.
  void release();

  // Does what `function` does when there is a place, and gives that back when the result is here,
  // a failure too, or when `turn` is reset or destroyed: Twisted's `run`. `function` takes nothing
  // and returns what a stage's may. Takes two stages of `turn`, which is pending; what comes out is
  // the result. Without room for both it waits for nothing, and `turn` fails with `no_capacity`.
  template <class F>
  auto run(Deferred<void>& turn, F function) {
    using Result = decltype(turn.add_callback(function));
    if (!turn.has_room(2)) {
      turn.errback(Failure(Errc::no_capacity, Origin()));
      return Result();
    }
    const Result result = turn.add_callback(function);
    add_release(turn, &detail::type_of<typename Result::Value>);
    acquire(turn);
    return result;
  }

  std::uint32_t limit() const { return limit_; }
  // What may be acquired at once: nothing while somebody waits.
  std::uint32_t available() const { return waiters_.empty() ? free_ : 0; }
  std::size_t waiting() const { return waiters_.size(); }

 private:
  void hand_on();
  void give_to(DeferredCore& acquired);
  void add_release(DeferredCore& turn, const void* type);

  // What the last stage of a run does before it has its place, and from then on.
  static DeferredCore::State pass(std::byte* captures, DeferredCore::Cell& cell,
                                  DeferredCore::State state);
  static DeferredCore::State give_back(std::byte* captures, DeferredCore::Cell& cell,
                                       DeferredCore::State state);

  std::uint32_t limit_;
  std::uint32_t free_;  // while places are handed on, those for who waits too
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
