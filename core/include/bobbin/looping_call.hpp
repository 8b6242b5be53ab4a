// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

#include <bobbin/clock.hpp>

namespace bobbin {

// Calls a function again and again: Twisted's LoopingCall. The calls stand at start + n * interval:
// lateness does not add up, and ticks that were missed are skipped and counted, never made up.
//
// It holds one timer of the clock from `start` to `stop`, so a running loop cannot fail for want of
// one. It is the caller's, does not move, and stops when it is destroyed. Every member may be
// called from inside the function, `stop` and `start` included.
class LoopingCall {
 public:
  LoopingCall(Clock& clock, Callback function) : clock_(clock), function_(function) {}
  LoopingCall(const LoopingCall&) = delete;
  LoopingCall& operator=(const LoopingCall&) = delete;
  ~LoopingCall() { stop(); }

  struct Options {
    bool now = true;  // call once from within `start`; else first after one interval
  };

  // `interval` is more than zero. Errors: already_running; invalid_argument or no_capacity, then it
  // is not running and the function was not called. An Error of the function's own first call is
  // returned too; then it is running.
  Error start(Duration interval, Options options);
  Error start(Duration interval) { return start(interval, Options{}); }

  void stop();

  bool running() const { return call_.active(); }
  std::uint32_t skipped() const { return skipped_; }  // since `start`

 private:
  Error tick();
  Instant next_tick();
  Error arm(Instant when);

  Clock& clock_;
  Callback function_;
  DelayedCall call_;
  Duration interval_{};
  Instant due_{};
  std::uint32_t skipped_ = 0;
};

}  // namespace bobbin
