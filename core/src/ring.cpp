// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/ring.hpp>

#include <algorithm>
#include <cstring>

#include <bobbin/assert.hpp>

namespace bobbin {

std::size_t Ring::append(Bytes bytes, std::size_t keep_free) {
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    const MutableBytes space = reserve(keep_free);
    const std::size_t count = std::min(space.size(), bytes.size() - taken);
    if (count == 0) break;
    std::memcpy(space.data(), bytes.data() + taken, count);
    commit(count);
    taken += count;
  }
  return taken;
}

MutableBytes Ring::reserve(std::size_t keep_free) {
  if (room() <= keep_free) return {};
  const std::uint32_t start = wrap(begin_ + size_);
  const std::size_t to_edge = capacity_ - start;
  return {data_ + start, std::min(to_edge, room() - keep_free)};
}

void Ring::commit(std::size_t count) {
  BOBBIN_ASSERT(count <= room());
  size_ += static_cast<std::uint32_t>(count);
}

TwoSpans Ring::unsent_spans() const {
  const std::uint32_t start = wrap(begin_ + handed_);
  const std::size_t first = std::min<std::size_t>(unsent(), capacity_ - start);
  return {.first = {data_ + start, first}, .second = {data_, unsent() - first}};
}

void Ring::hand_over(std::size_t count) {
  BOBBIN_ASSERT(count <= unsent());
  handed_ += static_cast<std::uint32_t>(count);
}

void Ring::release(std::size_t count) {
  BOBBIN_ASSERT(count <= handed_);
  begin_ = wrap(begin_ + static_cast<std::uint32_t>(count));
  size_ -= static_cast<std::uint32_t>(count);
  handed_ -= static_cast<std::uint32_t>(count);
  // An empty ring starts over at its edge, so that the next writes lie in one piece.
  if (size_ == 0) begin_ = 0;
}

void Ring::clear() { begin_ = size_ = handed_ = 0; }

}  // namespace bobbin
