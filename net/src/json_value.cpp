// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <algorithm>
#include <array>
#include <charconv>

#include <bobbin/net/json.hpp>

// What strings and numbers mean. The reader has found them well-formed.
namespace bobbin {

namespace {

struct Character {
  std::array<char, 4> bytes{};
  std::size_t size = 0;

  void add(std::uint32_t byte) { bytes[size++] = static_cast<char>(byte); }
  std::string_view text() const { return {bytes.data(), size}; }
};

std::uint32_t take_unit(std::string_view& rest) {
  std::uint32_t unit = 0;
  std::from_chars(rest.data(), rest.data() + 4, unit, 16);
  rest.remove_prefix(4);
  return unit;
}

// In UTF-8.
Character encoded(std::uint32_t code) {
  Character character;
  if (code < 0x80) {
    character.add(code);
  } else if (code < 0x800) {
    character.add(0xC0 | code >> 6);
    character.add(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    character.add(0xE0 | code >> 12);
    character.add(0x80 | (code >> 6 & 0x3F));
    character.add(0x80 | (code & 0x3F));
  } else {
    character.add(0xF0 | code >> 18);
    character.add(0x80 | (code >> 12 & 0x3F));
    character.add(0x80 | (code >> 6 & 0x3F));
    character.add(0x80 | (code & 0x3F));
  }
  return character;
}

std::uint32_t control_of(char letter) {
  switch (letter) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return static_cast<std::uint32_t>(letter);
  }
}

// A byte as it is, or all that an escape stands for.
Character take_character(std::string_view& rest) {
  Character character;
  const char first = rest.front();
  rest.remove_prefix(1);
  if (first != '\\') {
    character.add(static_cast<std::uint8_t>(first));
    return character;
  }
  const char letter = rest.front();
  rest.remove_prefix(1);
  if (letter != 'u') return encoded(control_of(letter));
  const std::uint32_t unit = take_unit(rest);
  if (unit < 0xD800 || unit >= 0xE000) return encoded(unit);
  rest.remove_prefix(2);  // the backslash and the letter of the other half
  return encoded(0x10000 + ((unit - 0xD800) << 10) + (take_unit(rest) - 0xDC00));
}

}  // namespace

std::size_t JsonString::size() const {
  std::size_t size = 0;
  for (std::string_view rest = raw_; !rest.empty();) size += take_character(rest).size;
  return size;
}

bool JsonString::is(std::string_view text) const {
  for (std::string_view rest = raw_; !rest.empty();) {
    const Character character = take_character(rest);
    if (!text.starts_with(character.text())) return false;
    text.remove_prefix(character.size);
  }
  return text.empty();
}

Result<std::string_view> JsonString::copy_to(std::span<char> place) const {
  std::size_t size = 0;
  for (std::string_view rest = raw_; !rest.empty();) {
    const Character character = take_character(rest);
    if (place.size() - size < character.size) return Errc::no_capacity;
    std::ranges::copy(character.text(), place.subspan(size).begin());
    size += character.size;
  }
  return std::string_view(place.data(), size);
}

Result<std::int64_t> JsonNumber::as_integer() const {
  std::int64_t number = 0;
  const char* const end = text_.data() + text_.size();
  const std::from_chars_result result = std::from_chars(text_.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end) return Errc::invalid_argument;
  return number;
}

}  // namespace bobbin
