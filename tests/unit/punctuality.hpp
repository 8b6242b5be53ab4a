// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

#include <bobbin/reactor.hpp>

namespace bobbin::test {

// How long a loop asks the system to wait, beside what is left until a call is due, and whether it
// waits again with one that was due when the last wait ended. Time is the reactor's own, so what
// the machine adds to a wait counts for nothing.
class Punctuality {
 public:
  // `grain`: what the loop can count.
  Punctuality(Reactor& reactor, Duration grain) : reactor_(reactor), grain_(grain) {}

  void watch(DelayedCall call) { calls_.push_back(call); }

  // To be told of: the loop is about to ask the reactor how long; it will wait so long; it has.
  void before_asking() { asked_at_ = reactor_.look(); }
  void waits(Duration length) {
    Instant due = never;
    for (const DelayedCall& call : calls_) due = std::min(due, call.time());
    if (due == never) return;
    ++waits_;
    const Duration left = std::max(due - asked_at_, Duration::zero());
    const Duration grains = (left + grain_ - Duration(1)) / grain_ * grain_;
    if (length > grains) ++too_long_;
    late_ = due < woken_at_ ? late_ + 1 : 0;
    most_late_ = std::max(most_late_, late_);
  }
  void woken() { woken_at_ = reactor_.look(); }

  int waits_for_calls() const { return waits_; }
  int too_long() const { return too_long_; }
  int most_waits_late() const { return most_late_; }

 private:
  Reactor& reactor_;
  Duration grain_;
  std::vector<DelayedCall> calls_;
  Instant asked_at_{};
  Instant woken_at_{};
  int waits_ = 0;
  int too_long_ = 0;
  int late_ = 0;
  int most_late_ = 0;
};

}  // namespace bobbin::test
