// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/net/prefixed.hpp>

#include <algorithm>

#include <bobbin/assert.hpp>

namespace bobbin {

Prefix::Prefix(PrefixWidth width, std::size_t length) : width_(static_cast<std::size_t>(width)) {
  BOBBIN_ASSERT(length <= length_max_of(width));
  for (std::size_t i = bytes_.size(); i-- > 0; length >>= 8) {
    bytes_[i] = static_cast<std::byte>(length & 0xff);
  }
}

Decoded PrefixedDecoder::find(Bytes data) {
  if (passing_over_ > 0) {
    const auto size = static_cast<std::uint32_t>(std::min<std::size_t>(passing_over_, data.size()));
    passing_over_ -= size;
    return {.size = size};
  }
  const auto width = static_cast<std::size_t>(format_->width);
  if (data.size() < width) return {};
  std::uint32_t length = 0;
  for (const std::byte b : data.first(width)) length = length << 8 | static_cast<std::uint32_t>(b);
  if (length > format_->length_max) {
    passing_over_ = length;
    return {.kind = Decoded::Kind::too_long, .size = width, .announced = length};
  }
  if (data.size() - width < length) return {};
  return {
      .kind = Decoded::Kind::whole, .size = width + length, .message = data.subspan(width, length)};
}

}  // namespace bobbin
