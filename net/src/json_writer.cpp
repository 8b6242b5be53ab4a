// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/net/json_writer.hpp>

#include <charconv>

#include "json_escape.hpp"

namespace bobbin {

void JsonWriter::object() { open('{', true); }
void JsonWriter::object_end() { close('}', true); }
void JsonWriter::array() { open('[', false); }
void JsonWriter::array_end() { close(']', false); }

void JsonWriter::key(std::string_view name) {
  BOBBIN_ASSERT(too_deep_ || (in_object() && (at_ == At::first || at_ == At::more)));
  if (at_ == At::more) put(",");
  quote(name);
  put(":");
  at_ = At::value;
}

void JsonWriter::string(std::string_view text) {
  value_begins();
  quote(text);
  value_is_over();
}

Result<std::string_view> JsonWriter::text() const {
  BOBBIN_ASSERT(at_ == At::end);
  const std::size_t size = size_ - std::min(size_, from_);
  if (too_deep_ || size > place_.size()) return Errc::no_capacity;
  return std::string_view(place_.data(), size);
}

void JsonWriter::value_begins() {
  const bool in_array = depth_ > 0 && !in_object() && (at_ == At::first || at_ == At::more);
  BOBBIN_ASSERT(too_deep_ || at_ == At::start || at_ == At::value || in_array);
  if (at_ == At::more) put(",");
}

// What is deeper than there are bits for is only counted.
void JsonWriter::open(char bracket, bool object) {
  value_begins();
  put({&bracket, 1});
  too_deep_ = too_deep_ || depth_ == depth_max;
  objects_ = objects_ << 1 | (object ? 1U : 0U);
  ++depth_;
  at_ = At::first;
}

void JsonWriter::close(char bracket, bool object) {
  BOBBIN_ASSERT(depth_ > 0 && at_ != At::value && (too_deep_ || in_object() == object));
  put({&bracket, 1});
  objects_ >>= 1;
  --depth_;
  value_is_over();
}

void JsonWriter::word(std::string_view word) {
  value_begins();
  put(word);
  value_is_over();
}

void JsonWriter::write_number(std::int64_t value) {
  char digits[20];
  word({digits, static_cast<std::size_t>(std::to_chars(digits, digits + 20, value).ptr - digits)});
}

void JsonWriter::write_number(std::uint64_t value) {
  char digits[20];
  word({digits, static_cast<std::size_t>(std::to_chars(digits, digits + 20, value).ptr - digits)});
}

void JsonWriter::quote(std::string_view text) {
  put("\"");
  while (!text.empty()) {
    const auto special = std::find_if_not(text.begin(), text.end(), is_plain_json);
    const auto plain = static_cast<std::size_t>(special - text.begin());
    put({text.data(), plain});
    text.remove_prefix(plain);
    if (text.empty()) break;
    const JsonEscape escape(text);
    put(escape.text());
    text.remove_prefix(escape.taken());
  }
  put("\"");
}

// As much of it as lies in this piece of the text.
void JsonWriter::put(std::string_view text) {
  const std::size_t begin = size_;
  size_ += text.size();
  const std::size_t first = std::max(begin, from_);
  const std::size_t last = std::min(size_, from_ + place_.size());
  if (first >= last) return;
  std::copy_n(text.data() + (first - begin), last - first, place_.data() + (first - from_));
}

}  // namespace bobbin
