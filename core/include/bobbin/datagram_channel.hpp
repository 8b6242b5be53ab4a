// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <bobbin/address.hpp>
#include <bobbin/bytes.hpp>
#include <bobbin/config.hpp>
#include <bobbin/error.hpp>

namespace bobbin {

// Where a UDP port's datagrams go and come from: a socket, an lwIP pcb, a network in memory. A port
// implements it; applications never see it.
//
// As a Channel it MUST call back nobody: it marks its owner readable when there is something to
// `receive`. Marks are edges, and need not be repeated before `receive` said `drained`.
class DatagramChannel {
 public:
  DatagramChannel(const DatagramChannel&) = delete;
  DatagramChannel& operator=(const DatagramChannel&) = delete;

  struct Received {
    enum class Status : std::uint8_t {
      datagram,  // `bytes`, maybe none, came from `from`
      too_long,  // a datagram that `space` has no room for; it is gone
      refused,   // what was sent to the connected peer found nobody
      trouble,   // of the system's, and passing: there may be more
      drained,   // nothing more until the owner is next marked readable
    };
    Status status = Status::drained;
    Bytes bytes{};
    Address from{};
  };

  // Takes out what came first. A datagram lies in `space`, or, with a port that holds received
  // bytes itself, where it lay; it stays until `done`.
  virtual Received receive(MutableBytes space) = 0;

  // The bytes of the last datagram are not looked at any more. Comes after each one, also when
  // `close` came before: the owner may have closed while it looked at them.
  virtual void done() {}

  // Sends one datagram whole, or not at all; looks at the bytes only during the call. `to` is of
  // this channel's family and has a port. Errors: would_block when there is no room just now,
  // message_too_long, unreachable, permission_denied, or the system's own.
  virtual Error send(Bytes datagram, const Address& to) = 0;

  // From now on only datagrams of `peer`, a single host of this channel's family, come in; those
  // that came before stay. May be called again. Errors: unreachable, or the system's own.
  virtual Error connect(const Address& peer) = 0;

  // `group` is a multicast address of this channel's family. See DatagramPort.
  virtual Error join_group(const Address& group, const Address& interface) = 0;
  virtual Error leave_group(const Address& group, const Address& interface) = 0;

  virtual Address host() const = 0;

  // Stops listening and leaves all groups. The port has let go of the channel afterwards: nothing
  // is marked any more, what had come in is dropped.
  virtual void close() = 0;

  // Datagrams dropped for want of room since it was made, as far as the port hears of it.
  std::uint32_t dropped() const { return dropped_; }

 protected:
  DatagramChannel() = default;
  // Never destroyed, only forgotten after `close`: it lives in its owner's slot.
  ~DatagramChannel() = default;

  void count_dropped(std::uint32_t count = 1) { dropped_ += count; }

 private:
  std::uint32_t dropped_ = 0;
};

// As ChannelSlot, for these.
class DatagramChannelSlot {
 public:
  template <class C, class... Arguments>
  C& emplace(Arguments&&... arguments) {
    static_assert(std::derived_from<C, DatagramChannel>);
    static_assert(sizeof(C) <= config::datagram_channel_bytes,
                  "bobbin: this port's datagram channel does not fit; raise "
                  "BOBBIN_DATAGRAM_CHANNEL_BYTES");
    static_assert(alignof(C) <= alignof(void*));
    return *std::construct_at(reinterpret_cast<C*>(storage_),
                              std::forward<Arguments>(arguments)...);
  }

 private:
  alignas(void*) std::byte storage_[config::datagram_channel_bytes];
};

}  // namespace bobbin
