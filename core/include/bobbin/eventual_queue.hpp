// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <span>

#include <bobbin/callback.hpp>
#include <bobbin/clock.hpp>

namespace bobbin {

// Calls for the clock's next turn, in order (Foolscap's `eventually`): what is called then finds
// nobody half-way through anything. Observers that are told in this way may come, go and tell
// others while they are told. However many calls wait, they take one timer. Not sized; see
// EventualQueue.
class EventualCalls {
 public:
  EventualCalls(const EventualCalls&) = delete;
  EventualCalls& operator=(const EventualCalls&) = delete;

  // Leaves `call` for the next turn. What a call leaves comes in the turn after. A call that
  // returns an Error gives it to the clock, which reports it; those behind it come one turn later.
  // Errors: no_capacity, when there is no place or no timer, and nothing has changed.
  Error eventually(Callback call);

  // For tests: runs all calls now, those they leave too, until none is left. The first Error.
  Error flush();

  std::size_t size() const { return size_; }

 protected:
  // `places` is the caller's, as the clock is, and outlives this.
  EventualCalls(Clock& clock, std::span<Callback> places) : clock_(clock), places_(places) {}

  // Calls that wait are dropped.
  ~EventualCalls();

 private:
  Error arm();
  Error run();
  bool call_first(Error& error);

  Clock& clock_;
  std::span<Callback> places_;
  DelayedCall turn_;
  bool* gone_ = nullptr;  // of the innermost call that runs one
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

// At most N calls at once.
template <std::size_t N>
class EventualQueue : public EventualCalls {
  static_assert(N > 0, "bobbin: an EventualQueue has room for at least one call");

 public:
  explicit EventualQueue(Clock& clock) : EventualCalls(clock, places_) {}

 private:
  Callback places_[N];
};

}  // namespace bobbin
