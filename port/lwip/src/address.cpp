// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "address.hpp"

#include <cstring>

namespace bobbin {

namespace {

#if LWIP_IPV4
void put_ip4(const Address& address, ip_addr_t& ip) {
  const Address::Ip4 bytes = address.ip4_bytes();
  IP_ADDR4(&ip, bytes[0], bytes[1], bytes[2], bytes[3]);
}

Address take_ip4(const ip_addr_t& ip, std::uint16_t port) {
  Address::Ip4 bytes;
  std::memcpy(bytes.data(), &ip_2_ip4(&ip)->addr, bytes.size());
  return Address::ip4(bytes, port);
}
#endif

#if LWIP_IPV6
void put_ip6(const Address& address, ip_addr_t& ip) {
  const Address::Ip6 bytes = address.ip6_bytes();
  IP_ADDR6(&ip, 0, 0, 0, 0);
  std::memcpy(ip_2_ip6(&ip)->addr, bytes.data(), bytes.size());
  ip6_addr_set_zone(ip_2_ip6(&ip), static_cast<u8_t>(address.scope()));
}

Address take_ip6(const ip_addr_t& ip, std::uint16_t port) {
  Address::Ip6 bytes;
  std::memcpy(bytes.data(), ip_2_ip6(&ip)->addr, bytes.size());
  return Address::ip6(bytes, port, ip6_addr_zone(ip_2_ip6(&ip)));
}
#endif

}  // namespace

bool to_lwip(const Address& address, ip_addr_t& ip) {
  switch (address.family()) {
#if LWIP_IPV4
    case Address::Family::ip4: put_ip4(address, ip); return true;
#endif
#if LWIP_IPV6
    case Address::Family::ip6: put_ip6(address, ip); return true;
#endif
    default: return false;
  }
}

Address from_lwip(const ip_addr_t& ip, std::uint16_t port) {
#if LWIP_IPV4 && LWIP_IPV6
  return IP_IS_V6_VAL(ip) ? take_ip6(ip, port) : take_ip4(ip, port);
#elif LWIP_IPV6
  return take_ip6(ip, port);
#else
  return take_ip4(ip, port);
#endif
}

}  // namespace bobbin
