// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>

#include <bobbin/lwip.hpp>
#include <bobbin/lwip/thread_host.hpp>

#include "support/threads/lwip_thread.hpp"
#include "support/threads/virtual_time.hpp"

namespace bobbin::contract {

// lwIP in a thread of its own and the reactor in another, which is the test's, and virtual time. A
// test has lwIP's core locked but for the reactor's sleep.
class World {
 public:
  using Reactor = LwipReactor<ReactorSizes{.timers = 32}>;

  Reactor& reactor() { return reactor_; }
  Address anywhere() { return Address::loopback(0); }
  Address silent() { return test::silent_address(); }

  // Days, as a peer that delays its acknowledgements makes small rings slow.
  template <class Done>
  bool run_until(Done done, Duration limit = std::chrono::hours(1000)) {
    const Instant end = after(host_.now(), limit);
    // What a timer does is seen when its turn ends, which waits after the timers.
    constexpr Duration turn_max = std::chrono::minutes(1);
    while (!done() && host_.now() < end) reactor_.turn(std::min(end - host_.now(), turn_max));
    return done();
  }
  void run_for(Duration length) {
    run_until([] { return false; }, length);
  }
  void pass(Duration length) {
    test::VirtualTime::only().advance(static_cast<std::uint64_t>(length.count()));
  }

  static std::vector<Address> hosts() { return {Address::loopback(0)}; }
  static std::vector<Circle> circles() { return {}; }
  static std::size_t longest_datagram(const Address&) { return 1472; }
  static Address broadcast(std::uint16_t port) { return Address::ip4({255, 255, 255, 255}, port); }
  static constexpr bool tells_refusals = false;

 private:
  test::CoreLocked locked_;
  LwipThreadHost host_;
  Reactor reactor_{host_};
};

}  // namespace bobbin::contract
