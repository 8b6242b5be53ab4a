// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstdint>

#include "lwip/netif.h"

namespace bobbin::mps2 {

using MacAddress = std::array<std::uint8_t, 6>;

// Taken if the chip has none of its own.
inline constexpr MacAddress default_mac{0x52, 0x54, 0x00, 0x12, 0x34, 0x56};

// The defaults are those of QEMU's user network.
struct Ipv4Settings {
  std::array<std::uint8_t, 4> address{10, 0, 2, 15};
  std::array<std::uint8_t, 4> netmask{255, 255, 255, 0};
  std::array<std::uint8_t, 4> gateway{10, 0, 2, 2};
};

enum class Receive : std::uint8_t {
  drained,  // no frame is left; the next one wakes the board
  more,     // frames are left; poll again before sleeping
  starved,  // lwIP has no buffer for the next frame; poll again soon, it stays in the chip
};

// The board's LAN9118 as an interface of lwIP, sending from and receiving into lwIP's buffers.
// There is one chip, so one object, which must live for ever. Not to be used from interrupts.
class Ethernet {
 public:
  // Resets the chip and makes it lwIP's default interface, up. Called once, after lwip_init().
  // False if there is no such chip or it does not answer.
  [[nodiscard]] bool add(const Ipv4Settings& settings = {});

  // Hands at most eight received frames to lwIP and follows changes of the link. Costs next to
  // nothing while there is nothing to do. The chip drops what its 10 KiB cannot hold meanwhile.
  [[nodiscard]] Receive poll();

  [[nodiscard]] bool link_up() const;
  [[nodiscard]] netif& interface() { return interface_; }

  // Frames since add(): damaged ones received, and ones the chip failed to send.
  [[nodiscard]] std::uint32_t receive_errors() const { return receive_errors_; }
  [[nodiscard]] std::uint32_t send_errors() const { return send_errors_; }

 private:
  static err_t set_up(netif* interface);
  static err_t send(netif* interface, pbuf* frame);
  [[nodiscard]] bool empty_chip();
  void hand_over_oldest();
  [[nodiscard]] bool take_frame(pbuf*& frame);
  void drain_send_status();
  void follow_link();

  netif interface_{};
  // Frames in lwIP's buffers already: the chip alone holds but seven of the greatest size.
  std::array<pbuf*, 32> queue_{};
  unsigned oldest_ = 0;
  unsigned queued_ = 0;
  std::uint32_t receive_errors_ = 0;
  std::uint32_t send_errors_ = 0;
};

}  // namespace bobbin::mps2
