// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <bobbin/bytes.hpp>
#include <bobbin/net/decoded.hpp>

namespace bobbin {

// What stands in front of a netstring: its length in decimal, and a colon.
class NetstringHead {
 public:
  explicit constexpr NetstringHead(std::size_t length) : begin_(text_.size() - 1) {
    text_[begin_] = ':';
    do {
      text_[--begin_] = static_cast<char>('0' + length % 10);
      length /= 10;
    } while (length > 0);
  }

  constexpr std::string_view text() const { return {text_.data() + begin_, text_.size() - begin_}; }

 private:
  std::array<char, 21> text_{};
  std::size_t begin_;
};

// The bytes of a netstring of this length with all that is around it.
constexpr std::size_t netstring_size(std::size_t length) {
  return NetstringHead(length).text().size() + length + 1;
}

// Finds netstrings: "5:hello,". Strict: a length has no leading zeros and nothing but digits, and
// the comma must be there. A string longer than allowed is refused on its length alone, at the
// first digit that makes it so. Neither can be recovered from: the decoder has no state, and what
// follows is not looked at.
class NetstringDecoder {
 public:
  // `length_max` is at most 256 MiB.
  explicit constexpr NetstringDecoder(std::size_t length_max) : length_max_(length_max) {}

  // What is at the front of `data`, which begins where what was taken ends.
  Decoded find(Bytes data) const;
  void take() const {}

 private:
  std::size_t length_max_;
};

}  // namespace bobbin
