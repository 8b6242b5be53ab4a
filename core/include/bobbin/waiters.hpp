// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>

#include <bobbin/deferred.hpp>

namespace bobbin {

// Deferreds that wait for their turn, first come, first served. They are the caller's and linked
// through themselves, so that there is no limit to their number. One that is cancelled, reset or
// destroyed leaves, for which those before it are gone through. When these go, those that still
// wait get the failure `cancelled`, and so does at once who is to wait here because of it.
class Waiters {
 public:
  Waiters() = default;
  Waiters(const Waiters&) = delete;
  Waiters& operator=(const Waiters&) = delete;
  ~Waiters();

  // `deferred` is pending, waits nowhere else and is fired by nobody else while it waits here; its
  // canceller is replaced.
  // While these go it is fired.
  void add(DeferredCore& deferred);

  // The first one, which no longer waits, to be fired; null if there is none, or while these go.
  DeferredCore* take();

  // Lies on the stack while some of these are fired; others may begin and end while it lasts.
  class Watch {
   public:
    explicit Watch(Waiters& waiters);
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch();

    // Whether the waiters were destroyed, and what is around them.
    bool gone() const { return waiters_ == nullptr; }

   protected:
    friend class Waiters;

    Waiters* waiters_;
    DeferredCore* last_ = nullptr;  // of a round
    Watch* outer_;
  };

  // Whether there is a watch, or these go: who would fire the next one leaves that to whoever is
  // at it already, so that the stack does not grow with the number of those that wait.
  bool watched() const { return watch_ != nullptr; }

  // Whether the destructor runs: then the innermost watch is its own, and as the others, of nobody.
  bool going() const { return watched() && watch_->gone(); }

  // Those that wait when it begins, one after the other: who comes meanwhile is not among them.
  class Round : public Watch {
   public:
    explicit Round(Waiters& waiters);

    // The next one, which no longer waits, to be fired; null if there is none, or they are gone.
    DeferredCore* take();
  };

  // Calls `fire` with each of a round, which may destroy these and all that is around them: that
  // ends it, and false is returned.
  template <class F>
  bool take_all(F fire) {
    Round round(*this);
    while (DeferredCore* const waiter = round.take()) fire(*waiter);
    return !round.gone();
  }

  bool empty() const { return first_ == nullptr; }
  std::size_t size() const;

 private:
  [[gnu::noinline]] void tell_all_of_the_end();
  DeferredCore* take_first();
  void remove(DeferredCore& deferred);

  DeferredCore* first_ = nullptr;
  Watch* watch_ = nullptr;  // the innermost
};

}  // namespace bobbin
