// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

// The letters of RFC 9110 and 9112.
namespace bobbin::http {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_space(char c) { return c == ' ' || c == '\t'; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

constexpr bool is_token_character(char c) {
  const char letter = lower(c);
  if ((letter >= 'a' && letter <= 'z') || is_digit(c)) return true;
  return c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// Printable ASCII, whatever lies above it, space and tab. Without branches, for `all_are`.
constexpr bool is_field_character(char c) {
  const auto code = static_cast<unsigned char>(c);
  return (((code >= 0x20) & (code != 0x7F)) | (code == '\t')) != 0;
}

// Printable ASCII without the space; nobody sends a fragment.
constexpr bool is_target_character(char c) { return ((c > ' ') & (c < 0x7F) & (c != '#')) != 0; }

// All are looked at, without a way out on the way: so a processor that can looks at several at
// once.
template <class Is>
constexpr bool all_are(std::string_view text, Is is) {
  unsigned char wrong = 0;
  for (const char c : text) wrong |= static_cast<unsigned char>(!is(c));
  return wrong == 0;
}

// The value of a hexadecimal digit, or -1.
constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char letter = lower(c);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

// The parts of a text in front of a place and behind it, without the check of `substr`, which
// throws.
constexpr std::string_view before(std::string_view text, std::size_t count) {
  return {text.data(), std::min(count, text.size())};
}
constexpr std::string_view behind(std::string_view text, std::size_t count) {
  text.remove_prefix(count);
  return text;
}

constexpr std::string_view without_spaces(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Takes what stands in front of the first `separator` off the front of `text`, and the separator;
// all of it where there is none.
constexpr std::string_view take_until(std::string_view& text, std::string_view separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view taken = before(text, end);
  text.remove_prefix(std::min(end + separator.size(), text.size()));
  return taken;
}

}  // namespace bobbin::http
