// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

#include <array>

#include "bobbin/mps2/board.hpp"
#include "bobbin/mps2/console.hpp"
#include "registers.hpp"
#include "uart_registers.hpp"

namespace bobbin::mps2::console {

namespace {

// Written by the interrupt alone at `head`, read by read_byte() alone at `tail`; equal: empty.
constexpr std::uint8_t ring_size = 64;
std::array<volatile std::uint8_t, ring_size> ring{};
volatile std::uint8_t head = 0;
volatile std::uint8_t tail = 0;
bool listening = false;
Listener input_listener = nullptr;
void* listener_argument = nullptr;

std::uint8_t after(std::uint8_t position) {
  return static_cast<std::uint8_t>((position + 1U) % ring_size);
}

void listen() {
  listening = true;
  register_at(uart::control) |= uart::receive_enable | uart::receive_interrupt_enable;
  core::enable_irq(map.uart0_receive_irq);
}

}  // namespace

int read_byte() {
  if (!listening) {
    listen();
  }
  if (tail == head) {
    return -1;
  }
  const std::uint8_t byte = ring[tail];
  tail = after(tail);
  return byte;
}

void on_input(Listener listener, void* argument) {
  const InterruptsOff guard;
  input_listener = listener;
  listener_argument = argument;
  if (!listening) listen();
}

extern "C" void bobbin_uart0_receive_interrupt() {
  register_at(uart::interrupt_clear) = uart::receive_interrupt;
  while ((register_at(uart::state) & uart::receive_full) != 0) {
    const auto byte = static_cast<std::uint8_t>(register_at(uart::data));
    if (after(head) != tail) {
      ring[head] = byte;
      head = after(head);
    }
  }
  if (input_listener != nullptr) input_listener(listener_argument);
  wake();
}

}  // namespace bobbin::mps2::console
