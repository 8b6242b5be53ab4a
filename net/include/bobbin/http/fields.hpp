// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace bobbin::http {

// A header field (RFC 9110 §5). The value has no spaces around it.
struct Field {
  std::string_view name;
  std::string_view value;
};

// The fields of a head where they lie, in the order in which they came: a view, valid for as long
// as the bytes are. Looking one up goes through all of them, which a head's limit bounds.
class Fields {
 public:
  class Iterator {
   public:
    Field operator*() const;
    Iterator& operator++();
    bool operator==(const Iterator& other) const { return rest_.size() == other.rest_.size(); }

   private:
    friend class Fields;
    explicit Iterator(std::string_view rest) : rest_(rest) {}
    bool is_named(std::string_view name) const;

    std::string_view rest_;  // from the line on that it stands at
  };

  Fields() = default;
  // Lines that each end with CRLF, and have been checked by a decoder.
  explicit Fields(std::string_view lines) : lines_(lines) {}

  Iterator begin() const { return Iterator(lines_); }
  Iterator end() const { return Iterator({}); }
  bool empty() const { return lines_.empty(); }

  // The value of the first field of this name, in whatever case it is written; none if there is no
  // such field.
  std::optional<std::string_view> find(std::string_view name) const;
  std::size_t count(std::string_view name) const;

  // Whether a field of this name has `token` as an element of its list, in whatever case:
  // "Connection: keep-alive, Upgrade".
  bool list_has(std::string_view name, std::string_view token) const;

 private:
  std::string_view lines_;
};

// As RFC 9110 compares names and most tokens: ASCII letters in whatever case.
bool same_token(std::string_view one, std::string_view other);

// Takes the first element of a comma-separated list off its front, without the spaces around it;
// elements that are empty are passed over. None when the list is at its end.
std::optional<std::string_view> next_element(std::string_view& list);

// RFC 9110 §5.6.2: at least one character, and none but those of tokens.
bool is_token(std::string_view text);

// Whether `text` may be a field's value: no control characters but the tab.
bool is_field_value(std::string_view text);

}  // namespace bobbin::http
