// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdlib>
#include <string_view>

#include <bobbin/memory.hpp>

namespace bobbin::contract {

// BOBBIN_NETWORK chooses how the network behaves: the contract holds for all of them.
inline memory::Behaviour behaviour_from_environment() {
  const char* const name = std::getenv("BOBBIN_NETWORK");
  const std::string_view network = name == nullptr ? "plain" : name;
  memory::Behaviour behaviour;
  behaviour.lends = network.find("lends") != network.npos;
  if (network.find("bytewise") != network.npos) behaviour.read_max = behaviour.segment_max = 1;
  if (network.find("slow") != network.npos) {
    behaviour.latency = std::chrono::milliseconds(20);
    behaviour.jitter = std::chrono::milliseconds(30);
  }
  if (network.find("ragged") != network.npos) {
    behaviour.short_reads = behaviour.short_writes = behaviour.refused_writes = 3;
    behaviour.segment_max = 7;
  }
  return behaviour;
}

class World {
 public:
  using Reactor = MemoryReactor<ReactorSizes{.timers = 32}>;

  World() : reactor_(network_) {
    network_.behaviour = behaviour_from_environment();
    network_.seed(1);
  }

  Reactor& reactor() { return reactor_; }
  Address anywhere() { return Address::loopback(0); }
  Address silent() { return Address::ip4({192, 0, 2, 1}, 9); }

  template <class Done>
  bool run_until(Done done, Duration limit = std::chrono::hours(10)) {
    return reactor_.run_until(done, limit);
  }
  void run_for(Duration length) { reactor_.run_for(length); }
  void pass(Duration length) { network_.advance(length); }

  static std::vector<Address> hosts() {
    return {Address::loopback(0),
            Address::ip6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0)};
  }
  static std::vector<Circle> circles() {
    return {{.group = Address::ip4({239, 1, 2, 3}, 0), .interface = Address()},
            {.group = Address::ip6({0xff, 2, 9}, 0), .interface = Address()}};
  }
  static std::size_t longest_datagram(const Address&) { return 1472; }
  static Address broadcast(std::uint16_t port) { return Address::ip4({255, 255, 255, 255}, port); }
  static constexpr bool tells_refusals = true;

 private:
  MemoryNetwork<memory::NetworkSizes{.links = 32, .window = 4096}> network_;
  Reactor reactor_;
};

}  // namespace bobbin::contract
