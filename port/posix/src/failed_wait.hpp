// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cerrno>
#include <ctime>

#include <bobbin/time.hpp>

namespace bobbin {

// The system refused to wait for `length`, with `number`. The reason may pass, and timers go on
// meanwhile, but the processor must not be kept busy with asking.
inline void nap_after_failed_wait(int number, Duration length) {
  constexpr timespec nap{.tv_sec = 0, .tv_nsec = 10'000'000};
  if (number == EINTR || length == Duration::zero()) return;
  clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, nullptr);
}

}  // namespace bobbin
