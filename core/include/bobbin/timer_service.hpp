// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <string_view>

#include <bobbin/looping_call.hpp>
#include <bobbin/service.hpp>

namespace bobbin {

// A function that is called again and again while the service runs: Twisted's TimerService. See
// LoopingCall, also for what it takes.
//
// Failures to start: those of `LoopingCall::start`, the Error that the function returns when it is
// called from within that among them. One that it returns later is reported by the reactor, as of
// any timer, and the service goes on; the function calls `fail` if it should not.
class TimerService final : public Service {
 public:
  using Options = LoopingCall::Options;

  TimerService(std::string_view name, Clock& clock, Duration interval, Callback function,
               Options options = {.now = true})
      : Service(name), loop_(clock, function), interval_(interval), options_(options) {}

  using Service::fail;

  const LoopingCall& loop() const { return loop_; }

 private:
  void start_service(Deferred<void>& started) override;
  void stop_service(Deferred<void>& stopped) override;

  LoopingCall loop_;
  Duration interval_;
  Options options_;
};

}  // namespace bobbin
