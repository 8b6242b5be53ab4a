// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/ring.hpp>

#include <algorithm>
#include <cstring>

namespace bobbin {

void Ring::copy_around(Bytes bytes) {
  const std::uint32_t start = wrap(begin_ + size_);
  const std::size_t first = std::min<std::size_t>(bytes.size(), capacity_ - start);
  std::memcpy(data_ + start, bytes.data(), first);
  if (bytes.size() > first) std::memcpy(data_, bytes.data() + first, bytes.size() - first);
}

}  // namespace bobbin
