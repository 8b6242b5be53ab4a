// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: nodiscard

#include <bobbin/bobbin.hpp>

void send(bobbin::Transport& transport, bobbin::Bytes bytes) {
#ifdef BOBBIN_CONTROL
  static_cast<void>(transport.write_all(bytes));
#else
  transport.write_all(bytes);
#endif
}
