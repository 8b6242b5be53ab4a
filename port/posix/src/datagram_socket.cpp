// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "datagram_socket.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include <bobbin/posix/descriptor.hpp>
#include <bobbin/posix/posix_reactor.hpp>

#include "socket.hpp"
#include "socket_address.hpp"
#include "system_error.hpp"

namespace bobbin {

static_assert(sizeof(DatagramSocket) <= config::datagram_channel_bytes,
              "bobbin: a UDP socket does not fit; raise BOBBIN_DATAGRAM_CHANNEL_BYTES");

namespace {

in_addr to_in_addr(const Address& address) {
  const Address::Ip4 bytes = address.ip4_bytes();
  in_addr result{};
  std::memcpy(&result, bytes.data(), bytes.size());
  return result;
}

// For what we can do without: old kernels, and what stands in for a kernel, do not know them all.
bool set_if_known(int socket, int level, int name, int value = 1) {
  return set_option(socket, level, name, value) || errno == ENOPROTOOPT;
}

// Linux hears on each socket what any socket of the machine has joined, unless it is told not to.
bool set_ip4_options(int socket, const UdpOptions& options) {
  if (!set_if_known(socket, IPPROTO_IP, IP_MULTICAST_ALL, 0)) return false;
  if (!set_option(socket, IPPROTO_IP, IP_MULTICAST_TTL, options.multicast_ttl)) return false;
  if (!set_option(socket, IPPROTO_IP, IP_MULTICAST_LOOP, options.multicast_loop)) return false;
  if (options.multicast_interface == Address()) return true;
  const in_addr interface = to_in_addr(options.multicast_interface);
  return setsockopt(socket, IPPROTO_IP, IP_MULTICAST_IF, &interface, sizeof interface) == 0;
}

bool set_ip6_options(int socket, const UdpOptions& options) {
#ifdef IPV6_MULTICAST_ALL
  // Since Linux 4.20.
  if (!set_if_known(socket, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0)) return false;
#endif
  return set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY) &&
         set_option(socket, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, options.multicast_ttl) &&
         set_option(socket, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, options.multicast_loop);
}

// SO_RXQ_OVFL: what the kernel drops is told with the next datagram.
bool set_options(int socket, const Address& address, const UdpOptions& options) {
  if (!set_if_known(socket, SOL_SOCKET, SO_RXQ_OVFL)) return false;
  if (options.broadcast && !set_option(socket, SOL_SOCKET, SO_BROADCAST)) return false;
  if (options.shared && !set_option(socket, SOL_SOCKET, SO_REUSEADDR)) return false;
  const bool ip6 = address.family() == Address::Family::ip6;
  return ip6 ? set_ip6_options(socket, options) : set_ip4_options(socket, options);
}

// `join` or leave; 0, or errno.
int change_ip4_membership(int socket, int join, const Address& group, const Address& interface) {
  ip_mreq request{};
  request.imr_multiaddr = to_in_addr(group);
  request.imr_interface = to_in_addr(interface);
  return setsockopt(socket, IPPROTO_IP, join, &request, sizeof request) == 0 ? 0 : errno;
}

int change_ip6_membership(int socket, int join, const Address& group) {
  const Address::Ip6 bytes = group.ip6_bytes();
  ipv6_mreq request{};
  std::memcpy(&request.ipv6mr_multiaddr, bytes.data(), bytes.size());
  request.ipv6mr_interface = group.scope();
  return setsockopt(socket, IPPROTO_IPV6, join, &request, sizeof request) == 0 ? 0 : errno;
}

}  // namespace

Result<int> open_datagram_socket(const Address& address, const UdpOptions& options) {
  const int family = address.family() == Address::Family::ip6 ? AF_INET6 : AF_INET;
  Descriptor socket(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.open()) return error_of(errno);
  if (!set_options(socket.number(), address, options)) return error_of(errno);
  const SocketAddress at = to_socket_address(address);
  if (bind(socket.number(), at.get(), at.length) != 0) return error_of(errno);
  return socket.release();
}

