// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

namespace bobbin {

// How far a fixed capacity is used. `refused` counts the times somebody asked and got nothing.
struct PoolUse {
  std::uint32_t capacity = 0;
  std::uint32_t in_use = 0;
  std::uint32_t high_water = 0;
  std::uint32_t refused = 0;

  void take() {
    ++in_use;
    if (in_use > high_water) high_water = in_use;
  }
  void give_back() { --in_use; }
};

// Names one use of one slot. A handle kept after the slot was released finds nothing, also when the
// slot has been used again since. The default one names nothing.
struct Handle {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;

  friend bool operator==(Handle, Handle) = default;
};

// The bookkeeping of a pool of equal slots, whatever they hold: which are free, and how often each
// was used. All operations take constant time.
class SlotPool {
 public:
  struct Slot {
    std::uint32_t generation = 0;  // odd while in use
    std::uint32_t word = 0;        // the next free slot; the user's while in use
  };

  static constexpr std::uint32_t none = 0xffff'ffff;

  // `slots` is the caller's and outlives the pool.
  explicit SlotPool(std::span<Slot> slots);

  // The index of a slot that is now in use, or `none` (counted as refused).
  std::uint32_t acquire();

  // `index` must be in use. The slot used last is given out first: it is the one in the cache.
  void release(std::uint32_t index);

  // As `release`, right after the `acquire` that gave `index`, which then has not happened: the
  // high-water mark does not show it.
  void put_back(std::uint32_t index);

  Handle handle(std::uint32_t index) const;
  bool holds(Handle handle) const;
  bool in_use(std::uint32_t index) const { return (slots_[index].generation & 1U) != 0; }
  // A word for whatever the user wants to know of a slot in use; its value after `acquire` is not
  // specified.
  std::uint32_t& word(std::uint32_t index) { return slots_[index].word; }
  std::uint32_t word(std::uint32_t index) const { return slots_[index].word; }
  bool has_room() const { return use_.in_use < use_.capacity; }
  std::uint32_t capacity() const { return use_.capacity; }
  const PoolUse& use() const { return use_; }
  void count_refusal() { ++use_.refused; }

 private:
  std::span<Slot> slots_;
  std::uint32_t first_free_ = none;
  std::uint32_t high_water_before_ = 0;  // the last `acquire`
  PoolUse use_;
};

// N objects of type T in place. Objects still in use when the pool goes are destroyed with it.
template <class T, std::size_t N>
class Pool {
  static_assert(N > 0, "bobbin: a pool holds at least one object");

 public:
  Pool() : slots_(links_) {}
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    for (std::uint32_t index = 0; index < N; ++index) {
      if (slots_.in_use(index)) destroy(*at(index));
    }
  }

  // A new object, or null when all N are in use.
  template <class... Arguments>
  T* emplace(Arguments&&... arguments) {
    const std::uint32_t index = slots_.acquire();
    if (index == SlotPool::none) return nullptr;
    return std::construct_at(at(index), std::forward<Arguments>(arguments)...);
  }

  // `object` came from this pool and is destroyed.
  void release(T& object) {
    destroy(object);
    slots_.release(index_of(object));
  }

  Handle handle(const T& object) const { return slots_.handle(index_of(object)); }
  T* find(Handle handle) { return slots_.holds(handle) ? at(handle.index) : nullptr; }
  bool has_room() const { return slots_.has_room(); }
  const PoolUse& use() const { return slots_.use(); }

 private:
  struct alignas(T) Storage {
    std::byte bytes[sizeof(T)];
  };

  // Qualified, as the object is a T and nothing derived from it, whatever its destructor is.
  static void destroy(T& object) { object.T::~T(); }

  T* at(std::uint32_t index) { return reinterpret_cast<T*>(storage_[index].bytes); }
  std::uint32_t index_of(const T& object) const {
    return static_cast<std::uint32_t>(reinterpret_cast<const Storage*>(&object) - storage_);
  }

  SlotPool::Slot links_[N];
  SlotPool slots_;
  Storage storage_[N];
};

}  // namespace bobbin
