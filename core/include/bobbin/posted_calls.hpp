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

// A call that has a place of its own, in its owner's object: to post it cannot fail, and to post it
// again before it has run is to post it once. It is posted and taken back with
// `Reactor::call_from_thread` and `Reactor::take_back`, and must not go, or its reactor, while it
// is posted. For who must be heard: a device, or threads that have a result to deliver.
class StandingCall {
 public:
  explicit StandingCall(Callback callback) : callback_(callback) {}
  StandingCall(const StandingCall&) = delete;
  StandingCall& operator=(const StandingCall&) = delete;

 private:
  friend class PostedCalls;

  Callback callback_;
  StandingCall* next_ = nullptr;
  std::atomic<bool> posted_{false};
};

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

  // As well, and never `full`. Many at once may make each other try again.
  Posted post(StandingCall& call);

  // The taker's side. `begin()` is called before a round of `take`s, so that a call posted during
  // the round wakes anew, and always before the taker sleeps, also when the queue is empty: what
  // was posted during the last round may have been taken in it. `take` is false when nothing is
  // ready.
  void begin() {
    // Who is not seen here yet has been told to wake.
    if (told_.load(std::memory_order_relaxed)) told_.exchange(false, std::memory_order_acq_rel);
  }
  bool take(Callback& callback);
  bool empty() const {
    return count_.load(std::memory_order_acquire) == 0 &&
           standing_.load(std::memory_order_acquire) == nullptr && taken_ == nullptr;
  }

  // The taker's. Those that are posted now; then each of them, until it is false.
  void begin_standing();
  bool take_standing(Callback& callback);
  // So that `call`, which nobody posts meanwhile, is not posted any more.
  void take_back(StandingCall& call);

  // The taker's; approximate while posters are active.
  PoolUse use() const;

 private:
  std::span<Place> places_;
  std::atomic<std::uint32_t> count_{0};
  std::atomic<std::uint32_t> tail_{0};
  std::atomic<std::uint32_t> refused_{0};
  std::atomic<bool> told_{false};
  std::atomic<StandingCall*> standing_{nullptr};  // linked, the last one first
  StandingCall* taken_ = nullptr;                 // the same, of the taker
  std::uint32_t head_ = 0;
  std::uint32_t high_water_ = 0;
};

}  // namespace bobbin
