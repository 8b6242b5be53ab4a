// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <optional>

#include <bobbin/deferred.hpp>
#include <bobbin/waiters.hpp>

namespace bobbin {

// One result for many: everybody who asks gets it, whether they ask before or after it is known
// (magic-wormhole's OneShotObserverList). When it is destroyed, who waits gets the failure
// `cancelled`.
template <class T>
class OneShotObserver {
 public:
  // Fires `result`, which is pending, with the outcome: at once if that is known.
  void when_fired(Deferred<T>& result) {
    if (!outcome_) return waiters_.add(result);
    fire_one(result);
  }

  // Fires all that wait, in order. What they do meanwhile, asking again too, is served with the
  // same outcome; they may destroy this. False, and nothing happens, if it was fired before.
  bool fire(const Outcome<T>& outcome) {
    if (outcome_) return false;
    outcome_.emplace(outcome);
    waiters_.take_all(
        [this](DeferredCore& waiter) { fire_one(static_cast<Deferred<T>&>(waiter)); });
    return true;
  }

  bool fired() const { return outcome_.has_value(); }
  std::size_t waiting() const { return waiters_.size(); }

 private:
  void fire_one(Deferred<T>& result) {
    result.fire_with([outcome = &*outcome_] { return *outcome; });
  }

  std::optional<Outcome<T>> outcome_;
  Waiters waiters_;  // goes first
};

// The result of one Deferred for N others, each a chain of its own: magic-wormhole's `fanout`.
// Functions added to one Deferred come one after the other, and the second sees what the first made
// of the result; those added to `result(0)` and `result(1)` both see the result. What is left in
// the parent is nothing, its failure is handled. The parent and this may go in either order; they
// then fail with `cancelled`.
template <class T, std::size_t N>
class Fanout {
  static_assert(N > 0, "bobbin: a fanout is for at least one");

 public:
  explicit Fanout(Chain<T> parent) {
    mine_.fire_with([parent] { return parent; });
    mine_.add_both([this](const Outcome<T>& outcome) { fire(outcome); });
  }

  Fanout(const Fanout&) = delete;
  Fanout& operator=(const Fanout&) = delete;
  ~Fanout() {
    if (gone_ != nullptr) *gone_ = true;
  }

  Deferred<T>& result(std::size_t index) { return results_[index]; }

 private:
  // Whoever is fired may destroy this.
  void fire(const Outcome<T>& outcome) {
    bool gone = false;
    gone_ = &gone;
    for (std::size_t index = 0; index < N && !gone; ++index) {
      results_[index].fire_with([&outcome] { return outcome; });
    }
    if (!gone) gone_ = nullptr;
  }

  bool* gone_ = nullptr;
  Deferred<T> results_[N];
  Deferred<T> mine_;  // after the others, to go first
};

}  // namespace bobbin
