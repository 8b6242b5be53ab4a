// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

#include <array>
#include <cstdint>

#include "bobbin/mps2/board.hpp"
#include "bobbin/mps2/console.hpp"
#include "registers.hpp"

namespace {
using Vector = void (*)();
}

extern "C" {

// From the linker script.
extern std::uint32_t bobbin_ram_start;
extern std::uint32_t bobbin_ram_end;
extern std::uint32_t bobbin_stack_top;
extern const std::uint32_t bobbin_data_load;
extern std::uint32_t bobbin_data_start;
extern std::uint32_t bobbin_data_end;
extern std::uint32_t bobbin_bss_start;
extern std::uint32_t bobbin_bss_end;
extern const Vector bobbin_constructors_start;
extern const Vector bobbin_constructors_end;

// By its symbol, as C++ forbids calling main() by its name.
int bobbin_call_main() asm("main");

// Defined by the driver that needs it; an image without that driver has the default.
[[gnu::weak]] void bobbin_uart0_receive_interrupt();
[[gnu::weak]] void bobbin_ethernet_interrupt();

[[noreturn]] void bobbin_reset();
void bobbin_fault();
[[noreturn, gnu::used]] void bobbin_report_fault(const std::uint32_t* frame);

// What the compiler and the C++ library expect of a runtime. Statics are never destroyed.
void* __dso_handle = nullptr;
int __aeabi_atexit(void*, void (*)(void*), void*) { return 0; }
int atexit(void (*)()) { return 0; }
[[noreturn]] void __cxa_pure_virtual();
// The unwinding tables in the compiler's own library ask for these; the tables are not linked.
void __aeabi_unwind_cpp_pr0() {}
void __aeabi_unwind_cpp_pr1() {}
void __aeabi_unwind_cpp_pr2() {}

}  // extern "C"

