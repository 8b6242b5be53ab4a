// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <bobbin/datagram_channel.hpp>
#include <bobbin/datagram_port.hpp>

#include <lwip/netif.h>
#include <lwip/pbuf.h>
#include <lwip/udp.h>

#include "options.hpp"

namespace bobbin {

class LwipReactorBase;

// One UDP pcb. Received pbufs wait in it until the reactor delivers them, from where they lie if
// they are in one piece; lwIP sends the caller's own bytes.
//
// lwIP knows the channel by the pcb's `recv_arg` alone, and frees no UDP pcb on its own account.
class LwipDatagramChannel final : public DatagramChannel {
 public:
  LwipDatagramChannel(LwipReactorBase& reactor, Selectable& owner)
      : reactor_(reactor), owner_(owner) {}

  // Errors: as `LwipReactorBase::listen_udp`; then there is nothing to close.
  Error open(const ip_addr_t& ip, std::uint16_t port, const UdpOptions& options);

  Received receive(MutableBytes space) override;
  void done() override;
  Error send(Bytes datagram, const Address& to) override;
  Error connect(const Address& peer) override;
  Error join_group(const Address& group, const Address& interface) override;
  Error leave_group(const Address& group, const Address& interface) override;
  Address host() const override;
  void close() override;

 private:
  struct Waiting {
    pbuf* data = nullptr;
    ip_addr_t from{};
    std::uint16_t port = 0;
  };
  struct Membership {
    ip_addr_t group{};
    ip_addr_t interface {};
  };

  static void received(void* channel, udp_pcb* pcb, pbuf* data, const ip_addr_t* from,
                       std::uint16_t port);

  bool may_keep(const pbuf& data) const;
  bool hears(const ip_addr_t& destination);
  Membership* find(const ip_addr_t& group);
  netif* route(const ip_addr_t& to) const;

  LwipReactorBase& reactor_;
  Selectable& owner_;
  udp_pcb* pcb_ = nullptr;
  pbuf* lent_ = nullptr;  // its owner looks at it
  std::uint8_t waiting_count_ = 0;
  std::uint8_t group_count_ = 0;
  std::uint8_t multicast_interface_ = NETIF_NO_INDEX;
  std::uint8_t multicast_ttl_ = 0;
  bool broadcast_ = false;
  std::array<Waiting, options::datagrams> waiting_{};  // the oldest first
  std::array<Membership, options::groups> groups_{};
};

}  // namespace bobbin
