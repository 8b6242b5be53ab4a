// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <type_traits>

#include <bobbin/deferred.hpp>
#include <bobbin/waiters.hpp>

namespace bobbin {

// Values for who waits for them: Twisted's DeferredQueue, of at most N values that nobody has asked
// for. Values and those who wait are served in order. When it is destroyed, who waits gets the
// failure `cancelled`.
template <class T, std::size_t N>
class DeferredQueue {
  static_assert(N > 0, "bobbin: a DeferredQueue has room for at least one value");
  static_assert(std::is_trivially_copyable_v<T>, "bobbin: a DeferredQueue holds plain values");

 public:
  // Gives `value` to the first who waits, whose functions run inside of this call, or keeps it.
  // From inside of such a function it is kept, and given to the next who waits when that function
  // has returned, so that the stack does not grow; if there is no room to keep it, the first that
  // is kept is given at once. Errors: no_capacity, and nothing has changed.
  Error put(const T& value) {
    const bool full = size_ == N;
    if (waiters_.empty() || waiters_.going() || (waiters_.watched() && !full)) return keep(value);
    give_until_empty(full ? exchange_first(value) : value);
    return {};
  }

  // Fires `value`, which is pending, with the next value: at once if there is one. One that is
  // cancelled or goes while it waits takes none.
  void get(Deferred<T>& value) {
    if (size_ == 0 || !waiters_.empty()) return waiters_.add(value);
    value.callback(take());
  }

  std::size_t size() const { return size_; }  // of values that wait
  std::size_t waiting() const { return waiters_.size(); }
  std::size_t high_water() const { return high_water_; }
  static constexpr std::size_t capacity() { return N; }

 private:
  Error keep(const T& value) {
    if (size_ == N) return Errc::no_capacity;
    values_[(first_ + size_) % N] = value;
    ++size_;
    if (size_ > high_water_) high_water_ = size_;
    return {};
  }

  T take() {
    const T taken = values_[first_];
    first_ = (first_ + 1) % N;
    --size_;
    return taken;
  }

  // The first of a full queue, for `value` behind the last.
  T exchange_first(const T& value) {
    const T taken = take();
    values_[(first_ + size_++) % N] = value;
    return taken;
  }

  // One after the other, beginning with `first`. Whoever is given one may destroy this.
  void give_until_empty(T first) {
    const Waiters::Watch watch(waiters_);
    give(first);
    while (!watch.gone() && size_ > 0 && !waiters_.empty()) give(take());
  }

  void give(const T& value) { static_cast<Deferred<T>*>(waiters_.take())->callback(value); }

  std::size_t first_ = 0;
  std::size_t size_ = 0;
  std::size_t high_water_ = 0;
  T values_[N];
  Waiters waiters_;  // goes first
};

}  // namespace bobbin
