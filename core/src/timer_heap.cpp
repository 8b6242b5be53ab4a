// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/timer_heap.hpp>

#include <algorithm>

#include <bobbin/assert.hpp>

namespace bobbin {

namespace {

// Four children for each node: half the depth of a binary heap, and the children that are compared
// lie side by side.
constexpr std::uint32_t arity = 4;

std::uint32_t parent_of(std::uint32_t position) { return (position - 1) / arity; }
std::uint32_t first_child_of(std::uint32_t position) { return position * arity + 1; }

}  // namespace

TimerHeap::TimerHeap(Storage storage)
    : entries_(storage.entries), timers_(storage.timers), slots_(storage.slots) {
  BOBBIN_ASSERT(entries_.size() == slots_.capacity());
  BOBBIN_ASSERT(timers_.size() == slots_.capacity());
}

Result<Handle> TimerHeap::insert(Instant deadline, Callback callback) {
  const std::uint32_t position = size();
  const std::uint32_t slot = slots_.acquire();
  if (slot == SlotPool::none) return Errc::no_capacity;
  timers_[slot].callback = callback;
  sift_up(position, Entry{.deadline = deadline, .sequence = next_sequence_++, .slot = slot});
  return slots_.handle(slot);
}

bool TimerHeap::cancel(Handle handle) {
  if (!slots_.holds(handle)) return false;
  remove(timers_[handle.index].position);
  return true;
}

bool TimerHeap::reschedule(Handle handle, Instant deadline) {
  if (!slots_.holds(handle)) return false;
  const Entry entry{.deadline = deadline, .sequence = next_sequence_++, .slot = handle.index};
  settle(timers_[handle.index].position, entry);
  return true;
}

Instant TimerHeap::deadline(Handle handle) const {
  BOBBIN_ASSERT(slots_.holds(handle));
  return entries_[timers_[handle.index].position].deadline;
}

bool TimerHeap::pop_due(Instant now, std::uint32_t mark, Callback& callback) {
  if (empty()) return false;
  const Entry& first = entries_[0];
  if (first.deadline > now) return false;
  // Nothing is set for the past, so only a timer due at this very instant can be newer than the
  // mark. Asked of all, a timer would count as new again once 2^31 others were set after it.
  const bool may_be_new = first.deadline == now;
  if (may_be_new && static_cast<std::int32_t>(first.sequence - mark) >= 0) return false;
  callback = timers_[first.slot].callback;
  remove(0);
  return true;
}

void TimerHeap::place(std::uint32_t position, const Entry& entry) {
  entries_[position] = entry;
  timers_[entry.slot].position = position;
}

void TimerHeap::sift_up(std::uint32_t position, const Entry& entry) {
  while (position > 0) {
    const std::uint32_t parent = parent_of(position);
    if (!before(entry, entries_[parent])) break;
    place(position, entries_[parent]);
    position = parent;
  }
  place(position, entry);
}

void TimerHeap::sift_down(std::uint32_t position, const Entry& entry) {
  const std::uint32_t count = size();
  for (;;) {
    const std::uint32_t first = first_child_of(position);
    if (first >= count) break;
    std::uint32_t least = first;
    const std::uint32_t end = std::min(first + arity, count);
    for (std::uint32_t child = first + 1; child < end; ++child) {
      if (before(entries_[child], entries_[least])) least = child;
    }
    if (!before(entries_[least], entry)) break;
    place(position, entries_[least]);
    position = least;
  }
  place(position, entry);
}

void TimerHeap::settle(std::uint32_t position, const Entry& entry) {
  if (position > 0 && before(entry, entries_[parent_of(position)])) {
    sift_up(position, entry);
  } else {
    sift_down(position, entry);
  }
}

void TimerHeap::remove(std::uint32_t position) {
  const std::uint32_t last = size() - 1;
  const Entry moved = entries_[last];
  slots_.release(entries_[position].slot);
  if (position != last) settle(position, moved);
}

}  // namespace bobbin
