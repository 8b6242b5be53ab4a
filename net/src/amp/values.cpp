// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/amp/values.hpp>

#include <charconv>

#include "../utf8.hpp"

namespace bobbin::amp {

namespace detail {

namespace {

template <class T>
void put_number(BoxSink& sink, T number) {
  std::array<char, 20> digits;
  const char* const end = std::to_chars(digits.begin(), digits.end(), number).ptr;
  sink.put(std::string_view(digits.begin(), end));
}

template <class T>
bool get_number(Bytes bytes, T& number) {
  const std::string_view text = text_of(bytes);
  const char* const end = text.data() + text.size();
  const std::from_chars_result result = std::from_chars(text.data(), end, number);
  return result.ec == std::errc() && result.ptr == end;
}

}  // namespace

void put_signed(BoxSink& sink, std::int64_t number) { put_number(sink, number); }
void put_unsigned(BoxSink& sink, std::uint64_t number) { put_number(sink, number); }
bool get_signed(Bytes bytes, std::int64_t& number) { return get_number(bytes, number); }
bool get_unsigned(Bytes bytes, std::uint64_t& number) { return get_number(bytes, number); }

bool get_text(Bytes bytes, std::string_view& text) {
  text = text_of(bytes);
  return is_utf8(text);
}

bool take_string(Bytes& list, Bytes& string) {
  if (list.size() < 2) return false;
  const std::size_t length =
      std::to_integer<std::size_t>(list[0]) << 8 | std::to_integer<std::size_t>(list[1]);
  if (list.size() - 2 < length) return false;
  string = list.subspan(2, length);
  list = list.subspan(2 + length);
  return true;
}

// In a list a box may be without a pair: a record of which all is left out.
bool take_box(Bytes& list, Bytes& pairs) {
  Bytes rest = list;
  std::size_t size = 0;
  for (Bytes key, value; take_string(rest, key) && key.size() <= key_max;) {
    if (key.empty()) {
      pairs = list.first(size);
      list = rest;
      return true;
    }
    if (!take_string(rest, value)) return false;
    size = list.size() - rest.size();
  }
  return false;
}

}  // namespace detail

void Value<bool>::put(BoxSink& sink, bool value) {
  sink.put(std::string_view(value ? "True" : "False"));
}

bool Value<bool>::get(Bytes bytes, bool& value) {
  const std::string_view text = text_of(bytes);
  value = text == "True";
  return value || text == "False";
}

}  // namespace bobbin::amp
