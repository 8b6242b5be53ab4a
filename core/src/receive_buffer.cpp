// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/receive_buffer.hpp>

#include <cstring>

#include <bobbin/assert.hpp>

namespace bobbin {

MutableBytes ReceiveBuffer::space() {
  const std::uint32_t behind = capacity_ - begin_ - size_;
  if (begin_ > 0 && (behind == 0 || begin_ > capacity_ / 2)) {
    std::memmove(data_, data_ + begin_, size_);
    begin_ = 0;
  }
  return {data_ + begin_ + size_, capacity_ - begin_ - size_};
}

void ReceiveBuffer::add(std::size_t count) {
  BOBBIN_ASSERT(count <= capacity_ - begin_ - size_);
  size_ += static_cast<std::uint32_t>(count);
}

void ReceiveBuffer::drop(std::size_t count) {
  BOBBIN_ASSERT(count <= size_);
  size_ -= static_cast<std::uint32_t>(count);
  begin_ = size_ == 0 ? 0 : begin_ + static_cast<std::uint32_t>(count);
}

}  // namespace bobbin
