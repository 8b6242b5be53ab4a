// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

#include <array>

#include "bobbin/mps2/console.hpp"
#include "registers.hpp"
#include "uart.hpp"
#include "uart_registers.hpp"

namespace bobbin::mps2 {

void uart::start() {
  register_at(baud_divider) = map.core_hz / baud_rate;
  register_at(control) = transmit_enable;
}

namespace console {

namespace {

template <typename Number>
void write_digits(Number number) {
  std::array<char, 20> digits;
  std::size_t at = digits.size();
  do {
    digits[--at] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  write({digits.data() + at, digits.size() - at});
}

}  // namespace

void write_one(char character) {
  while ((register_at(uart::state) & uart::transmit_full) != 0) {
  }
  register_at(uart::data) = static_cast<std::uint8_t>(character);
}

void write(std::string_view text) {
  for (const char character : text) {
    write_one(character);
  }
}

void write_one(std::string_view text) { write(text); }

void write_one(Hex number) {
  write("0x");
  for (int shift = 28; shift >= 0; shift -= 4) {
    write_one("0123456789abcdef"[(number.value >> shift) & 15U]);
  }
}

void write_decimal(std::uint32_t number) { write_digits(number); }

void write_decimal(std::uint64_t number) { write_digits(number); }

}  // namespace console

}  // namespace bobbin::mps2
