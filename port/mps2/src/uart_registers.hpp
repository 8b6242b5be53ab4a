// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include "registers.hpp"

// The CMSDK UART: one byte of buffer each way.
namespace bobbin::mps2::uart {

inline constexpr std::uint32_t baud_rate = 115'200;

inline constexpr std::uintptr_t data = map.uart0 + 0x00;
inline constexpr std::uintptr_t state = map.uart0 + 0x04;
inline constexpr std::uintptr_t control = map.uart0 + 0x08;
inline constexpr std::uintptr_t interrupt_clear = map.uart0 + 0x0C;
inline constexpr std::uintptr_t baud_divider = map.uart0 + 0x10;

inline constexpr std::uint32_t transmit_full = 1U << 0;
inline constexpr std::uint32_t receive_full = 1U << 1;
inline constexpr std::uint32_t transmit_enable = 1U << 0;
inline constexpr std::uint32_t receive_enable = 1U << 1;
inline constexpr std::uint32_t receive_interrupt_enable = 1U << 3;
inline constexpr std::uint32_t receive_interrupt = 1U << 1;

}  // namespace bobbin::mps2::uart
