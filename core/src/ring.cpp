// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/ring.hpp>

#include <algorithm>
#include <cstring>

namespace bobbin {

std::size_t Ring::append(Bytes bytes, std::size_t keep_free) {
  if (room() <= keep_free) return 0;
  const std::size_t count = std::min(bytes.size(), room() - keep_free);
  if (count == 0) return 0;
  const std::uint32_t start = wrap(begin_ + size_);
  const std::size_t first = std::min<std::size_t>(count, capacity_ - start);
  std::memcpy(data_ + start, bytes.data(), first);
  if (count > first) std::memcpy(data_, bytes.data() + first, count - first);
  size_ += static_cast<std::uint32_t>(count);
  return count;
}

}  // namespace bobbin
