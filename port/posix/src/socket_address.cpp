// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "socket_address.hpp"

#include <netinet/in.h>

#include <cstring>

namespace bobbin {

namespace {

SocketAddress ip4_socket_address(const Address& address) {
  const Address::Ip4 bytes = address.ip4_bytes();
  sockaddr_in ip4{};
  ip4.sin_family = AF_INET;
  ip4.sin_port = htons(address.port());
  std::memcpy(&ip4.sin_addr, bytes.data(), bytes.size());
  SocketAddress result{.length = sizeof ip4};
  std::memcpy(&result.storage, &ip4, sizeof ip4);
  return result;
}

SocketAddress ip6_socket_address(const Address& address) {
  const Address::Ip6 bytes = address.ip6_bytes();
  sockaddr_in6 ip6{};
  ip6.sin6_family = AF_INET6;
  ip6.sin6_port = htons(address.port());
  ip6.sin6_scope_id = address.scope();
  std::memcpy(&ip6.sin6_addr, bytes.data(), bytes.size());
  SocketAddress result{.length = sizeof ip6};
  std::memcpy(&result.storage, &ip6, sizeof ip6);
  return result;
}

}  // namespace

SocketAddress to_socket_address(const Address& address) {
  return address.family() == Address::Family::ip6 ? ip6_socket_address(address)
                                                  : ip4_socket_address(address);
}

Address to_address(const SocketAddress& from) {
  if (from.storage.ss_family == AF_INET) {
    sockaddr_in ip4;
    std::memcpy(&ip4, &from.storage, sizeof ip4);
    Address::Ip4 bytes;
    std::memcpy(bytes.data(), &ip4.sin_addr, bytes.size());
    return Address::ip4(bytes, ntohs(ip4.sin_port));
  }
  if (from.storage.ss_family != AF_INET6) return {};
  sockaddr_in6 ip6;
  std::memcpy(&ip6, &from.storage, sizeof ip6);
  Address::Ip6 bytes;
  std::memcpy(bytes.data(), &ip6.sin6_addr, bytes.size());
  return Address::ip6(bytes, ntohs(ip6.sin6_port), ip6.sin6_scope_id);
}

}  // namespace bobbin
