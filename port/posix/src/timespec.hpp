// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <chrono>
#include <ctime>

#include <bobbin/time.hpp>

namespace bobbin {

// The longest that the system is asked to wait at once; who is woken early finds nothing due and
// waits again. The seconds of a 32-bit machine end after 68 years, epoll's milliseconds after 24
// days.
inline constexpr Duration longest_wait_at_once = std::chrono::hours(24);

inline timespec to_timespec(Duration length) {
  length = std::min(length, longest_wait_at_once);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(length);
  const std::chrono::nanoseconds rest = length - seconds;
  timespec result{};
  result.tv_sec = static_cast<time_t>(seconds.count());
  result.tv_nsec = static_cast<long>(rest.count());
  return result;
}

}  // namespace bobbin
