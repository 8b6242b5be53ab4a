// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/timer_service.hpp>

namespace bobbin {

void TimerService::start_service(Deferred<void>& started) {
  started.fire_with([this] { return loop_.start(interval_, options_); });
}

void TimerService::stop_service(Deferred<void>& stopped) {
  loop_.stop();
  stopped.callback();
}

}  // namespace bobbin
