// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include <bobbin/callback.hpp>
#include <bobbin/pool.hpp>

namespace bobbin {

// Calls that other threads and interrupts leave for the reactor: a bounded queue with many posters
// and one taker. Posting takes a fixed number of steps (three atomic additions, one store), waits
// for nobody and never turns interrupts off. The calls of one poster keep their order.
class PostedCalls {
 public:
  struct Place {
    Callback callback;
    std::atomic<bool> filled{false};
  };

  // `places` is the caller's and outlives the queue. Their number is a power of two, so that the
  // tickets may wrap.
  explicit PostedCalls(std::span<Place> places);

  enum class Posted : std::uint8_t {
    full,    // nothing was posted; the call may be tried again
    queued,  // the taker has already been told and will come
    wake,    // the first since the taker last looked: wake it
  };

  // From any thread or interrupt. While many posters meet a queue with its last places free, one of
  // them may be told `full` although a place would have been left for it.
  Posted post(Callback callback);

  // The taker's side. `begin()` is called before a round of `take`s, so that a call posted during
  // the round wakes anew, and always before the taker sleeps, also when the queue is empty: what
  // was posted during the last round may have been taken in it. `take` is false when nothing is
  // ready.
  void begin() {
    // Who is not seen here yet has been told to wake.
    if (told_.load(std::memory_order_relaxed)) told_.exchange(false, std::memory_order_acq_rel);
  }
  bool take(Callback& callback);
  bool empty() const { return count_.load(std::memory_order_acquire) == 0; }

  // The taker's; approximate while posters are active.
  PoolUse use() const;

 private:
  std::span<Place> places_;
  std::atomic<std::uint32_t> count_{0};
  std::atomic<std::uint32_t> tail_{0};
  std::atomic<std::uint32_t> refused_{0};
  std::atomic<bool> told_{false};
  std::uint32_t head_ = 0;
  std::uint32_t high_water_ = 0;
};

}  // namespace bobbin
