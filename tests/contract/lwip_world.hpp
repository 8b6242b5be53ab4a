// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>

#include <bobbin/lwip.hpp>

#include "support/loopback_host.hpp"

namespace bobbin::contract {

// lwIP's loopback interface in this process, and virtual time.
class World {
 public:
  using Reactor = LwipReactor<ReactorSizes{.timers = 32}>;

  Reactor& reactor() { return reactor_; }
  Address anywhere() { return Address::loopback(0); }

  // The loopback interface answers for everybody; so nothing may arrive at all.
  Address silent() {
    host_.cut(true);
    return Address::loopback(9);
  }

  // Days, as a peer that delays its acknowledgements makes small rings slow.
  template <class Done>
  bool run_until(Done done, Duration limit = std::chrono::hours(1000)) {
    const Instant end = after(host_.now(), limit);
    // What a timer does is seen when its turn ends, which waits after the timers: not for long, as
    // lwIP wakes up each second of it.
    constexpr Duration turn_max = std::chrono::minutes(1);
    while (!done() && host_.now() < end) reactor_.turn(std::min(end - host_.now(), turn_max));
    return done();
  }
  void run_for(Duration length) {
    run_until([] { return false; }, length);
  }
  void pass(Duration length) { test::LoopbackHost::advance(length); }

 private:
  test::LoopbackHost host_;
  Reactor reactor_{host_};
};

}  // namespace bobbin::contract
