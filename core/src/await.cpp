// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/await.hpp>

#include <utility>

namespace bobbin {

Sleep sleep(Clock& clock, Duration length) { return {clock, after(clock.present(), length)}; }

bool Sleep::begin(Coroutine& coroutine) {
  const Result<DelayedCall> timer = clock_.call_at(end_, [this] { finish_with({}); });
  if (!timer) {
    outcome_ = timer.error();
    return false;
  }
  timer_ = *timer;
  wait(coroutine);
  return true;
}

void Sleep::cancel() {
  timer_.cancel();
  finish_with(Errc::cancelled);
}

Deadline::Deadline(Clock& clock, Duration length)
    : Deadline(clock, after(clock.present(), length)) {}

Error Deadline::start(Coroutine& coroutine) {
  coroutine_ = &coroutine;
  const Result<DelayedCall> timer = clock_.call_at(end_, [this] { coroutine_->time_out(*this); });
  if (timer) {
    timer_ = *timer;
  } else {
    trouble_ = timer.error();
  }
  return trouble_;
}

void Deadline::stop() {
  timer_.cancel();
  // It may have ended before it came to hear that it should.
  if (coroutine_ != nullptr) coroutine_->forget(*this);
}

void Signal::set() {
  if (waiting_ != nullptr) return std::exchange(waiting_, nullptr)->finish_with({});
  set_ = true;
}

bool Signal::set_from_thread() {
  return reactor_.call_from_thread([this] { set(); });
}

Signal::Wait::~Wait() {
  if (signal_.waiting_ == this) signal_.waiting_ = nullptr;
}

bool Signal::Wait::await_ready() {
  if (!std::exchange(signal_.set_, false)) return false;
  outcome_ = {};
  return true;
}

bool Signal::Wait::begin(Coroutine& coroutine) {
  if (signal_.waiting_ != nullptr) {
    outcome_ = Errc::already_running;
    return false;
  }
  signal_.waiting_ = this;
  wait(coroutine);
  return true;
}

void Signal::Wait::cancel() {
  signal_.waiting_ = nullptr;
  finish_with(Errc::cancelled);
}

}  // namespace bobbin
