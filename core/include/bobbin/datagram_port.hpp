// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

#include <bobbin/address.hpp>
#include <bobbin/bytes.hpp>
#include <bobbin/datagram_channel.hpp>
#include <bobbin/datagram_protocol.hpp>
#include <bobbin/dependent.hpp>
#include <bobbin/error.hpp>
#include <bobbin/producer.hpp>
#include <bobbin/selectable.hpp>

namespace bobbin {

struct UdpOptions {
  // Whether it may send to broadcast addresses; `write` says permission_denied if not.
  bool broadcast = false;

  // Whether other ports that say so too may listen at the same address, as those must that hear the
  // same groups. Each of them hears a group it joined; what is sent to the address itself comes to
  // one of them.
  bool shared = false;

  // How many routers what is sent to a group may pass, plus one. Range: 0, which leaves the machine
  // nowhere, to 255.
  std::uint8_t multicast_ttl = 1;

  // Whether members on this machine hear what this port sends to a group, itself included.
  bool multicast_loop = true;

  // Where what is sent to an IPv4 group goes out: the interface with this address; 0.0.0.0 leaves
  // it to the system. For IPv6 it is the scope of the address sent to that says it.
  Address multicast_interface{};
};

// What a UDP port has done since it was made. Counters wrap.
struct DatagramStatistics {
  std::uint32_t received = 0;          // delivered to the protocol
  std::uint32_t sent = 0;              // taken by the system
  std::uint32_t dropped_too_long = 0;  // longer than the receive buffer
  // The system had no room left for it. On Linux it is known when the next datagram is received.
  std::uint32_t dropped_no_room = 0;
};

// A UDP port, which sends and receives datagrams: Twisted's IUDPTransport and IMulticastTransport.
// Started by a reactor's `listen_udp`; it is the caller's and does not move. Usually not used bare;
// see UdpPort, which brings the receive buffer.
//
// Received datagrams come one at a time, each whole; one that is longer than the receive buffer is
// dropped and counted. The reactor's budget bounds how many one port delivers in a turn.
//
// No call here calls the protocol back, but for the destructor, which stops it. All calls may be
// made from any callback, but only from the reactor's own thread. As a producer it is its input.
class DatagramPort : public PushProducer, public Dependent, private Selectable {
 public:
  // Both are the caller's and outlive the port.
  DatagramPort(DatagramProtocol& protocol, MutableBytes buffer);
  ~DatagramPort() { shut_down(); }

  bool listening() const { return channel_ != nullptr; }

  // Where it listens, with the port that was chosen for port 0 (Twisted's getHost). 0.0.0.0:0 while
  // it does not listen.
  Address host() const;

  // Sends one datagram at once, whole or not at all; keeps nothing. That it was sent says nothing
  // of its arrival. Errors, and then it was not sent: not_running; would_block (the system has no
  // room now, and nobody tells when it has: send again later, or let it be lost); message_too_long
  // (65,507 bytes are the most, an interface may carry less); unreachable; permission_denied (see
  // `UdpOptions::broadcast`); not_supported (another family than the port's); invalid_argument (a
  // port of 0); system_error.
  Error write(Bytes datagram, const Address& to);

  // The same, to the connected peer. Errors: also invalid_argument when there is none;
  // connection_refused, when the peer told so in this very moment.
  Error write(Bytes datagram);

  // From now on only datagrams from `peer` are delivered, also of those that have come already, and
  // `connection_refused` may be heard. `write` to others goes on. May be called again for another
  // peer, until the port stops. `host` may know more afterwards. Errors, and nothing has changed:
  // not_running, not_supported, invalid_argument (no single host's, or without a port),
  // unreachable, system_error.
  Error connect(const Address& peer);

  // Hears what is sent to a group, and to the port this one listens on. The port's address is to be
  // 0.0.0.0 or ::. An IPv4 group is joined on the interface with the address `interface`, or on one
  // the system chooses; an IPv6 group on the one that is its scope. All are left when the port
  // stops. Errors: not_running, not_supported (also an lwIP without BOBBIN_LWIP_GROUPS),
  // invalid_argument (no multicast address; `interface` is not IPv4), already_registered,
  // no_capacity, address_not_available (no such interface; leaving: not a member), system_error.
  Error join_group(const Address& group, const Address& interface = Address());
  Error leave_group(const Address& group, const Address& interface = Address());

  // While paused nothing is received: the system keeps what it has room for and drops the rest.
  // Costs no system call. `stop_producing` is `stop_listening`.
  void pause_producing() override;
  void resume_producing() override;
  void stop_producing() override { stop_listening(); }

  // The address is free at once; nothing is delivered any more. `stop_protocol` follows from the
  // reactor if `start_protocol` had come; then the port may listen again, from inside it too.
  void stop_listening();

  DatagramStatistics statistics() const;

  // For reactors. `prepare` comes first (errors: already_running, until `stop_protocol` has come;
  // already_registered; not_running; not_supported; invalid_argument), then the port builds its
  // channel in `channel_slot()`, which marks `selectable()`, then `start`.
  Error prepare(Reactor& reactor, const Address& address, const UdpOptions& options);
  DatagramChannelSlot& channel_slot() { return slot_; }
  Selectable& selectable() { return *this; }
  void start(DatagramChannel& channel);

 private:
  enum class State : std::uint8_t {
    idle,
    starting,  // start_protocol is due
    open,
    stopping,  // the channel is gone; stop_protocol is due
  };
  enum class Input : std::uint8_t { flowing, paused };

  void do_read() override;
  void do_write() override;
  void end() override;

  void begin();
  void finish();
  bool reading() const { return state_ == State::open && input_ == Input::flowing; }
  void receive();
  void take(const DatagramChannel::Received& received);
  void deliver(Bytes datagram, const Address& from);
  bool connected() const { return peer_.port() != 0; }
  Error send(Bytes datagram, const Address& to);
  Error check(const Address& address) const;
  Error check_group(const Address& group, const Address& interface) const;

  State state_ = State::idle;
  Input input_ = Input::flowing;
  bool readable_ = false;  // the channel may have more: it has not said `drained`
  Address::Family family_ = Address::Family::ip4;
  DatagramProtocol& protocol_;
  DatagramChannel* channel_ = nullptr;  // null while it does not listen
  MutableBytes buffer_;
  Address peer_;  // without a port when not connected
  DatagramStatistics statistics_;
  DatagramChannelSlot slot_;
};

}  // namespace bobbin
