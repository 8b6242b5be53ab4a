// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/net/line.hpp>

#include <algorithm>
#include <cstring>

namespace bobbin {

Decoded LineDecoder::find(Bytes data) {
  if (passing_over_) return pass_over(data);
  const std::size_t size_max = format_->size_max();
  const std::size_t end = find_end(data.first(std::min(data.size(), size_max)));
  if (end > 0) {
    const std::size_t length = end - format_->delimiter.size;
    return {.kind = Decoded::Kind::whole, .size = end, .message = data.first(length)};
  }
  if (data.size() < size_max) return {};
  // Its last bytes may be the beginning of its delimiter.
  scanned_ = format_->delimiter.size - 1U;
  passing_over_ = true;
  return {.kind = Decoded::Kind::too_long,
          .size = size_max - scanned_,
          .message = data.first(format_->length_max)};
}

Decoded LineDecoder::pass_over(Bytes data) {
  const std::size_t end = find_end(data);
  if (end > 0) {
    reset();
    return {.size = end};
  }
  const std::size_t kept = std::min<std::size_t>(data.size(), format_->delimiter.size - 1U);
  scanned_ = static_cast<std::uint32_t>(kept);
  return {.size = data.size() - kept};
}

// Where the first delimiter ends, or 0. Looks for its last byte, so that what was scanned once need
// not be looked at again.
std::size_t LineDecoder::find_end(Bytes data) {
  const std::string_view delimiter = format_->delimiter.view();
  const std::string_view text = text_of(data);
  while (scanned_ < text.size()) {
    const void* const found =
        std::memchr(text.data() + scanned_, delimiter.back(), text.size() - scanned_);
    if (found == nullptr) break;
    const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    if (text.substr(0, at + 1).ends_with(delimiter)) {
      // Asked again before it is taken, it is found at once.
      scanned_ = static_cast<std::uint32_t>(at);
      return at + 1;
    }
    scanned_ = static_cast<std::uint32_t>(at + 1);
  }
  scanned_ = static_cast<std::uint32_t>(std::max<std::size_t>(scanned_, text.size()));
  return 0;
}

}  // namespace bobbin
