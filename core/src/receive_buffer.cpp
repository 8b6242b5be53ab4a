// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/receive_buffer.hpp>

#include <cstring>

namespace bobbin {

void ReceiveBuffer::make_room() {
  if (behind() > 0 && begin_ <= capacity_ / 2) return;
  std::memmove(data_, data_ + begin_, size_);
  begin_ = 0;
}

}  // namespace bobbin
