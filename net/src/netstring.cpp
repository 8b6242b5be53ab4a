// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/net/netstring.hpp>

namespace bobbin {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// How long a string is said to be. `size` counts the digits and the colon; while that is not there
// it is 0.
struct Announced {
  Frame::Kind kind = Frame::Kind::partial;
  std::size_t size = 0;
  std::size_t length = 0;
};

Announced read_length(std::string_view text, std::size_t length_max) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && text[i] == ':') return {Frame::Kind::whole, i + 1, length};
    const bool leading_zero = i == 1 && length == 0;
    if (!is_digit(text[i]) || leading_zero) return {.kind = Frame::Kind::malformed};
    length = length * 10 + static_cast<std::size_t>(text[i] - '0');
    if (length > length_max) return {.kind = Frame::Kind::too_long};
  }
  return {};
}

}  // namespace

Frame NetstringDecoder::find(Bytes data) const {
  const Announced head = read_length(text_of(data), length_max_);
  if (head.kind != Frame::Kind::whole) return {.kind = head.kind};
  const std::size_t size = head.size + head.length + 1;
  if (data.size() < size) return {};
  if (text_of(data)[size - 1] != ',') return {.kind = Frame::Kind::malformed};
  return {
      .kind = Frame::Kind::whole, .size = size, .message = data.subspan(head.size, head.length)};
}

}  // namespace bobbin
