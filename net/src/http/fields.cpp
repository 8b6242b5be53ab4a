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

bool is_token(std::string_view text) { return !text.empty() && all_are(text, is_token_character); }

bool is_field_value(std::string_view text) { return all_are(text, is_field_character); }

}  // namespace bobbin::http
