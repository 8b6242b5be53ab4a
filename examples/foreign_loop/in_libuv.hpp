// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <uv.h>

#include <chrono>

#include <bobbin/posix.hpp>

// A reactor in a libuv loop, which then does all the waiting. It keeps the loop alive until the
// reactor has stopped; after that `uv_run` must go on once more, to close what it opened, before
// this object goes away. One thread for both.
class InLibuv {
 public:
  InLibuv(uv_loop_t& loop, bobbin::EpollReactorBase& reactor) : reactor_(reactor) {
    uv_timer_init(&loop, &deadline_);
    uv_prepare_init(&loop, &before_waiting_);
    status_ = uv_poll_init(&loop, &events_, reactor.descriptor());
    events_.data = deadline_.data = before_waiting_.data = this;
    uv_unref(reinterpret_cast<uv_handle_t*>(&deadline_));
    uv_unref(reinterpret_cast<uv_handle_t*>(&before_waiting_));
    if (status_ == 0) status_ = uv_poll_start(&events_, UV_READABLE, on_events);
    if (status_ == 0) uv_prepare_start(&before_waiting_, on_waiting);
  }
  InLibuv(const InLibuv&) = delete;
  InLibuv& operator=(const InLibuv&) = delete;

  int status() const { return status_; }  // libuv's error if it could not be set up, or 0

 private:
  static InLibuv& of(void* data) { return *static_cast<InLibuv*>(data); }

  static void on_events(uv_poll_t* handle, int, int) { of(handle->data).turn(); }
  static void on_deadline(uv_timer_t* handle) { of(handle->data).turn(); }
  static void on_waiting(uv_prepare_t* handle) { of(handle->data).set_deadline(); }

  // The last thing before libuv waits, so that timers that its own callbacks set are known.
  void set_deadline() {
    const bobbin::Duration wait = reactor_.longest_wait();
    if (wait == bobbin::forever) {
      uv_timer_stop(&deadline_);
      return;
    }
    const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(wait);
    uv_timer_start(&deadline_, on_deadline, static_cast<std::uint64_t>(rounded.count()), 0);
  }

  void turn() {
    reactor_.turn(bobbin::Duration::zero());
    if (reactor_.running()) return;
    uv_close(reinterpret_cast<uv_handle_t*>(&events_), nullptr);
    uv_close(reinterpret_cast<uv_handle_t*>(&deadline_), nullptr);
    uv_close(reinterpret_cast<uv_handle_t*>(&before_waiting_), nullptr);
  }

  bobbin::EpollReactorBase& reactor_;
  uv_poll_t events_{};
  uv_timer_t deadline_{};
  uv_prepare_t before_waiting_{};
  int status_ = 0;
};
