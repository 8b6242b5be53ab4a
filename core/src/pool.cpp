// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/pool.hpp>

#include <bobbin/assert.hpp>

namespace bobbin {

SlotPool::SlotPool(std::span<Slot> slots) : slots_(slots) {
  use_.capacity = static_cast<std::uint32_t>(slots.size());
  for (std::uint32_t index = use_.capacity; index-- > 0;) {
    slots_[index] = Slot{.generation = 0, .word = first_free_};
    first_free_ = index;
  }
}

std::uint32_t SlotPool::acquire() {
  if (first_free_ == none) {
    ++use_.refused;
    return none;
  }
  const std::uint32_t index = first_free_;
  first_free_ = slots_[index].word;
  ++slots_[index].generation;
  high_water_before_ = use_.high_water;
  use_.take();
  return index;
}

void SlotPool::release(std::uint32_t index) {
  BOBBIN_ASSERT(index < use_.capacity);
  BOBBIN_ASSERT(in_use(index));
  ++slots_[index].generation;
  slots_[index].word = first_free_;
  first_free_ = index;
  use_.give_back();
}

void SlotPool::put_back(std::uint32_t index) {
  release(index);
  use_.high_water = high_water_before_;
}

Handle SlotPool::handle(std::uint32_t index) const {
  return Handle{.index = index, .generation = slots_[index].generation};
}

bool SlotPool::holds(Handle handle) const {
  return handle.index < use_.capacity && in_use(handle.index) &&
         slots_[handle.index].generation == handle.generation;
}

}  // namespace bobbin
