// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/tcp_service.hpp>

#include <utility>

namespace bobbin {

// The timer is taken first, so that stopping cannot fail for want of one.
Error ServerService::privileged_start_service() {
  const Result<DelayedCall> timer = clock_.call_later(forever, [this] { drained(); });
  if (!timer) return timer.error();
  timer_ = *timer;
  return listen();
}

void ServerService::stop_service(Deferred<void>& stopped) {
  port().stop_listening();
  if (port().connections().use().in_use == 0) {
    timer_.cancel();
    stopped.callback();
    return;
  }
  stopping_ = &stopped;
  port().lose_connections();
  timer_.reset(drain_);
}

// Not told at once: who hears of the end may destroy what calls this.
void ServerService::connection_done() {
  if (stopping_ != nullptr && port().connections().use().in_use <= 1) timer_.reset({});
}

void ServerService::drained() {
  Deferred<void>* const stopping = std::exchange(stopping_, nullptr);
  abort_connections();
  stopping->callback();
}

}  // namespace bobbin
