// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <charconv>

#include <bobbin/amp/values.hpp>

namespace bobbin::amp::detail {

namespace {

// A number as it is written: digits * 10^exponent.
struct Written {
  std::uint64_t digits = 0;
  int exponent = 0;
  bool negative = false;
};

// As many digits as can never overflow; what is behind them has no weight that counts.
constexpr std::uint64_t digits_max = UINT64_MAX / 10 - 1;
constexpr std::uint64_t units_max = INT64_MAX;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes digits off the front; how many they were.
std::size_t take_digits(std::string_view& text, Written& number, bool behind_point) {
  std::size_t count = 0;
  for (; count < text.size() && is_digit(text[count]); ++count) {
    if (number.digits < digits_max) {
      number.digits = number.digits * 10 + static_cast<std::uint64_t>(text[count] - '0');
      number.exponent -= behind_point ? 1 : 0;
    } else {
      number.exponent += behind_point ? 0 : 1;
    }
  }
  text.remove_prefix(count);
  return count;
}

bool take_sign(std::string_view& text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  return negative;
}

// What follows an 'e', of a size that no double goes beyond.
bool take_exponent(std::string_view& text, Written& number) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int16_t exponent = 0;
  const char* const end = text.data() + text.size();
  const std::from_chars_result result = std::from_chars(text.data(), end, exponent);
  if (result.ec != std::errc() || result.ptr != end) return false;
  number.exponent += exponent;
  text = {};
  return exponent > -1000 && exponent < 1000;
}

bool read(std::string_view text, Written& number) {
  number.negative = take_sign(text);
  if (take_digits(text, number, false) == 0) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    take_digits(text, number, true);
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (!take_exponent(text, number)) return false;
  }
  return text.empty();
}

}  // namespace

void put_fixed(BoxSink& sink, std::int64_t units, unsigned places) {
  std::array<char, 24> text;
  std::size_t at = text.size();
  std::uint64_t rest =
      units < 0 ? 0 - static_cast<std::uint64_t>(units) : static_cast<std::uint64_t>(units);
  // As Python writes them, 0.5 and 1.0: no zeros at the end but one right behind the point.
  bool significant = false;
  for (unsigned place = places; place > 0; --place, rest /= 10) {
    significant = significant || rest % 10 != 0 || place == 1;
    if (significant) text[--at] = static_cast<char>('0' + rest % 10);
  }
  if (places > 0) text[--at] = '.';
  do {
    text[--at] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  if (units < 0) text[--at] = '-';
  sink.put(std::string_view(text.data() + at, text.size() - at));
}

bool get_fixed(Bytes bytes, std::int64_t& units, unsigned places) {
  Written number;
  if (!read(text_of(bytes), number)) return false;
  int shift = number.exponent + static_cast<int>(places);
  std::uint64_t value = number.digits;
  for (; shift > 0 && value > 0; --shift) {
    if (value > units_max / 10) return false;
    value *= 10;
  }
  bool up = false;
  for (; shift < 0 && (value > 0 || up); ++shift) {
    up = value % 10 >= 5;
    value /= 10;
  }
  value += up ? 1 : 0;
  if (value > units_max) return false;
  units = number.negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
  return true;
}

}  // namespace bobbin::amp::detail
