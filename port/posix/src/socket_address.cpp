// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "socket_address.hpp"

#include <netinet/in.h>
#include <sys/un.h>

#include <cstddef>
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

constexpr std::size_t before_path = offsetof(sockaddr_un, sun_path);
static_assert(sizeof(sockaddr_un) > before_path + config::unix_path_bytes);

// A path ends with a zero byte, an abstract name with the length.
SocketAddress unix_socket_address(const Address& address) {
  const std::string_view path = address.path();
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  const bool file = !path.empty() && path.front() != '\0';
  SocketAddress result{.length = static_cast<socklen_t>(before_path + path.size() + file)};
  std::memcpy(&result.storage, &name, sizeof name);
  return result;
}

// Others than we may use all of the array for a path, which then is too long for us.
Address unix_address(const SocketAddress& from) {
  sockaddr_un name;
  std::memcpy(&name, &from.storage, sizeof name);
  if (from.length <= before_path) return Address::unix_unnamed();
  const std::size_t length = from.length - before_path;
  const bool abstract = name.sun_path[0] == '\0';
  const Result<Address> address =
      abstract ? Address::unix_abstract({name.sun_path + 1, length - 1})
               : Address::unix_path({name.sun_path, strnlen(name.sun_path, length)});
  return address ? *address : Address::unix_unnamed();
}

}  // namespace

SocketAddress to_socket_address(const Address& address) {
  switch (address.family()) {
    case Address::Family::ip4: return ip4_socket_address(address);
    case Address::Family::ip6: return ip6_socket_address(address);
    case Address::Family::unix_path: return unix_socket_address(address);
  }
  return {};
}

Address to_address(const SocketAddress& from) {
  if (from.storage.ss_family == AF_INET) {
    sockaddr_in ip4;
    std::memcpy(&ip4, &from.storage, sizeof ip4);
    Address::Ip4 bytes;
    std::memcpy(bytes.data(), &ip4.sin_addr, bytes.size());
    return Address::ip4(bytes, ntohs(ip4.sin_port));
  }
  if (from.storage.ss_family == AF_UNIX) return unix_address(from);
  if (from.storage.ss_family != AF_INET6) return {};
  sockaddr_in6 ip6;
  std::memcpy(&ip6, &from.storage, sizeof ip6);
  Address::Ip6 bytes;
  std::memcpy(bytes.data(), &ip6.sin6_addr, bytes.size());
  return Address::ip6(bytes, ntohs(ip6.sin6_port), ip6.sin6_scope_id);
}

}  // namespace bobbin
