// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

#include "bobbin/mps2/board.hpp"

namespace bobbin::mps2 {

namespace {

std::uint32_t pool = 0;

// The finalizer of MurmurHash3: every bit of `value` reaches every bit of the result.
std::uint32_t mix(std::uint32_t value) {
  value = (value ^ (value >> 16)) * 0x85EB'CA6BU;
  value = (value ^ (value >> 13)) * 0xC2B2'AE35U;
  return value ^ (value >> 16);
}

}  // namespace

void stir_random(std::uint32_t value) {
  pool = mix(pool + value) + static_cast<std::uint32_t>(now_us());
}

std::uint32_t random() {
  constexpr std::uint32_t golden_ratio = 0x9E37'79B9;
  stir_random(golden_ratio);
  return mix(pool);
}

}  // namespace bobbin::mps2
