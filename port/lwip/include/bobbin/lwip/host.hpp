// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

#include <bobbin/time.hpp>

namespace bobbin {

// What a board supplies to an LwipReactor: time, sleep and received frames. Only `wake` is called
// from interrupts. Where lwIP has a thread of its own, see LwipTcpipHost and LwipThreadHost. lwIP
// itself also wants `sys_now()`, see `whole_milliseconds`, and what port/lwip/config/arch/cc.h
// names.
class LwipHost {
 public:
  enum class Input : std::uint8_t {
    drained,  // no frame waits; the next one ends the sleep
    more,     // frames wait: ask again before sleeping
    starved,  // a frame waits that lwIP has no buffer for: ask again in a while
  };

  // Microseconds since the start, never going back; the clock that `sys_now()` shows too.
  virtual Instant now() = 0;

  // Hands the frames received so far to lwIP, a bounded number of them: a loopback interface must
  // not be emptied with netif_poll(), which may never end. (Two lwIPs whose windows are closed
  // answer each other's acknowledgements until one of them reads.)
  virtual Input poll_input() = 0;

  // Sleeps until `deadline` (`never`: without one), an interrupt, or `wake`, whichever is first.
  // One that came since the last return, or since the start, counts: then it returns at once. So
  // does input that waits. It may return without a cause.
  virtual void sleep_until(Instant deadline) = 0;

  // Ends the present `sleep_until`, or else the next. From any thread or interrupt.
  virtual void wake() = 0;

#ifdef BOBBIN_CHECK_CONTEXT
  // Whether the caller runs where the reactor's turns do: not in an interrupt, not in a thread that
  // has nothing to do with lwIP.
  virtual bool in_own_context() const = 0;
#endif

 protected:
  // Not virtual: that would link the heap's `operator delete`.
  ~LwipHost() = default;
};

// microseconds / 1000, modulo 2^32: `sys_now()` from a counter of microseconds. Multiplies by the
// reciprocal, as a 64-bit division is some 600 bytes of library on a 32-bit machine.
constexpr std::uint32_t whole_milliseconds(std::uint64_t microseconds) {
  // 1000 = 8 * 125; the factor is 2^68 / 1000 * 8 = 2^71 / 1000, rounded up, exact for 61 bits.
  constexpr std::uint64_t factor = 0x20C4'9BA5'E353'F7CF;
  constexpr std::uint64_t low_half = 0xffff'ffff;
  const std::uint64_t eighths = microseconds >> 3;
  const std::uint64_t low = (eighths & low_half) * (factor & low_half);
  const std::uint64_t middle = (eighths >> 32) * (factor & low_half) + (low >> 32);
  const std::uint64_t other = (eighths & low_half) * (factor >> 32) + (middle & low_half);
  const std::uint64_t high = (eighths >> 32) * (factor >> 32) + (middle >> 32) + (other >> 32);
  return static_cast<std::uint32_t>(high >> 4);
}

}  // namespace bobbin