void DatagramSocket::ready(std::uint32_t) { reactor_.mark_readable(owner_); }

DatagramChannel::Received DatagramSocket::receive(MutableBytes space) {
  if (refused_) {
    refused_ = false;
    return {.status = Received::Status::refused};
  }
  SocketAddress from;
  iovec piece{.iov_base = space.data(), .iov_len = space.size()};
  alignas(cmsghdr) std::byte control[CMSG_SPACE(sizeof(std::uint32_t))];
  msghdr message{};
  message.msg_name = from.get();
  message.msg_namelen = from.length;
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t count = 0;
  do {
    count = recvmsg(socket_, &message, 0);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return nothing_received(errno);
  note_overflow(message);
  if ((message.msg_flags & MSG_TRUNC) != 0) return {.status = Received::Status::too_long};
  return {.status = Received::Status::datagram,
          .bytes = space.first(static_cast<std::size_t>(count)),
          .from = to_address(from)};
}

// Errors that ICMP brought are told once, and datagrams may wait behind them; there may be more of
// them, unlike those of a connection. Memory the system was short of comes back without an edge,
// see SocketChannel.
DatagramChannel::Received DatagramSocket::nothing_received(int number) {
  switch (number) {
    case EAGAIN: expect(POLLIN | POLLERR); return {};
    case ECONNREFUSED: return {.status = Received::Status::refused};
    case ENOBUFS:
    case ENOMEM:
      reactor_.mark_readable(owner_);
      reactor_.hold_back(owner_);
      return {};
    default: return {.status = Received::Status::trouble};
  }
}

void DatagramSocket::note_overflow(msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SO_RXQ_OVFL) continue;
    std::uint32_t total = 0;
    std::memcpy(&total, CMSG_DATA(part), sizeof total);
    count_dropped(total - overflow_);
    overflow_ = total;
  }
}

// That an earlier datagram was refused is told by the next call, whatever that is; it does not mean
// this one.
Error DatagramSocket::send(Bytes datagram, const Address& to) {
  const SocketAddress at = to_socket_address(to);
  const auto try_once = [&] {
    ssize_t count = 0;
    do {
      count = sendto(socket_, datagram.data(), datagram.size(), MSG_NOSIGNAL, at.get(), at.length);
    } while (count < 0 && errno == EINTR);
    return count;
  };
  ssize_t count = try_once();
  if (count < 0 && errno == ECONNREFUSED) {
    refused_ = true;
    reactor_.mark_readable(owner_);
    count = try_once();
  }
  if (count >= 0) return {};
  const int number = errno;
  if (number == ENOBUFS || number == ENOMEM) return {Errc::would_block, number};
  return error_of(number);
}

Error DatagramSocket::connect(const Address& peer) {
  const int failure = connect_socket(socket_, peer);
  return failure == 0 ? Error() : error_of(failure);
}

Error DatagramSocket::join_group(const Address& group, const Address& interface) {
  const int failure = group.family() == Address::Family::ip6
                          ? change_ip6_membership(socket_, IPV6_JOIN_GROUP, group)
                          : change_ip4_membership(socket_, IP_ADD_MEMBERSHIP, group, interface);
  switch (failure) {
    case 0: return {};
    case EADDRINUSE: return {Errc::already_registered, failure};
    case ENODEV: return {Errc::address_not_available, failure};
    default: return error_of(failure);
  }
}

Error DatagramSocket::leave_group(const Address& group, const Address& interface) {
  const int failure = group.family() == Address::Family::ip6
                          ? change_ip6_membership(socket_, IPV6_LEAVE_GROUP, group)
                          : change_ip4_membership(socket_, IP_DROP_MEMBERSHIP, group, interface);
  if (failure == 0) return {};
  return failure == ENODEV ? Error(Errc::address_not_available, failure) : error_of(failure);
}

Address DatagramSocket::host() const { return host_of(socket_); }

void DatagramSocket::close() {
  reactor_.forget_and_close(socket_);
  socket_ = -1;
}

}  // namespace bobbin
