// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/reconnector.hpp>

#include <bobbin/assert.hpp>

namespace bobbin {

Error Reconnector::start(Clock& clock, const ReconnectOptions& options, Attempt attempt) {
  if (state_ != State::stopped) return Errc::already_running;
  if (!valid(options.backoff)) return Errc::invalid_argument;
  if (Error error = hold_timer(clock)) return error;
  options_ = options;
  attempt_ = attempt;
  backoff_ = Backoff(options.backoff, random_);
  retries_ = 0;
  if (Error error = attempt_()) {
    release_timer();
    return error;
  }
  state_ = State::connecting;
  return {};
}

void Reconnector::stop() {
  switch (state_) {
    case State::stopped:
    case State::stopping: return;
    case State::waiting:
      release_timer();
      state_ = State::stopped;
      return;
    case State::connecting:
    case State::connected:
      release_timer();
      state_ = State::stopping;
      connector_.disconnect();
      return;
  }
}

void Reconnector::reset_delay() {
  backoff_.reset();
  retries_ = 0;
}

Instant Reconnector::next_attempt() const {
  return state_ == State::waiting ? timer_.time() : never;
}

void Reconnector::connected() {
  if (state_ != State::connecting) return;
  state_ = State::connected;
  connected_at_ = clock_->now();
  tell({.event = Event::connected});
}

void Reconnector::failed(Error reason) { retry(Event::failed, reason); }

void Reconnector::lost(Error reason) {
  const bool lasted =
      state_ == State::connected && clock_->now() - connected_at_ >= options_.reset_after;
  if (lasted) reset_delay();
  retry(Event::lost, reason);
}

void Reconnector::reactor_stopped() {
  release_timer();
  if (state_ == State::waiting) return finish(Event::stopped, Errc::not_running);
  if (state_ != State::stopped) state_ = State::stopping;
}

void Reconnector::abandon() {
  observer_ = {};
  release_timer();
  state_ = State::stopped;
}

// Waiting or not, so that its place is there when it is needed.
Error Reconnector::hold_timer(Clock& clock) {
  const Result<DelayedCall> timer = clock.call_at(never, [this] { try_again(); });
  if (!timer) return timer.error();
  clock_ = &clock;
  timer_ = *timer;
  return {};
}

// And forgets it: the clock may go now.
void Reconnector::release_timer() {
  timer_.cancel();
  timer_ = {};
}

void Reconnector::try_again() {
  // The place of the timer that just fired is free, and the attempt might take it.
  [[maybe_unused]] const Error held = hold_timer(*clock_);
  BOBBIN_ASSERT(!held);
  state_ = State::connecting;
  if (Error error = attempt_()) return failed(error);
  tell({.event = Event::connecting});
}

void Reconnector::retry(Event event, Error reason) {
  if (state_ == State::stopped) return;
  if (state_ == State::stopping) return finish(Event::stopped, reason);
  if (retries_ >= options_.retries_max) return finish(Event::gave_up, reason);
  ++retries_;
  const Duration delay = backoff_.next();
  timer_.reset(delay);
  state_ = State::waiting;
  tell({.event = event, .reason = reason, .delay = delay});
}

void Reconnector::finish(Event event, Error reason) {
  release_timer();
  state_ = State::stopped;
  tell({.event = event, .reason = reason});
}

// As a copy: it may be told to hear no more.
void Reconnector::tell(const Report& report) {
  Observer observer = observer_;
  if (observer) observer(report);
}

}  // namespace bobbin
