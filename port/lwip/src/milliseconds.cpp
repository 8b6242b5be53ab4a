// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/lwip/milliseconds.hpp>

#include <algorithm>
#include <chrono>

#include <lwip/sys.h>

namespace bobbin {

using std::chrono::milliseconds;

LwipMilliseconds::LwipMilliseconds() : last_(sys_now()) {}

Instant LwipMilliseconds::now() {
  const std::uint32_t present = sys_now();
  elapsed_ += milliseconds(present - last_);
  last_ = present;
  return Instant(elapsed_);
}

std::uint32_t LwipMilliseconds::until(Instant deadline) {
  constexpr milliseconds longest = std::chrono::hours(24);
  const auto length = std::chrono::ceil<milliseconds>(deadline - now());
  return static_cast<std::uint32_t>(std::clamp(length, milliseconds(1), longest).count());
}

}  // namespace bobbin
