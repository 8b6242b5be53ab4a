// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "socket.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <optional>

#include <bobbin/posix/descriptor.hpp>

#include "socket_address.hpp"
#include "system_error.hpp"

namespace bobbin {

namespace {

bool fits(std::chrono::seconds time) { return time.count() >= 1 && time.count() <= 32767; }

bool valid(const KeepAlive& wanted) {
  return fits(wanted.idle) && fits(wanted.interval) && wanted.count >= 1 && wanted.count <= 127;
}

// The system doubles what it is asked for, to account for its own needs.
bool valid_buffer(const std::optional<std::uint32_t>& bytes) {
  constexpr std::uint32_t most = 1U << 30;
  return !bytes || (*bytes >= 1 && *bytes < most);
}

bool valid(const SocketOptions& options) {
  return (!options.keep_alive || valid(*options.keep_alive)) && valid_buffer(options.send_buffer) &&
         valid_buffer(options.receive_buffer);
}

bool set_keep_alive(int socket, const std::optional<KeepAlive>& wanted) {
  if (!wanted) return set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 0);
  return set_option(socket, SOL_SOCKET, SO_KEEPALIVE) &&
         set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(wanted->idle.count())) &&
         set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL,
                    static_cast<int>(wanted->interval.count())) &&
         set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, wanted->count);
}

// Negative with errno set.
int option_of(int socket, int name) {
  int value = 0;
  socklen_t length = sizeof value;
  return getsockopt(socket, SOL_SOCKET, name, &value, &length) == 0 ? value : -1;
}

// The system takes any size and gives what it allows.
Error set_buffer(int socket, int name, const std::optional<std::uint32_t>& bytes) {
  if (!bytes) return {};
  const int wanted = static_cast<int>(*bytes);
  if (!set_option(socket, SOL_SOCKET, name, wanted)) return error_of(errno);
  return option_of(socket, name) < wanted ? Error(Errc::no_capacity) : Error();
}

// Accepted sockets inherit all of these options.
Result<int> open_tcp_socket(const Address& address, const SocketOptions& options) {
  if (address.family() == Address::Family::unix_path) return Errc::not_supported;
  const int family = address.family() == Address::Family::ip6 ? AF_INET6 : AF_INET;
  Descriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.open()) return error_of(errno);
  if (Error error = set_socket_options(socket.number(), SocketKind::tcp, options)) return error;
  return socket.release();
}

}  // namespace

Error set_socket_options(int socket, SocketKind kind, const SocketOptions& options) {
  if (!valid(options)) return Errc::invalid_argument;
  if (kind == SocketKind::tcp) {
    if (!set_option(socket, IPPROTO_TCP, TCP_NODELAY, options.no_delay)) return error_of(errno);
    if (!set_keep_alive(socket, options.keep_alive)) return error_of(errno);
  }
  if (Error error = set_buffer(socket, SO_SNDBUF, options.send_buffer)) return error;
  return set_buffer(socket, SO_RCVBUF, options.receive_buffer);
}

Result<int> open_listening_socket(const Address& address, const ListenOptions& options,
                                  const SocketOptions& socket_options) {
  const Result<int> opened = open_tcp_socket(address, socket_options);
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

Result<int> open_stream_socket(const Address& destination, const SocketOptions& options) {
  return open_tcp_socket(destination, options);
}

Result<SocketKind> kind_of(int socket, SocketRole role) {
  const int type = option_of(socket, SO_TYPE);
  if (type < 0) return error_of(errno);
  if (type != SOCK_STREAM) return Error(Errc::invalid_argument, EPROTOTYPE);
  const int family = option_of(socket, SO_DOMAIN);
  const bool ip = family == AF_INET || family == AF_INET6;
  if (!ip && family != AF_UNIX) return Error(Errc::not_supported, EAFNOSUPPORT);
  if (ip && option_of(socket, SO_PROTOCOL) != IPPROTO_TCP) {
    return Error(Errc::not_supported, EPROTONOSUPPORT);
  }
  SocketAddress peer;
  if (role == SocketRole::listening) {
    if (option_of(socket, SO_ACCEPTCONN) != 1) return Error(Errc::invalid_argument, EINVAL);
  } else if (getpeername(socket, peer.get(), &peer.length) != 0) {
    return Error(Errc::invalid_argument, errno);
  }
  return ip ? SocketKind::tcp : SocketKind::unix_domain;
}

void adopt_socket(int socket) {
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
  fcntl(socket, F_SETFD, FD_CLOEXEC);
}

int connect_socket(int socket, const Address& destination) {
  const SocketAddress to = to_socket_address(destination);
  if (connect(socket, to.get(), to.length) == 0) return 0;
  return errno == EINPROGRESS || errno == EINTR ? 0 : errno;
}

bool set_option(int socket, int level, int name, int value) {
  return setsockopt(socket, level, name, &value, sizeof value) == 0;
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
