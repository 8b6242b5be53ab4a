// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <memory>

#include <bobbin/lwip.hpp>

#include "support/threads/lwip_thread.hpp"
#include "support/threads/place.hpp"
#include "support/threads/virtual_time.hpp"

namespace bobbin::contract {

// lwIP in a thread of its own, the reactor there or in the test's, as the program is linked, and
// virtual time. A test has lwIP's core locked but while it lets the others go on.
class World {
 public:
  using Reactor = LwipReactor<ReactorSizes{.timers = 32}>;

  World() { place_->begin(reactor_); }

  Reactor& reactor() { return reactor_; }
  Address anywhere() { return Address::loopback(0); }
  Address silent() { return test::silent_address(); }

  // Days, as a peer that delays its acknowledgements makes small rings slow.
  template <class Done>
  bool run_until(Done done, Duration limit = std::chrono::hours(1000)) {
    const Instant end = after(now(), limit);
    // What a timer does is seen when its turn ends, which waits after the timers.
    constexpr Duration turn_max = std::chrono::minutes(1);
    while (!done() && now() < end) place_->go_on(reactor_, std::min(end - now(), turn_max));
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
  Instant now() { return place_->host().now(); }

  test::CoreLocked locked_;
  std::unique_ptr<test::Place> place_ = test::Place::make();
  Reactor reactor_{place_->host()};
};

}  // namespace bobbin::contract
