// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

#include "bobbin/mps2/board.hpp"

#include <algorithm>
#include <array>

#include "registers.hpp"
#include "uart.hpp"

namespace bobbin::mps2 {

namespace {

constexpr std::uint32_t ticks_per_us = map.core_hz / 1'000'000;

// FPGAIO's free-running counter, which counts once per prescaler period.
constexpr std::uintptr_t counter = map.fpga_io + 0x18;
constexpr std::uintptr_t prescale = map.fpga_io + 0x1C;

constexpr std::uint32_t systick_run = 0x7;  // enabled, with interrupt, on the core's clock
constexpr std::uint32_t systick_max = 0xFF'FFFF;
constexpr std::uint32_t systick_unpend = 1U << 25;

std::uint32_t start_count = 0;
std::uint32_t last_count = 0;
std::uint32_t wraps = 0;
std::uint32_t wakeup_count = 0;
volatile bool woken = false;

// Called with interrupts held off; returns with SysTick stopped and nothing of it pending.
void wait_for_interrupt(std::uint64_t at_most_us) {
  const auto chunk = std::min<std::uint64_t>(at_most_us, systick_max / ticks_per_us);
  register_at(core::systick_reload) = static_cast<std::uint32_t>(chunk) * ticks_per_us;
  register_at(core::systick_value) = 0;
  register_at(core::systick_control) = systick_run;
  asm volatile("dsb\n\twfi" ::: "memory");
  register_at(core::systick_control) = 0;
  register_at(core::interrupt_control) = systick_unpend;
  ++wakeup_count;
}

}  // namespace

void start() {
  register_at(prescale) = ticks_per_us - 1;
  start_count = register_at(counter);
  uart::start();
}

std::uint64_t now_us() {
  const InterruptsOff guard;
  const std::uint32_t count = register_at(counter) - start_count;
  if (count < last_count) {
    ++wraps;
  }
  last_count = count;
  return (std::uint64_t{wraps} << 32) | count;
}

void sleep_until_us(std::uint64_t deadline) {
  for (;;) {
    // Pending interrupts run where this ends, so `woken` is read only after they did.
    const InterruptsOff guard;
    const std::uint64_t now = now_us();
    if (woken || now >= deadline) {
      woken = false;
      return;
    }
    wait_for_interrupt(deadline - now);
  }
}

void wake() { woken = true; }

bool in_interrupt() {
  std::uint32_t exception = 0;
  asm volatile("mrs %0, ipsr" : "=r"(exception));
  return exception != 0;
}

std::uint32_t wakeups() { return wakeup_count; }

void exit(int status) {
  constexpr std::uint32_t exit_extended = 0x20;
  constexpr std::uint32_t application_exit = 0x20026;
  static bool exiting = false;
  // Without a debugger the breakpoint faults, and reporting the fault comes here once more.
  if (!exiting) {
    exiting = true;
    const std::array<std::uint32_t, 2> block{application_exit, static_cast<std::uint32_t>(status)};
    register std::uint32_t operation asm("r0") = exit_extended;
    register const std::uint32_t* argument asm("r1") = block.data();
    asm volatile("bkpt 0xab" : "+r"(operation) : "r"(argument) : "memory");
  }
  for (;;) {
    asm volatile("cpsid i\n\twfi");
  }
}

}  // namespace bobbin::mps2
