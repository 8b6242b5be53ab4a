// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <bobbin/bytes.hpp>
#include <bobbin/net/decoded.hpp>

namespace bobbin {

// The bytes of the length in front of a string: Twisted's Int8, Int16 and Int32StringReceiver.
enum class PrefixWidth : std::uint8_t { int8 = 1, int16 = 2, int32 = 4 };

// The longest string such a length can tell of.
constexpr std::size_t length_max_of(PrefixWidth width) {
  return static_cast<std::size_t>(0xffff'ffffU >> (32 - 8 * static_cast<unsigned>(width)));
}

// Strings behind their length, as a template argument.
struct PrefixedFormat {
  PrefixWidth width;
  std::size_t length_max;

  // The longest string with its length.
  constexpr std::size_t size_max() const { return static_cast<std::size_t>(width) + length_max; }
};

// A length as it stands in front of a string: unsigned, the highest byte first.
class Prefix {
 public:
  Prefix(PrefixWidth width, std::size_t length);

  Bytes bytes() const { return Bytes(bytes_).last(width_); }

 private:
  std::array<std::byte, 4> bytes_;
  std::size_t width_;
};

// Finds strings behind their length. One longer than allowed is told of once, when its length is
// there, and passed over.
class PrefixedDecoder {
 public:
  // `format` is the caller's and outlives the decoder; its `length_max` is at most 1 GiB.
  explicit constexpr PrefixedDecoder(const PrefixedFormat& format) : format_(&format) {}

  const PrefixedFormat& format() const { return *format_; }

  // What is at the front of `data`, which begins where what was taken ends.
  Decoded find(Bytes data);
  void take() const {}

 private:
  const PrefixedFormat* format_;
  std::uint32_t passing_over_ = 0;  // so many bytes more
};

}  // namespace bobbin
