// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/fields.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

#include "head.hpp"
#include "syntax.hpp"

namespace bobbin::http {

namespace {

constexpr std::uint8_t kinds_of(unsigned char code) {
  const auto is_one_of = [code](std::string_view some) {
    return some.find(static_cast<char>(code)) != std::string_view::npos;
  };
  const char c = static_cast<char>(code);
  const bool is_printable = code > ' ' && code < 0x7F;
  const bool is_alphanumeric = is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z');
  unsigned kinds = 0;
  if (is_alphanumeric || is_one_of("!#$%&'*+-.^_`|~")) kinds |= in_token;
  if (is_printable || is_space(c) || code > 0x7F) kinds |= in_value;
  if (is_printable && c != '#') kinds |= in_target;
  if (is_printable && !is_one_of("#?")) kinds |= in_path;
  if (is_printable && !is_one_of("#/?@\\,\"<>^`{|}")) kinds |= in_authority;
  return static_cast<std::uint8_t>(kinds);
}

constexpr std::array<std::uint8_t, 256> kinds_of_all() {
  std::array<std::uint8_t, 256> kinds{};
  for (std::size_t code = 0; code < kinds.size(); ++code) {
    kinds[code] = kinds_of(static_cast<unsigned char>(code));
  }
  return kinds;
}

}  // namespace

constexpr std::array<std::uint8_t, 256> kinds_of_characters = kinds_of_all();

Field Fields::Iterator::operator*() const {
  const std::string_view line = before(rest_, rest_.find('\r'));
  const std::size_t colon = line.find(':');
  return {.name = before(line, colon), .value = without_spaces(behind(line, colon + 1))};
}

Fields::Iterator& Fields::Iterator::operator++() {
  rest_.remove_prefix(rest_.find('\n') + 1);
  return *this;
}

// Most are not, and the whole of their line need not be looked at.
bool Fields::Iterator::is_named(std::string_view name) const {
  return rest_.size() > name.size() && rest_[name.size()] == ':' &&
         same_token(before(rest_, name.size()), name);
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
  for (Iterator field = begin(); field != end(); ++field) {
    if (field.is_named(name)) return (*field).value;
  }
  return std::nullopt;
}

std::size_t Fields::count(std::string_view name) const {
  std::size_t found = 0;
  for (Iterator field = begin(); field != end(); ++field) found += field.is_named(name) ? 1 : 0;
  return found;
}

bool Fields::list_has(std::string_view name, std::string_view token) const {
  for (Iterator field = begin(); field != end(); ++field) {
    if (!field.is_named(name)) continue;
    std::string_view list = (*field).value;
    while (const auto element = next_element(list)) {
      if (same_token(*element, token)) return true;
    }
  }
  return false;
}

bool same_token(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  for (std::size_t i = 0; i < one.size(); ++i) {
    if (lower(one[i]) != lower(other[i])) return false;
  }
  return true;
}

bool all_are(CharacterKind kind, const std::string_view& text) {
  for (const char c : text) {
    if (!is(kind, c)) return false;
  }
  return true;
}

bool is_authority(const std::string_view& text) {
  return !text.empty() && text.front() != ':' && all_are(in_authority, text);
}

bool is_word(const std::string_view& text, const char* word) {
  for (const char c : text) {
    if (*word == '\0' || (c != *word && lower(c) != *word)) return false;
    ++word;
  }
  return *word == '\0';
}

std::string_view without_spaces(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool take_element(std::string_view& list, std::string_view& element) {
  while (!list.empty()) {
    element = without_spaces(take_until(list, ','));
    if (!element.empty()) return true;
  }
  return false;
}

std::optional<std::string_view> next_element(std::string_view& list) {
  std::string_view element;
  return take_element(list, element) ? std::optional(element) : std::nullopt;
}

bool is_token(std::string_view text) { return !text.empty() && all_are(in_token, text); }

bool is_field_value(std::string_view text) { return all_are(in_value, text); }

}  // namespace bobbin::http