namespace {

namespace mps2 = bobbin::mps2;
namespace console = bobbin::mps2::console;
using bobbin::mps2::register_at;

constexpr std::array<const char*, 7> fault_names{
    "", "", "NMI", "HardFault", "MemManage", "BusFault", "UsageFault",
};

std::uint32_t exception_number() {
  std::uint32_t number;
  asm("mrs %0, ipsr" : "=r"(number));
  return number;
}

void name_exception(std::uint32_t number) {
  if (number < fault_names.size()) {
    console::print(fault_names[number]);
  } else {
    console::print("unexpected exception ", number);
  }
}

// Where the stack has its limit in the core (Armv8-M), the fault's status says that it was reached,
// and nothing is at the frame. Elsewhere the frame is outside of RAM.
bool frame_was_saved(const std::uint32_t* frame) {
  constexpr std::uint32_t frame_words = 8;
  constexpr std::uint32_t stack_limit_reached = 1U << 20;
  return frame >= &bobbin_ram_start && frame + frame_words <= &bobbin_ram_end &&
         (register_at(mps2::core::fault_status) & stack_limit_reached) == 0;
}

struct VectorTable {
  const std::uint32_t* stack_top;
  std::array<Vector, 15> core;
  std::array<Vector, mps2::map.irqs> board;
};

constexpr std::array<Vector, 15> core_vectors() {
  std::array<Vector, 15> vectors{};
  vectors.fill(bobbin_fault);
  vectors[0] = bobbin_reset;
  return vectors;
}

constexpr std::array<Vector, mps2::map.irqs> board_vectors() {
  std::array<Vector, mps2::map.irqs> vectors{};
  vectors.fill(bobbin_fault);
  vectors[mps2::map.uart0_receive_irq] = bobbin_uart0_receive_interrupt;
  vectors[mps2::map.ethernet_irq] = bobbin_ethernet_interrupt;
  return vectors;
}

void initialize_memory() {
  const std::uint32_t* from = &bobbin_data_load;
  for (std::uint32_t* to = &bobbin_data_start; to < &bobbin_data_end; ++to, ++from) {
    *to = *from;
  }
  for (std::uint32_t* to = &bobbin_bss_start; to < &bobbin_bss_end; ++to) {
    *to = 0;
  }
}

// Before anything else: the compiler may use the unit's registers anywhere.
void enable_floating_point() {
#ifdef __ARM_FP
  constexpr std::uint32_t full_access = 0xFU << 20;
  register_at(mps2::core::coprocessor_access) |= full_access;
  asm volatile("dsb\n\tisb" ::: "memory");
#endif
}

void enable_faults() {
  constexpr std::uint32_t usage_bus_and_memory_faults = 7U << 16;
  constexpr std::uint32_t trap_division_by_zero = 1U << 4;
  register_at(mps2::core::fault_control) = usage_bus_and_memory_faults;
  register_at(mps2::core::configuration) |= trap_division_by_zero;
}

// Makes a fault of whatever the stack, at the bottom of RAM, writes below itself. The bus alone
// would swallow it.
void guard_stack() {
#if __ARM_ARCH >= 8
  asm volatile("msr msplim, %0" ::"r"(&bobbin_ram_start));
#else
  // There is nothing right below RAM for so far.
  constexpr std::uint32_t unused_below_ram = 0x1000'0000;
  constexpr std::uint32_t size_256_mb = 27U << 1;
  constexpr std::uint32_t never_execute = 1U << 28;
  constexpr std::uint32_t enabled = 1U << 0;
  constexpr std::uint32_t elsewhere_as_without = 1U << 2;
  register_at(mps2::core::mpu_region) = 0;
  register_at(mps2::core::mpu_base) =
      reinterpret_cast<std::uint32_t>(&bobbin_ram_start) - unused_below_ram;
  register_at(mps2::core::mpu_attributes) = never_execute | size_256_mb | enabled;
  register_at(mps2::core::mpu_control) = elsewhere_as_without | enabled;
  asm volatile("dsb\n\tisb" ::: "memory");
#endif
}

void print_fault_address() {
  constexpr std::uint32_t memory_valid = 1U << 7;
  constexpr std::uint32_t bus_valid = 1U << 15;
  const std::uint32_t status = register_at(mps2::core::fault_status);
  if ((status & memory_valid) != 0) {
    console::print(" address ", console::Hex{register_at(mps2::core::memory_fault_address)});
  } else if ((status & bus_valid) != 0) {
    console::print(" address ", console::Hex{register_at(mps2::core::bus_fault_address)});
  }
}

// A fault in the last words comes here once more.
[[noreturn]] void end_with_last_words() {
  static bool said = false;
  if (!said && bobbin_last_words != nullptr) {
    said = true;
    bobbin_last_words();
  }
  mps2::exit(1);
}

}  // namespace

extern "C" {

[[gnu::section(".vectors"), gnu::used]] extern constinit const VectorTable bobbin_vectors{
    &bobbin_stack_top, core_vectors(), board_vectors()};

void bobbin_reset() {
  enable_floating_point();
  initialize_memory();
  enable_faults();
  guard_stack();
  mps2::start();
  for (const Vector* constructor = &bobbin_constructors_start;
       constructor < &bobbin_constructors_end; ++constructor) {
    (*constructor)();
  }
  mps2::exit(bobbin_call_main());
}

// The stack may be the very thing that is broken: starts over at its top.
[[gnu::naked]] void bobbin_fault() {
  asm volatile(
      "mrs r0, msp\n\t"
      "movw r1, #:lower16:bobbin_stack_top\n\t"
      "movt r1, #:upper16:bobbin_stack_top\n\t"
      "mov sp, r1\n\t"
      "b bobbin_report_fault");
}

void bobbin_report_fault(const std::uint32_t* frame) {
  console::print("\n");
  name_exception(exception_number());
  if (frame_was_saved(frame)) {
    console::print(" pc ", console::Hex{frame[6]}, " lr ", console::Hex{frame[5]});
  } else {
    console::print(" stack overflow");
  }
  console::print(" sp ", console::Hex{reinterpret_cast<std::uint32_t>(frame)}, " cfsr ",
                 console::Hex{register_at(mps2::core::fault_status)});
  print_fault_address();
  console::print("\n");
  end_with_last_words();
}

void __cxa_pure_virtual() {
  console::print("\npure virtual call\n");
  end_with_last_words();
}

}  // extern "C"
