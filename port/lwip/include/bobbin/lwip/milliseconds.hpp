// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

#include <bobbin/time.hpp>

namespace bobbin {

// lwIP's clock, sys_now(), from the moment at which this is made, and without the wrap of its 32
// bits: it is asked at least once in 49 days, which `until` sees to.
class LwipMilliseconds {
 public:
  LwipMilliseconds();

  Instant now();

  // For how long lwIP is to wait until `deadline`: at least a millisecond, at most a day. Rounded
  // up: woken early, a reactor would find nothing due.
  std::uint32_t until(Instant deadline);

 private:
  std::uint32_t last_;
  Duration elapsed_{};
};

}  // namespace bobbin
