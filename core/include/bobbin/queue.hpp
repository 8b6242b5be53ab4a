// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include <bobbin/error.hpp>
#include <bobbin/reactor.hpp>
#include <bobbin/waiting_line.hpp>

namespace bobbin {

// Values on their way to coroutines, from coroutines, callbacks, threads and interrupts: at most N
// that nobody has asked for; DeferredQueue is the same for Deferreds. Values and who waits for them
// are served in order, and so is who waits for room. It outlives who waits.
//
//   while (true) {
//     Result<Sample> sample = co_await samples.get();
//     if (!sample) co_return sample.error();
//     ...
template <class T, std::size_t N>
class Queue {
  static_assert(N > 0, "bobbin: a Queue has room for at least one value");
  static_assert(std::is_trivially_copyable_v<T>, "bobbin: a Queue holds plain values");

 public:
  Queue() = default;
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  // Gives `value` to the first who waits, or keeps it. From a callback, who waited runs inside of
  // this call. Errors: no_capacity, and nothing has changed.
  Error put(const T& value) {
    if (!getting_.empty()) {
      static_cast<Get&>(getting_.take()).finish_with(value);
      return {};
    }
    if (size_ == N) return Errc::no_capacity;
    append(value);
    return {};
  }

  // From any thread, and from interrupts: the value is put in the reactor's next turn; see
  // Reactor::call_from_thread. False when the queue of posted calls is full: then nothing was
  // posted. A value that finds no room here is lost, and the reactor's `on_error` hears of it. What
  // was posted must have come before the queue goes. With the value's size, and a pointer, a
  // callback's captures are full: `config::callback_bytes`.
  [[nodiscard]] bool put_from_thread(Reactor& reactor, const T& value) {
    return reactor.call_from_thread([this, value] { return put(value); });
  }
  [[nodiscard]] bool put_from_isr(Reactor& reactor, const T& value) {
    return put_from_thread(reactor, value);
  }

  class [[nodiscard]] Get final : public InLine<Result<T>> {
   public:
    explicit Get(Queue& queue) : InLine<Result<T>>(queue.getting_), queue_(queue) {}

    bool await_ready() {
      if (queue_.size_ == 0) return false;
      this->outcome_ = queue_.take();
      return true;
    }

   private:
    friend class Queue;

    Queue& queue_;
  };

  class [[nodiscard]] Give final : public InLine<Error> {
   public:
    Give(Queue& queue, const T& value) : InLine(queue.giving_), queue_(queue), value_(value) {}

    bool await_ready() {
      outcome_ = queue_.put(value_);
      return !outcome_;
    }

   private:
    friend class Queue;

    Queue& queue_;
    T value_;
  };

  // Goes on with the next value. What it was given is the coroutine's, and gone with it. Errors:
  // cancelled, and no value is lost.
  Get get() { return Get(*this); }

  // As `put`, but goes on when there is room. Errors: cancelled, and the value is not put.
  Give give(const T& value) { return Give(*this, value); }

  std::size_t size() const { return size_; }                // of values that wait
  std::size_t waiting() const { return getting_.size(); }   // for values
  std::size_t held_back() const { return giving_.size(); }  // for want of room
  std::size_t high_water() const { return high_water_; }
  static constexpr std::size_t capacity() { return N; }

 private:
  void append(const T& value) {
    values_[(first_ + size_) % N] = value;
    ++size_;
    high_water_ = std::max(high_water_, size_);
  }

  // The first value; who waits for room puts his in its place.
  T take() {
    const T value = values_[first_];
    first_ = (first_ + 1) % N;
    --size_;
    if (!giving_.empty()) {
      auto& giver = static_cast<Give&>(giving_.take());
      append(giver.value_);
      giver.finish_with({});
    }
    return value;
  }

  WaitingLine getting_;
  WaitingLine giving_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
  std::size_t high_water_ = 0;
  T values_[N];
};

}  // namespace bobbin
