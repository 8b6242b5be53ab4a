// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include <bobbin/config.hpp>
#include <bobbin/posix/descriptor.hpp>

#include "system_error.hpp"

namespace bobbin {

namespace {

struct SocketAddress {
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }

  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);
};

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

bool set_option(int socket, int level, int name, int value = 1) {
  return setsockopt(socket, level, name, &value, sizeof value) == 0;
}

bool keep_alive(int socket) {
  return set_option(socket, SOL_SOCKET, SO_KEEPALIVE) &&
         set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, config::keepalive_idle_s) &&
         set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, config::keepalive_interval_s) &&
         set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, config::keepalive_count);
}

// The writes of a turn leave as one already, so waiting for more (Nagle) would only delay them.
// Accepted sockets inherit all of these options.
Result<int> open_tcp_socket(const Address& address) {
  if (address.family() == Address::Family::unix_path) return Errc::not_supported;
  const int family = address.family() == Address::Family::ip6 ? AF_INET6 : AF_INET;
  Descriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.open()) return error_of(errno);
  if (!set_option(socket.number(), IPPROTO_TCP, TCP_NODELAY)) return error_of(errno);
  if (!keep_alive(socket.number())) return error_of(errno);
  return socket.release();
}

}  // namespace

Result<int> open_listening_socket(const Address& address, const ListenOptions& options) {
  const Result<int> opened = open_tcp_socket(address);
  if (!opened) return opened;
  Descriptor socket(*opened);
  const int number = socket.number();
  // Otherwise a restarted server waits for its predecessor's connections in TIME_WAIT.
  if (!set_option(number, SOL_SOCKET, SO_REUSEADDR)) return error_of(errno);
  if (options.share_port && !set_option(number, SOL_SOCKET, SO_REUSEPORT)) return error_of(errno);
  const bool ip6 = address.family() == Address::Family::ip6;
  if (ip6 && !set_option(number, IPPROTO_IPV6, IPV6_V6ONLY)) return error_of(errno);
  const SocketAddress at = to_socket_address(address);
  if (bind(number, at.get(), at.length) != 0) return error_of(errno);
  if (listen(number, options.backlog) != 0) return error_of(errno);
  return socket.release();
}

Result<int> open_stream_socket(const Address& destination) { return open_tcp_socket(destination); }

int connect_socket(int socket, const Address& destination) {
  const SocketAddress to = to_socket_address(destination);
  if (connect(socket, to.get(), to.length) == 0) return 0;
  return errno == EINPROGRESS || errno == EINTR ? 0 : errno;
}

Address host_of(int socket) {
  SocketAddress host;
  return getsockname(socket, host.get(), &host.length) == 0 ? to_address(host) : Address();
}

Address peer_of(int socket) {
  SocketAddress peer;
  return getpeername(socket, peer.get(), &peer.length) == 0 ? to_address(peer) : Address();
}

int take_error(int socket) {
  int number = 0;
  socklen_t length = sizeof number;
  return getsockopt(socket, SOL_SOCKET, SO_ERROR, &number, &length) == 0 ? number : errno;
}

}  // namespace bobbin
