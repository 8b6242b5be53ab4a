// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: nodiscard

#include <bobbin/task.hpp>

bobbin::Task<int> add(bobbin::Frame<64>&, int a, int b) { co_return a + b; }

void use(bobbin::Frame<64>& frame) {
#ifdef BOBBIN_CONTROL
  static_cast<void>(add(frame, 1, 2));
#else
  add(frame, 1, 2);
#endif
}
