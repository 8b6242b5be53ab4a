// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>

#include <bobbin/assert.hpp>

namespace bobbin {

// What every Frame begins with. Right behind it lie the bytes that the coroutine gets.
class alignas(std::max_align_t) FrameSlot {
 public:
  FrameSlot(const FrameSlot&) = delete;
  FrameSlot& operator=(const FrameSlot&) = delete;

  bool taken() const { return taken_; }

  // The largest coroutine that ran here, or was to: how large the frame must be.
  std::size_t largest() const { return largest_; }

  // For coroutines. `take` is null when the slot is taken, or too small.
  void* take(std::size_t size, std::size_t capacity) {
    if (size > largest_) largest_ = static_cast<std::uint32_t>(size);
    if (taken_ || size > capacity) return nullptr;
    taken_ = true;
    return this + 1;
  }
  static void give_back(void* place) { (static_cast<FrameSlot*>(place) - 1)->taken_ = false; }

 protected:
  FrameSlot() = default;
  ~FrameSlot() = default;

 private:
  std::uint32_t largest_ = 0;
  bool taken_ = false;
};

// Called where a frame does not fit, and so never compiled. See Frame.
[[gnu::error(
    "bobbin: this coroutine's frame does not fit the Frame it is given; make that larger "
    "(Frame::largest tells how large it must be)")]] void
coroutine_frame_does_not_fit();

// A coroutine's parameters, its variables and what it waits for, in memory that somebody names: the
// first parameter of every coroutine is the Frame it runs in.
//
//   Task<Error> blink(Frame<64>&, Clock& clock, Led& led);
//
// `bytes` is for a 32-bit machine and an optimised build; a 64-bit machine has twice as much and
// an unoptimised build four times that. A coroutine that does not fit does not compile, in
// optimised builds; in others it does not start: its task ends with `no_capacity`. So does one
// whose frame is taken. A Frame must outlive the task; it may itself be a variable of another
// coroutine.
template <std::size_t bytes>
class Frame : public FrameSlot {
  static_assert(bytes > 0, "bobbin: a coroutine needs a frame");
#ifdef __OPTIMIZE__
  static constexpr std::size_t unoptimised = 1;
#else
  static constexpr std::size_t unoptimised = 4;
#endif

 public:
  static constexpr std::size_t capacity = bytes * (sizeof(void*) / 4) * unoptimised;

  Frame() { static_assert(sizeof(Frame) - sizeof(FrameSlot) < capacity + alignof(Frame)); }
  ~Frame() { BOBBIN_ASSERT(!taken()); }

  // For coroutines. Always inline, so that `size` is a constant here.
  [[gnu::always_inline]] void* take(std::size_t size) {
#ifdef __OPTIMIZE__
    if (size > capacity) coroutine_frame_does_not_fit();
#endif
    return FrameSlot::take(size, capacity);
  }

 private:
  alignas(std::max_align_t) std::byte storage_[capacity];
};

template <class T>
inline constexpr bool is_frame = false;
template <std::size_t bytes>
inline constexpr bool is_frame<Frame<bytes>> = true;

}  // namespace bobbin
