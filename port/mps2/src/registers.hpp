// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

// Where things are on the MPS2 boards AN385 (Cortex-M3), AN386 (-M4) and AN500 (-M7), and the few
// registers of the core which all of them share.
namespace bobbin::mps2 {

namespace map {

inline constexpr std::uint32_t core_hz = 25'000'000;

inline constexpr std::uintptr_t uart0 = 0x4000'4000;
inline constexpr std::uintptr_t fpga_io = 0x4002'8000;
#ifdef BOBBIN_MPS2_AN500
inline constexpr std::uintptr_t lan9118 = 0xA000'0000;
#else
inline constexpr std::uintptr_t lan9118 = 0x4020'0000;
#endif

// At least so many bytes below RAM hold nothing.
inline constexpr std::uint32_t unused_below_ram = 0x1000'0000;

inline constexpr unsigned uart0_receive_irq = 0;
inline constexpr unsigned ethernet_irq = 13;
inline constexpr unsigned irqs = 32;

}  // namespace map

inline volatile std::uint32_t& register_at(std::uintptr_t address) {
  return *reinterpret_cast<volatile std::uint32_t*>(address);
}

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
