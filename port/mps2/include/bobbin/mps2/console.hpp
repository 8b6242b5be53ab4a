// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>

// UART0 as a console. Output waits until the UART takes it; input is buffered by an interrupt.
namespace bobbin::mps2::console {

void write(std::string_view text);

// The next byte of input (0 to 255), -1 if there is none. Input beyond 63 unread bytes is dropped.
[[nodiscard]] int read_byte();

// Called from the interrupt each time input has arrived, with `argument`. One listener at a time;
// null for none. Switches input on.
using Listener = void (*)(void* argument);
void on_input(Listener listener, void* argument);

// Printed as 0x and eight digits.
struct Hex {
  std::uint32_t value;
};

void write_one(std::string_view text);
void write_one(char character);
void write_one(Hex number);
void write_decimal(std::uint32_t number);
void write_decimal(std::uint64_t number);

// Integers in decimal.
template <std::integral T>
requires(!std::same_as<T, char> && !std::same_as<T, bool>) void write_one(T number) {
  using Unsigned = std::make_unsigned_t<T>;
  auto magnitude = static_cast<Unsigned>(number);
  if constexpr (std::is_signed_v<T>) {
    if (number < 0) {
      write_one('-');
      magnitude = static_cast<Unsigned>(Unsigned{0} - magnitude);
    }
  }
  // 32 bits spare the image a 64-bit division where nothing needs it.
  using Wide = std::conditional_t<(sizeof(T) > 4), std::uint64_t, std::uint32_t>;
  write_decimal(static_cast<Wide>(magnitude));
}

// Writes strings, characters, integers and Hex one after the other: print("bytes ", n, "\n").
template <typename... Values>
void print(const Values&... values) {
  (write_one(values), ...);
}

}  // namespace bobbin::mps2::console
