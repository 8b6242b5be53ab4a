// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "quiet_pipe.hpp"

#include <pthread.h>

#include <cerrno>
#include <ctime>

namespace bobbin {

namespace {

sigset_t only_sigpipe() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  return set;
}

bool sigpipe_pending() {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

}  // namespace

QuietPipe::QuietPipe() : was_pending_(sigpipe_pending()) {
  const sigset_t pipe = only_sigpipe();
  pthread_sigmask(SIG_BLOCK, &pipe, &before_);
}

// One that was pending is blocked anyway, and signals of one kind do not add up.
QuietPipe::~QuietPipe() {
  const int kept = errno;
  if (!was_pending_ && sigpipe_pending()) {
    const sigset_t pipe = only_sigpipe();
    const timespec at_once{};
    while (sigtimedwait(&pipe, nullptr, &at_once) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  errno = kept;
}

}  // namespace bobbin
