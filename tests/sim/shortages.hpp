// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <bobbin/memory/simulation.hpp>

// What runs out on a host, for a while, and whether it is told of as it must be.

namespace bobbin::sim {

// A timer of one's own, taken while there are some: it can be set whatever others take. `again` is
// what it does.
class OwnTimer {
 public:
  OwnTimer(SimulationBase& simulation, MemoryReactorBase& host, Callback again)
      : simulation_(simulation), host_(host), again_(again) {
    take();
  }

  void set(Duration delay) { (void)call_.reset(delay); }
  void give_back() { call_.cancel(); }

 private:
  // One that runs has given its place back, and nobody else has run since.
  void take() {
    const auto call = host_.call_at(never, [this] {
      take();
      return again_();
    });
    if (!call) return simulation_.fail("a timer's place was lost");
    call_ = *call;
  }

  SimulationBase& simulation_;
  MemoryReactorBase& host_;
  Callback again_;
  DelayedCall call_;
};

// Takes a host's timers, but for a few, some time after the start and for some seconds.
class TimerFamine {
 public:
  TimerFamine(SimulationBase& simulation, std::size_t host)
      : simulation_(simulation),
        number_(host),
        clock_(simulation, simulation.host(host), [this] { taken_.empty() ? begin() : end(); }) {
    clock_.set(up_to(3000));
  }

 private:
  Duration up_to(std::uint64_t most_ms) {
    return Duration(static_cast<std::int64_t>(1 + simulation_.random().below(1000 * most_ms)));
  }

  void begin() {
    MemoryReactorBase& host = simulation_.host(number_);
    const PoolUse& use = host.timer_use();
    std::uint64_t left = simulation_.random().below(4);
    while (use.capacity - use.in_use > left) taken_.push_back(*host.call_at(never, [] {}));
    if (taken_.empty()) return clock_.give_back();
    simulation_.note(number_, "has few timers left", left);
    clock_.set(up_to(10'000));
  }

  void end() {
    for (DelayedCall& call : taken_) call.cancel();
    clock_.give_back();
    simulation_.note(number_, "has its timers again");
  }

  SimulationBase& simulation_;
  std::size_t number_;
  OwnTimer clock_;
  std::vector<DelayedCall> taken_;
};

// How many protocols a factory has places for; counts how often it said that there is none.
class Places {
 public:
  Places(SimulationBase& simulation, std::uint64_t& refusals)
      : simulation_(simulation), refusals_(refusals), most_(1 + simulation.random().below(4)) {}

  bool has_room(std::size_t taken) const {
    if (taken < most_) return true;
    ++refusals_;
    return false;
  }
  void take(std::size_t taken) const {
    if (taken >= most_) simulation_.fail("a protocol was built without a place for it");
  }

 private:
  SimulationBase& simulation_;
  std::uint64_t& refusals_;
  std::size_t most_;
};

// Posts calls to a host, more at a time than there are places: those that are taken run, once and
// in order, and none is refused while there is a place. A standing call runs even then.
class Posts {
 public:
  Posts(SimulationBase& simulation, std::size_t host)
      : simulation_(simulation),
        host_(simulation.host(host)),
        standing_([this] { ran_standing(); }) {}

  void burst(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      if (host_.call_from_thread([this, number = posted_] { ran(number); })) {
        ++posted_;
      } else {
        refused();
      }
    }
  }

  bool all_ran() const { return ran_ == posted_ && !standing_due_; }
  std::uint64_t refusals() const { return refusals_; }

 private:
  void refused() {
    ++refusals_;
    const PoolUse use = host_.posted_use();
    if (use.in_use < use.capacity) simulation_.fail("a call was refused though there is room");
    standing_due_ = true;
    host_.call_from_thread(standing_);
  }
  void ran(std::uint32_t number) {
    if (number != ran_++) simulation_.fail("a posted call was run out of order");
  }
  void ran_standing() {
    if (!standing_due_) simulation_.fail("a standing call was run twice");
    standing_due_ = false;
  }

  SimulationBase& simulation_;
  MemoryReactorBase& host_;
  StandingCall standing_;
  std::uint32_t posted_ = 0;
  std::uint32_t ran_ = 0;
  std::uint64_t refusals_ = 0;
  bool standing_due_ = false;
};

}  // namespace bobbin::sim
