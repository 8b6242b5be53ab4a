// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "write_some.hpp"

#include <unistd.h>

#include <cerrno>

#include "quiet_pipe.hpp"

namespace bobbin {

std::size_t write_some(int descriptor, std::string_view text) {
  const QuietPipe quiet;
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = write(descriptor, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    written += static_cast<std::size_t>(count);
  }
  return written;
}

}  // namespace bobbin
