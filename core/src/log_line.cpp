// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "log_line.hpp"

#include <algorithm>
#include <array>

#include <bobbin/assert.hpp>

namespace bobbin {

void LogLine::append(std::string_view piece) {
  was_cut_ = was_cut_ || piece.size() > limit_ - size_;
  if (was_cut_) return;
  copy(piece);
  if (cut_ == Cut::after_any_piece) allow_cut();
}

void LogLine::append(const Number& number) {
  // Twenty digits of 2^64, a point and a sign.
  std::array<char, 22> text{};
  std::size_t first = text.size();
  std::size_t digits = 0;
  std::uint64_t rest = number.magnitude;
  const unsigned base = number.layout.hexadecimal ? 16 : 10;
  do {
    if (digits > 0 && digits == number.places) text[--first] = '.';
    text[--first] = "0123456789abcdef"[rest % base];
    rest /= base;
    ++digits;
  } while (rest != 0 || digits <= number.places);
  const std::size_t sign = number.negative ? 1 : 0;
  const std::size_t width = std::min<std::size_t>(number.layout.width, text.size());
  if (number.layout.zeroes) {
    while (text.size() - first + sign < width) text[--first] = '0';
  }
  if (number.negative) text[--first] = '-';
  while (text.size() - first < width) text[--first] = ' ';
  append(std::string_view(text.data() + first, text.size() - first));
}

std::string_view LogLine::finish() {
  if (was_cut_) {
    size_ = kept_;
    copy(ends_.cut);
  }
  copy(ends_.end);
  return {space_.data(), size_};
}

void LogLine::copy(std::string_view piece) {
  BOBBIN_ASSERT(piece.size() <= space_.size() - size_);
  std::copy(piece.begin(), piece.end(), space_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += piece.size();
}

}  // namespace bobbin
