// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/net/netstring.hpp>

#include "digit.hpp"

namespace bobbin {

namespace {

// How long a string is said to be. `size` counts the digits and the colon; while that is not there
// it is 0.
struct Announced {
  Decoded::Kind kind = Decoded::Kind::partial;
  std::size_t size = 0;
  std::size_t length = 0;
};

Announced read_length(std::string_view text, std::size_t length_max) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && text[i] == ':') return {Decoded::Kind::whole, i + 1, length};
    const bool leading_zero = i == 1 && length == 0;
    if (!is_digit(text[i]) || leading_zero) return {.kind = Decoded::Kind::malformed};
    length = length * 10 + static_cast<std::size_t>(text[i] - '0');
    if (length > length_max) return {.kind = Decoded::Kind::too_long};
  }
  return {};
}

}  // namespace

Decoded NetstringDecoder::find(Bytes data) const {
  const Announced head = read_length(text_of(data), length_max_);
  if (head.kind != Decoded::Kind::whole) return {.kind = head.kind};
  const std::size_t size = head.size + head.length + 1;
  if (data.size() < size) return {};
  if (text_of(data)[size - 1] != ',') return {.kind = Decoded::Kind::malformed};
  return {
      .kind = Decoded::Kind::whole, .size = size, .message = data.subspan(head.size, head.length)};
}

}  // namespace bobbin
