// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>

#include <bobbin/lwip.hpp>

#include <lwip/netif.h>

#include "support/loopback_host.hpp"

namespace bobbin::contract {

// lwIP's loopback interface in this process, and virtual time.
class LwipWorld {
 public:
  using Reactor = LwipReactor<ReactorSizes{.timers = 32}>;

  // For broadcasts, which would lead nowhere otherwise.
  LwipWorld() {
    if (netif_default == nullptr) netif_set_default(netif_list);
  }

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

  static std::vector<Address> hosts() {
    std::vector<Address> result{Address::loopback(0)};
#if LWIP_IPV6
    result.push_back(*Address::parse("::1", 0));
#endif
    return result;
  }
  static std::vector<Circle> circles() {
    std::vector<Circle> result;
#if LWIP_IGMP
    const Address wire = Address::ip4(test::LoopbackHost::wire_ip4, 0);
    result.push_back({.group = Address::ip4({239, 1, 2, 3}, 0), .interface = wire});
#endif
#if LWIP_IPV6_MLD
    const std::uint32_t scope = test::LoopbackHost::wire_scope();
    result.push_back({.group = Address::ip6({0xff, 2, 9}, 0, scope), .interface = Address()});
#endif
    return result;
  }
  static std::size_t longest_datagram(const Address& host) {
    return host.family() == Address::Family::ip4 ? 1472 : 1452;
  }
  static Address broadcast(std::uint16_t port) { return Address::ip4({255, 255, 255, 255}, port); }
  static constexpr bool tells_refusals = false;

 private:
  test::LoopbackHost host_;
  Reactor reactor_{host_};
};

}  // namespace bobbin::contract
