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

constexpr Utf8Lead utf8_lead(std::uint8_t byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {.following = 1};
  if (byte == 0xE0) return {.following = 2, .lowest = 0xA0};
  if (byte == 0xED) return {.following = 2, .highest = 0x9F};  // no surrogates
  if (byte >= 0xE1 && byte <= 0xEF) return {.following = 2};
  if (byte == 0xF0) return {.following = 3, .lowest = 0x90};
  if (byte >= 0xF1 && byte <= 0xF3) return {.following = 3};
  if (byte == 0xF4) return {.following = 3, .highest = 0x8F};
  return {};
}

// How many bytes the character at the front of `text` has, which is not empty; 0 if it is none.
constexpr std::size_t utf8_size(std::string_view text) {
  const auto byte = [text](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
  if (byte(0) < 0x80) return 1;
  const Utf8Lead lead = utf8_lead(byte(0));
  if (lead.following == 0 || text.size() <= lead.following) return 0;
  if (byte(1) < lead.lowest || byte(1) > lead.highest) return 0;
  for (std::size_t i = 2; i <= lead.following; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  }
  return 1 + lead.following;
}

// Whether all of it is UTF-8.
constexpr bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = utf8_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace bobbin
