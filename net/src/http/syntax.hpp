// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "../digit.hpp"

// The letters of RFC 9110 and 9112.
namespace bobbin::http {

constexpr bool is_space(char c) { return c == ' ' || c == '\t'; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// What a character may be part of. Several of them make a set of bits.
enum CharacterKind : std::uint8_t {
  in_token = 1,
  in_value = 2,      // of a field: printable ASCII, whatever lies above it, space and tab
  in_target = 4,     // printable ASCII without the space; nobody sends a fragment
  in_path = 8,       // what of a target stands in front of its '?'
  in_authority = 16  // what may stand behind "Host:", or between "//" and '/' in a URL
};

// The sets of all characters.
extern const std::array<std::uint8_t, 256> kinds_of_characters;

inline bool is(std::uint8_t kind, char c) {
  return (kinds_of_characters[static_cast<unsigned char>(c)] & kind) != 0;
}

bool all_are(CharacterKind kind, const std::string_view& text);

// A host that is not empty, perhaps with a port (RFC 9110 §4.2.1).
bool is_authority(const std::string_view& text);

// The first character that is not of this kind. There has to be one: a line's end and NUL are of
// none.
inline const char* skip(CharacterKind kind, const char* at) {
#ifndef __OPTIMIZE_SIZE__
  while (is(kind, at[0]) && is(kind, at[1]) && is(kind, at[2]) && is(kind, at[3])) at += 4;
#endif
  while (is(kind, *at)) ++at;
  return at;
}

// The first `c` from `at` on, or `end`.
inline const char* find(char c, const char* at, const char* end) {
#ifdef __OPTIMIZE_SIZE__  // the C library's is faster, and ten times as large
  while (at != end && *at != c) ++at;
  return at;
#else
  if (at == end) return end;
  const void* const found = std::memchr(at, c, static_cast<std::size_t>(end - at));
  return found != nullptr ? static_cast<const char*>(found) : end;
#endif
}

// Whether `text` is this word, which ends with NUL: a small processor is given it by its place
// alone. A small letter of the word stands for the large one too.
bool is_word(const std::string_view& text, const char* word);

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

std::string_view without_spaces(std::string_view text);

// Takes what stands in front of the first `separator` off the front of `text`, and the separator;
// all of it where there is none.
constexpr std::string_view take_until(std::string_view& text, char separator) {
  std::size_t end = 0;
  while (end < text.size() && text[end] != separator) ++end;
  const std::string_view taken = before(text, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

}  // namespace bobbin::http
