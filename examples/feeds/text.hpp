// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace feeds {

// A short text, held in place. What is longer is cut between two characters of UTF-8 and ends
// in "…".
class Text {
 public:
  static constexpr std::size_t size_max = 256;  // without the "…"

  std::string_view view() const { return {bytes_.data(), size_}; }
  bool empty() const { return size_ == 0; }
  bool is_cut() const { return is_cut_; }

  void clear() {
    size_ = 0;
    is_cut_ = false;
  }

  Text& append(std::string_view more) {
    if (is_cut_) return *this;
    const bool fits = more.size() <= size_max - size_;
    put(fits ? more : more.substr(0, whole_characters(more, size_max - size_)));
    if (!fits) put("…");
    is_cut_ = !fits;
    return *this;
  }

  // Takes white space off the end.
  void trim() {
    while (size_ > 0 && is_space(bytes_[size_ - 1])) --size_;
  }

  static constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

 private:
  // How many bytes, at most `count`, end where a character does.
  static std::size_t whole_characters(std::string_view text, std::size_t count) {
    while (count > 0 && (static_cast<unsigned char>(text[count]) & 0xC0) == 0x80) --count;
    return count;
  }

  void put(std::string_view piece) { size_ += piece.copy(bytes_.data() + size_, piece.size()); }

  std::array<char, size_max + std::string_view("…").size()> bytes_;
  std::size_t size_ = 0;
  bool is_cut_ = false;
};

}  // namespace feeds
