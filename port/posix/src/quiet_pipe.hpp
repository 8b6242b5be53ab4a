// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <csignal>

namespace bobbin {

// Keeps a write to a pipe that nobody reads from raising SIGPIPE, for as long as it lives: write(2)
// has no MSG_NOSIGNAL. The signal goes to the thread that writes, so it is blocked there, and taken
// back if it came. What the program does with SIGPIPE, and one that was pending before, stay as
// they are. Leaves errno alone.
class QuietPipe {
 public:
  QuietPipe();
  QuietPipe(const QuietPipe&) = delete;
  QuietPipe& operator=(const QuietPipe&) = delete;
  ~QuietPipe();

 private:
  sigset_t before_{};
  bool was_pending_;
};

}  // namespace bobbin
