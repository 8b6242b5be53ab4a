// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <bobbin/bytes.hpp>
#include <bobbin/net/decoded.hpp>

namespace bobbin {

// What ends a line: 1 to 7 bytes, as a literal: "\r\n".
struct Delimiter {
  template <std::size_t N>
  constexpr Delimiter(const char (&text)[N]) : size(N - 1) {
    static_assert(N >= 2 && N <= 8, "bobbin: a delimiter has 1 to 7 bytes");
    std::copy_n(text, N - 1, characters.begin());
  }

  constexpr std::string_view view() const { return {characters.data(), size}; }

  // Public, so that it can be a template argument.
  std::array<char, 7> characters{};
  std::uint8_t size = 0;
};

// Lines as a template argument. The longest line is told without its delimiter; the default fits,
// with it, into the default receive buffer.
struct LineFormat {
  Delimiter delimiter = "\r\n";
  std::size_t length_max = 510;

  // The longest line with its delimiter.
  constexpr std::size_t size_max() const { return length_max + delimiter.size; }
};

// Finds lines. The delimiter is exact: a bare '\n' is a part of a line that ends with "\r\n".
//
// A line is too long once `size_max` bytes hold no delimiter. It is told of once, with its first
// `length_max` bytes; the rest of it, up to its delimiter, is passed over.
class LineDecoder {
 public:
  // `format` is the caller's and outlives the decoder; its `length_max` is at most 1 GiB.
  explicit constexpr LineDecoder(const LineFormat& format) : format_(&format) {}

  const LineFormat& format() const { return *format_; }

  // What is at the front of `data`, which begins where what was taken ends.
  Decoded find(Bytes data);

  // The line that was found is taken: the next `data` begins behind it.
  void take() { scanned_ = 0; }

  // As at the start of a line, also from the middle of one that is passed over.
  void reset() {
    scanned_ = 0;
    passing_over_ = false;
  }

 private:
  std::size_t find_end(Bytes data);
  Decoded pass_over(Bytes data);

  const LineFormat* format_;
  std::uint32_t scanned_ = 0;  // no delimiter ends within so many bytes
  bool passing_over_ = false;
};

}  // namespace bobbin
