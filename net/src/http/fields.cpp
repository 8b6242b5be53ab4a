// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/fields.hpp>

#include <algorithm>

#include "syntax.hpp"

namespace bobbin::http {

Field Fields::Iterator::operator*() const {
  const std::string_view line = before(rest_, rest_.find('\r'));
  const std::size_t colon = line.find(':');
  return {.name = before(line, colon), .value = without_spaces(behind(line, colon + 1))};
}

Fields::Iterator& Fields::Iterator::operator++() {
  rest_.remove_prefix(rest_.find('\n') + 1);
  return *this;
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
  for (const Field field : *this) {
    if (same_token(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::size_t Fields::count(std::string_view name) const {
  std::size_t found = 0;
  for (const Field field : *this) found += same_token(field.name, name) ? 1 : 0;
  return found;
}

bool Fields::list_has(std::string_view name, std::string_view token) const {
  for (const Field field : *this) {
    if (!same_token(field.name, name)) continue;
    std::string_view list = field.value;
    while (const auto element = next_element(list)) {
      if (same_token(*element, token)) return true;
    }
  }
  return false;
}

bool same_token(std::string_view one, std::string_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

std::optional<std::string_view> next_element(std::string_view& list) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view element = without_spaces(before(list, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (!element.empty()) return element;
  }
  return std::nullopt;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_field_character);
}

}  // namespace bobbin::http
