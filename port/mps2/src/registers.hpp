// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

namespace bobbin::mps2 {

// What differs between the boards.
struct Map {
  std::uint32_t core_hz;
  std::uintptr_t uart0;
  std::uintptr_t fpga_io;
  std::uintptr_t lan9118;
  unsigned uart0_receive_irq;
  unsigned ethernet_irq;
  unsigned irqs;
};

inline constexpr Map mps2_an385{
    .core_hz = 25'000'000,
    .uart0 = 0x4000'4000,
    .fpga_io = 0x4002'8000,
    .lan9118 = 0x4020'0000,
    .uart0_receive_irq = 0,
    .ethernet_irq = 13,
    .irqs = 32,
};

inline constexpr Map mps2_an386 = mps2_an385;

inline constexpr Map mps2_an500{
    .core_hz = 25'000'000,
    .uart0 = 0x4000'4000,
    .fpga_io = 0x4002'8000,
    .lan9118 = 0xA000'0000,
    .uart0_receive_irq = 0,
    .ethernet_irq = 13,
    .irqs = 32,
};

// By the secure aliases: the core starts in secure state and stays there.
inline constexpr Map mps2_an521{
    .core_hz = 20'000'000,
    .uart0 = 0x5020'0000,
    .fpga_io = 0x5030'2000,
    .lan9118 = 0x5200'0000,
    .uart0_receive_irq = 32,
    .ethernet_irq = 48,
    .irqs = 124,
};

// The build says which.
inline constexpr Map map = BOBBIN_BOARD_MAP;

inline volatile std::uint32_t& register_at(std::uintptr_t address) {
  return *reinterpret_cast<volatile std::uint32_t*>(address);
}

// The registers of the core, which all of them share.
namespace core {

inline constexpr std::uintptr_t systick_control = 0xE000'E010;
inline constexpr std::uintptr_t systick_reload = 0xE000'E014;
inline constexpr std::uintptr_t systick_value = 0xE000'E018;
inline constexpr std::uintptr_t irq_enable = 0xE000'E100;
inline constexpr std::uintptr_t irq_disable = 0xE000'E180;
inline constexpr std::uintptr_t interrupt_control = 0xE000'ED04;
inline constexpr std::uintptr_t configuration = 0xE000'ED14;
inline constexpr std::uintptr_t fault_control = 0xE000'ED24;
inline constexpr std::uintptr_t fault_status = 0xE000'ED28;
inline constexpr std::uintptr_t memory_fault_address = 0xE000'ED34;
inline constexpr std::uintptr_t bus_fault_address = 0xE000'ED38;
inline constexpr std::uintptr_t coprocessor_access = 0xE000'ED88;
inline constexpr std::uintptr_t mpu_control = 0xE000'ED94;
inline constexpr std::uintptr_t mpu_region = 0xE000'ED98;
inline constexpr std::uintptr_t mpu_base = 0xE000'ED9C;
inline constexpr std::uintptr_t mpu_attributes = 0xE000'EDA0;

inline void enable_irq(unsigned number) {
  register_at(irq_enable + 4 * (number / 32)) = 1U << (number % 32);
}

inline void disable_irq(unsigned number) {
  register_at(irq_disable + 4 * (number / 32)) = 1U << (number % 32);
  asm volatile("dsb\n\tisb" ::: "memory");
}

}  // namespace core

// Holds interrupts off for its lifetime; they still end a WFI. Nests.
class InterruptsOff {
 public:
  InterruptsOff() { asm volatile("mrs %0, primask\n\tcpsid i" : "=r"(before_)::"memory"); }
  ~InterruptsOff() { asm volatile("msr primask, %0\n\tisb" ::"r"(before_) : "memory"); }
  InterruptsOff(const InterruptsOff&) = delete;
  InterruptsOff& operator=(const InterruptsOff&) = delete;

 private:
  std::uint32_t before_;
};

}  // namespace bobbin::mps2
