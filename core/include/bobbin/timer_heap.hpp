// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <bobbin/callback.hpp>
#include <bobbin/pool.hpp>
#include <bobbin/time.hpp>

namespace bobbin {

// An indexed 4-ary min-heap of deadlines with a fixed number of places. Insert, cancel and
// reschedule are O(log4 n) and take effect at once: there is no lazy garbage. Equal deadlines come
// out in the order in which they were set.
class TimerHeap {
 public:
  // The order is by deadline, then by sequence. The sequence may wrap: it is compared by distance.
  struct Entry {
    Instant deadline;
    std::uint32_t sequence = 0;
    std::uint32_t slot = 0;
  };

  struct Timer {
    Callback callback;
    std::uint32_t position = 0;  // where the heap holds it
  };

  // Three arrays of one length, at least 1. They are the caller's and outlive the heap.
  struct Storage {
    std::span<Entry> entries;
    std::span<Timer> timers;
    std::span<SlotPool::Slot> slots;
  };

  explicit TimerHeap(Storage storage);

  // Errors: no_capacity (counted in `use().refused`).
  Result<Handle> insert(Instant deadline, Callback callback);

  // False when the handle names no pending timer; then nothing has changed.
  bool cancel(Handle handle);
  bool reschedule(Handle handle, Instant deadline);

  bool holds(Handle handle) const { return slots_.holds(handle); }
  Instant deadline(Handle handle) const;  // the handle must hold

  bool empty() const { return slots_.use().in_use == 0; }
  Instant next_deadline() const { return empty() ? never : entries_[0].deadline; }

  // Where "set from now on" begins: a timer set later is not due before this mark.
  std::uint32_t mark() const { return next_sequence_; }

  // Takes out the first timer if its deadline is before `now`, or is `now` and it was set before
  // `mark`. Nothing may have been set for before `now`.
  bool pop_due(Instant now, std::uint32_t mark, Callback& callback);

  const PoolUse& use() const { return slots_.use(); }

 private:
  static bool before(const Entry& a, const Entry& b) {
    if (a.deadline != b.deadline) return a.deadline < b.deadline;
    return static_cast<std::int32_t>(a.sequence - b.sequence) < 0;
  }

  void place(std::uint32_t position, const Entry& entry);
  void sift_up(std::uint32_t position, const Entry& entry);
  void sift_down(std::uint32_t position, const Entry& entry);
  void settle(std::uint32_t position, const Entry& entry);
  void remove(std::uint32_t position);
  std::uint32_t size() const { return slots_.use().in_use; }

  std::span<Entry> entries_;
  std::span<Timer> timers_;
  SlotPool slots_;
  std::uint32_t next_sequence_ = 0;
};

// The arrays for N timers.
template <std::size_t N>
struct TimerStorage {
  static_assert(N > 0, "bobbin: a timer heap holds at least one timer");
  static_assert(N < (1U << 31), "bobbin: a timer heap holds fewer than 2^31 timers");

  TimerHeap::Storage spans() { return {entries, timers, slots}; }

  TimerHeap::Entry entries[N];
  TimerHeap::Timer timers[N];
  SlotPool::Slot slots[N];
};

}  // namespace bobbin
