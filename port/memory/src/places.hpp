// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>

#include <bobbin/address.hpp>

namespace bobbin::memory {

// The machines of a simulated network that are not as others: see Network.

inline bool in_network(const Address& address, const Address::Ip4& network) {
  if (address.family() != Address::Family::ip4) return false;
  const Address::Ip4 bytes = address.ip4_bytes();
  return std::equal(bytes.begin(), bytes.end() - 1, network.begin());
}

inline bool is_swallowed(const Address& address) { return in_network(address, {192, 0, 2, 0}); }

inline bool is_unreachable(const Address& address) {
  return in_network(address, {198, 51, 100, 0});
}

inline bool is_any(const Address& address) {
  return address.with_port(0) == Address() || address.with_port(0) == Address::ip6({}, 0);
}

}  // namespace bobbin::memory
