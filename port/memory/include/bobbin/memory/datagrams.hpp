// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <bobbin/address.hpp>
#include <bobbin/clock.hpp>
#include <bobbin/datagram_channel.hpp>
#include <bobbin/datagram_port.hpp>
#include <bobbin/pool.hpp>
#include <bobbin/selectable.hpp>

namespace bobbin {
class MemoryReactorBase;
}

namespace bobbin::memory {

class MemoryDatagramChannel;
class Network;
struct Behaviour;

// One datagram on its way, or waiting in the port it came to; or the news on its way back that
// there was no such port.
struct Datagram {
  enum class Kind : std::uint8_t { bytes, refusal };

  Address from;
  Address to;
  std::size_t size = 0;
  Kind kind = Kind::bytes;
  const Behaviour* path = nullptr;          // on which it was sent
  MemoryDatagramChannel* member = nullptr;  // of a group, whose copy this is
  Datagram* next = nullptr;                 // of those that wait in one port
  DelayedCall arrival;
};

// The datagrams of a network, and the ports they are for. Each takes its own time, so that they
// overtake each other when there is jitter; each may be lost or doubled.
class Datagrams {
 public:
  struct Storage {
    std::span<Datagram> datagrams;
    std::span<SlotPool::Slot> slots;
    MutableBytes bytes;  // the same for each datagram
  };

  Datagrams(Network& network, Storage storage);

  const PoolUse& use() const { return slots_.use(); }

  // For the port's own class.
  bool uses(std::uint16_t number) const;  // as the port of any address
  Error open(MemoryDatagramChannel& channel);
  void close(MemoryDatagramChannel& channel);
  Error send(const MemoryDatagramChannel& from, Bytes bytes, const Address& to);
  Bytes bytes_of(const Datagram& datagram) const;
  void release(Datagram& datagram);

 private:
  bool free_to_use(const MemoryDatagramChannel& channel) const;
  MemoryDatagramChannel* port_at(const Address& address) const;
  Error send_to_group(const MemoryDatagramChannel& from, Bytes bytes, const Address& group);
  Error send_to_all(const MemoryDatagramChannel& from, Bytes bytes, const Address& to);
  Error post(Datagram& header, Bytes bytes);
  bool post_one(const Datagram& header, Bytes bytes);
  void start(Datagram& datagram);
  void arrive(Datagram& datagram);
  void refuse(Datagram& datagram);
  void tell_refusal(Datagram& datagram);

  Network& network_;
  std::span<Datagram> datagrams_;
  SlotPool slots_;
  MutableBytes bytes_;
  MemoryDatagramChannel* ports_ = nullptr;
};

// A simulated UDP port.
class MemoryDatagramChannel final : public DatagramChannel {
 public:
  struct Place {
    Network& network;
    MemoryReactorBase& reactor;
    Selectable& owner;
  };

  MemoryDatagramChannel(Place place, const Address& address, const UdpOptions& options);

  Received receive(MutableBytes space) override;
  void done() override;
  Error send(Bytes datagram, const Address& to) override;
  Error connect(const Address& peer) override;
  Error join_group(const Address& group, const Address& interface) override;
  Error leave_group(const Address& group, const Address& interface) override;
  Address host() const override { return host_.address(); }
  void close() override;

 private:
  friend class Datagrams;

  // Not an Address: that has room for a path, and the slot has not.
  class Ip {
   public:
    Ip() = default;
    explicit Ip(const Address& address);
    Address address() const;

    Address::Family family = Address::Family::ip4;
    std::uint16_t port = 0;
    Address::Ip6 bytes{};
  };
  static constexpr std::size_t groups_max = 4;

  // What its datagrams come from: a host that is "any" is this machine's own address, which for
  // IPv6 is the loopback's.
  Address source() const;
  // As the network knows the peer, which its owner may have called 127.0.0.1.
  Address peer() const;
  bool on_host_of(const MemoryDatagramChannel& other) const;
  bool is_reached_by(const Address& address) const;
  bool hears(const Address& group) const;
  std::size_t number_of(const Address& group) const;
  void keep(Datagram& datagram);
  Datagram& take_first();
  void refused();
  void mark_readable();

  Place place_;
  MemoryDatagramChannel* next_ = nullptr;
  Datagram* first_ = nullptr;  // of those that wait
  Datagram* lent_ = nullptr;   // its owner looks at it
  Ip host_;
  Ip peer_;  // without a port when not connected
  std::array<Address::Ip6, groups_max> groups_{};
  std::uint8_t group_count_ = 0;
  bool broadcast_;
  bool shared_;
  bool loop_;
  bool refused_ = false;  // and not told yet
};

}  // namespace bobbin::memory
