// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bobbin {

// What a first byte calls for: how many bytes follow, and what the first of them may be (The
// Unicode Standard, table 3-7). None for one that cannot be the first.
struct Utf8Lead {
  std::size_t following = 0;
  std::uint8_t lowest = 0x80;
  std::uint8_t highest = 0xBF;
};

Utf8Lead utf8_lead(std::uint8_t byte);

// Whether all of it is UTF-8.
bool is_utf8(std::string_view text);

}  // namespace bobbin
