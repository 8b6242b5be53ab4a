// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <concepts>
#include <cstddef>

#include <bobbin/datagram_port.hpp>
#include <bobbin/datagram_protocol.hpp>
#include <bobbin/reactor.hpp>

namespace bobbin {

// What every port's reactor offers. The call may be made before the reactor runs and from any of
// its callbacks. After an error nothing has started and nobody is called.
//
// `listen_udp`: port 0 picks a free one, see `DatagramPort::host`. It listens at once, and can
// send; `start_protocol` comes later from the reactor. Errors: address_in_use,
// address_not_available (the address, or that of `UdpOptions::multicast_interface`),
// invalid_argument (that one is not IPv4), permission_denied, not_supported (family),
// no_capacity, already_running, already_registered, not_running (the reactor was stopped).
template <class R>
concept UdpReactor = std::derived_from<R, Reactor> &&
    requires(R& reactor, const Address& address, DatagramPort& port, const UdpOptions& options) {
  { reactor.listen_udp(address, port, options) } -> std::same_as<Error>;
  { reactor.listen_udp(address, port) } -> std::same_as<Error>;
};

// A UDP port with its receive buffer: all of its memory is its `sizeof`. `largest` is the longest
// datagram it can receive; what it sends may be longer. 1,472 bytes are the most that pass an
// Ethernet in one piece over IPv4, 1,452 over IPv6.
//
// Destroying it stops its protocol, from inside the destructor. So it must not be destroyed from
// inside one of its protocol's callbacks.
//
//   UdpEcho echo;
//   UdpPort<1472> port(echo);
//   Error error = reactor.listen_udp(Address::any(7), port);
template <std::size_t largest>
class UdpPort final : public DatagramPort {
  static_assert(largest > 0, "bobbin: a UdpPort receives datagrams of at least 1 byte");
  static_assert(largest <= 65535, "bobbin: no datagram is longer than 65,535 bytes");

 public:
  // `protocol` is the caller's and outlives the port.
  explicit UdpPort(DatagramProtocol& protocol) : DatagramPort(protocol, buffer_) {}

 private:
  std::byte buffer_[largest];
};

}  // namespace bobbin
