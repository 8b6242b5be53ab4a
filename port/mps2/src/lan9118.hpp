// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include "registers.hpp"

// Registers of the LAN9118 Ethernet controller, as in its data sheet.
namespace bobbin::mps2::lan9118 {

inline constexpr std::uintptr_t receive_data = map.lan9118 + 0x00;
inline constexpr std::uintptr_t send_data = map.lan9118 + 0x20;
inline constexpr std::uintptr_t receive_status = map.lan9118 + 0x40;
inline constexpr std::uintptr_t receive_status_peek = map.lan9118 + 0x44;
inline constexpr std::uintptr_t send_status = map.lan9118 + 0x48;
inline constexpr std::uintptr_t irq_config = map.lan9118 + 0x54;
inline constexpr std::uintptr_t interrupt_status = map.lan9118 + 0x58;
inline constexpr std::uintptr_t interrupt_enable = map.lan9118 + 0x5C;
inline constexpr std::uintptr_t byte_test = map.lan9118 + 0x64;
inline constexpr std::uintptr_t fifo_interrupt = map.lan9118 + 0x68;
inline constexpr std::uintptr_t receive_config = map.lan9118 + 0x6C;
inline constexpr std::uintptr_t send_config = map.lan9118 + 0x70;
inline constexpr std::uintptr_t hardware_config = map.lan9118 + 0x74;
inline constexpr std::uintptr_t receive_fifo_info = map.lan9118 + 0x7C;
inline constexpr std::uintptr_t send_fifo_info = map.lan9118 + 0x80;
inline constexpr std::uintptr_t mac_command = map.lan9118 + 0xA4;
inline constexpr std::uintptr_t mac_data = map.lan9118 + 0xA8;

inline constexpr std::uint32_t byte_test_pattern = 0x8765'4321;

// Enabled, push-pull, active high.
inline constexpr std::uint32_t irq_on = 0x111;
inline constexpr std::uint32_t receive_level_interrupt = 1U << 3;
inline constexpr std::uint32_t phy_interrupt = 1U << 18;

inline constexpr std::uint32_t software_reset = 1U << 0;
inline constexpr std::uint32_t store_and_forward = 1U << 20;
inline constexpr std::uint32_t send_fifo_5k = 5U << 16;
inline constexpr std::uint32_t send_on = 1U << 1;

// Bytes before the frame in the data FIFOs, so that its first word holds padding.
constexpr std::uint32_t receive_offset(std::uint32_t bytes) { return bytes << 8; }
constexpr std::uint32_t send_offset(std::uint32_t bytes) { return bytes << 16; }
inline constexpr std::uint32_t first_segment = 1U << 13;
inline constexpr std::uint32_t last_segment = 1U << 12;

inline constexpr std::uint32_t receive_error = 1U << 15;
inline constexpr std::uint32_t send_error = 1U << 15;

// Registers of the MAC, behind mac_command.
enum class Mac : std::uint32_t {
  control = 1,
  address_high = 2,
  address_low = 3,
  mii_access = 6,
  mii_data = 7,
};
inline constexpr std::uint32_t mac_busy = 1U << 31;
inline constexpr std::uint32_t mac_read = 1U << 30;
inline constexpr std::uint32_t full_duplex = 1U << 20;
inline constexpr std::uint32_t all_multicast = 1U << 19;
inline constexpr std::uint32_t mac_send_enable = 1U << 3;
inline constexpr std::uint32_t mac_receive_enable = 1U << 2;

// Registers of the PHY, behind Mac::mii_access.
enum class Phy : std::uint32_t {
  control = 0,
  status = 1,
  interrupt_source = 29,
  interrupt_mask = 30,
};
inline constexpr std::uint32_t mii_address = 1U << 11;
inline constexpr std::uint32_t mii_write = 1U << 1;
inline constexpr std::uint32_t mii_busy = 1U << 0;
inline constexpr std::uint32_t autonegotiate = 0x1200;
inline constexpr std::uint32_t phy_link_up = 1U << 2;
inline constexpr std::uint32_t phy_negotiated_or_down = 0x50;

}  // namespace bobbin::mps2::lan9118
