// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "utf8.hpp"

namespace bobbin {

Utf8Lead utf8_lead(std::uint8_t byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {.following = 1};
  if (byte == 0xE0) return {.following = 2, .lowest = 0xA0};
  if (byte == 0xED) return {.following = 2, .highest = 0x9F};  // no surrogates
  if (byte >= 0xE1 && byte <= 0xEF) return {.following = 2};
  if (byte == 0xF0) return {.following = 3, .lowest = 0x90};
  if (byte >= 0xF1 && byte <= 0xF3) return {.following = 3};
  if (byte == 0xF4) return {.following = 3, .highest = 0x8F};
  return {};
}

namespace {

// How many bytes the character at the front takes; 0 if there is none.
std::size_t utf8_size(std::string_view text) {
  const Utf8Lead lead = utf8_lead(static_cast<std::uint8_t>(text[0]));
  const auto byte = static_cast<std::uint8_t>(text[0]);
  if (byte < 0x80) return 1;
  if (lead.following == 0 || text.size() <= lead.following) return 0;
  std::uint8_t lowest = lead.lowest;
  std::uint8_t highest = lead.highest;
  for (const char c : text.substr(1, lead.following)) {
    const auto next = static_cast<std::uint8_t>(c);
    if (next < lowest || next > highest) return 0;
    lowest = 0x80;
    highest = 0xBF;
  }
  return lead.following + 1;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = utf8_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace bobbin
