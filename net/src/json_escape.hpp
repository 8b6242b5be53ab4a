// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "utf8.hpp"

namespace bobbin {

// May stand in a string of JSON as it is.
constexpr bool is_plain_json(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

// How many bytes the character at the front of a text has, which is not empty, if it may; else 0.
constexpr std::size_t plain_json_size(std::string_view text) {
  if (is_plain_json(text.front())) return 1;
  const std::size_t size = utf8_size(text);
  return size > 1 ? size : 0;
}

// What is written for the character at the front of a text that is none of those. It lives for one
// call, and the text as long.
class JsonEscape {
 public:
  explicit constexpr JsonEscape(std::string_view text);
  JsonEscape(const JsonEscape&) = delete;
  JsonEscape& operator=(const JsonEscape&) = delete;

  constexpr std::string_view text() const { return text_; }
  constexpr std::size_t taken() const { return taken_; }  // bytes that it stands for

 private:
  // The letter of a short escape, or 0.
  static constexpr char letter_for(char c);

  char place_[6] = {};
  std::string_view text_;
  std::size_t taken_ = 1;
};

constexpr char JsonEscape::letter_for(char c) {
  switch (c) {
    case '"':
    case '\\': return c;
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return '\0';
  }
}

// A byte that is no UTF-8 becomes U+FFFD, so that a text is always one.
constexpr JsonEscape::JsonEscape(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  const std::size_t size = utf8_size(text);
  if (size != 1) {
    taken_ = size == 0 ? 1 : size;
    text_ = size == 0 ? "\xEF\xBF\xBD" : std::string_view(text.data(), size);
    return;
  }
  const char letter = letter_for(text.front());
  const auto code = static_cast<std::uint8_t>(text.front());
  const char full[] = {'\\', 'u', '0', '0', digits[code >> 4], digits[code & 15]};
  for (std::size_t i = 0; i < sizeof full; ++i) place_[i] = full[i];
  if (letter != '\0') place_[1] = letter;
  text_ = {place_, letter != '\0' ? 2U : sizeof full};
}

}  // namespace bobbin
