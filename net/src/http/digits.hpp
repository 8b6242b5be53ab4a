// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

// Numbers as HTTP writes them. A small processor divides 32 bits by an instruction, but 64 by a
// function that is larger than all that is here.
namespace bobbin::http {

// Both write to the end of `place`, which is long enough, and say how many digits there are.

inline std::size_t write_decimal(std::uint64_t number, std::span<char, 20> place) {
  auto high = static_cast<std::uint32_t>(number >> 32);
  auto low = static_cast<std::uint32_t>(number);
  std::size_t begin = place.size();
  do {
    // What is left of the high half counts 2^32 each, which is ten times 429496729, and 6.
    const std::uint32_t left = high % 10;
    const std::uint32_t units = left * 6 + low % 10;
    high /= 10;
    low = low / 10 + left * 429496729U + units / 10;
    place[--begin] = static_cast<char>('0' + units % 10);
  } while (high > 0 || low > 0);
  return place.size() - begin;
}

inline std::size_t write_hexadecimal(std::uint32_t number, std::span<char, 8> place) {
  std::size_t begin = place.size();
  do {
    place[--begin] = "0123456789abcdef"[number % 16];
    number /= 16;
  } while (number > 0);
  return place.size() - begin;
}

}  // namespace bobbin::http
