// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/service.hpp>

#include <bobbin/multi_service.hpp>

namespace bobbin {

std::string_view describe(Service::State state) {
  switch (state) {
    case Service::State::stopped: return "stopped";
    case Service::State::prepared: return "prepared";
    case Service::State::starting: return "starting";
    case Service::State::running: return "running";
    case Service::State::giving_up: return "giving up";
    case Service::State::stopping: return "stopping";
  }
  return "?";
}

Error Service::prepare() {
  if (state_ != State::stopped) return Errc::already_running;
  failure_.reset();
  failure_is_news_ = false;
  state_ = State::prepared;
  Watch watch(*this);
  const Error error = privileged_start_service();
  if (watch.gone()) return Errc::cancelled;
  if (error) fail(Failure(error, Origin()));
  return error;
}

void Service::start(Deferred<void>& started) {
  if (state_ != State::stopped && state_ != State::prepared) {
    started.errback(Errc::already_running);
    return;
  }
  when_running_.add(started);
  begin_start();
}

void Service::stop(Deferred<void>& stopped) {
  if (state_ == State::stopped) {
    stopped.callback();
    return;
  }
  when_stopped_.add(stopped);
  begin_stop();
}

void Service::when_running(Deferred<void>& running) {
  if (state_ != State::running) return when_running_.add(running);
  running.callback();
}

void Service::when_stopped(Deferred<void>& stopped) {
  if (state_ != State::stopped) return when_stopped_.add(stopped);
  stopped.callback();
}

void Service::fail(const Failure& failure) {
  if (state_ == State::stopped) return;
  keep(failure);
  begin_stop();
}

// The first one is the reason, and all others follow from it.
void Service::keep(const Failure& failure) {
  if (failure_) return;
  failure_.emplace(failure);
  failure_is_news_ = true;
}

// Nothing happens unless it is stopped or prepared.
//
// Whatever `start_service` does to the Deferred, its end is heard here after it has returned. It
// may be gone then, if it is a parent and a child's start has told somebody.
void Service::begin_start() {
  awaits_restart_ = false;
  if (state_ == State::stopped && prepare()) return;
  if (state_ != State::prepared) return;
  state_ = State::starting;
  step_.reset();
  Watch watch(*this);
  start_service(step_);
  if (watch.gone()) return;
  step_.add_both([this](const Outcome<void>& outcome) { start_ended(outcome); });
}

void Service::begin_stop() {
  switch (state_) {
    case State::stopped:
    case State::giving_up:
    case State::stopping: return;
    case State::prepared:
    case State::running: return clean_up();
    case State::starting: break;
  }
  state_ = State::giving_up;
  step_.cancel();
}

void Service::start_ended(const Outcome<void>& outcome) {
  if (state_ == State::giving_up) return clean_up();
  if (!outcome) {
    keep(outcome.failure());
    return clean_up();
  }
  state_ = State::running;
  settle();
}

void Service::clean_up() {
  state_ = State::stopping;
  step_.reset();
  Watch watch(*this);
  stop_service(step_);
  if (watch.gone()) return;
  step_.add_both([this](const Outcome<void>& outcome) { stop_ended(outcome); });
}

void Service::stop_ended(const Outcome<void>& outcome) {
  if (!outcome) keep(outcome.failure());
  state_ = State::stopped;
  settle();
}

// Whoever is told may start it, stop it, remove it and destroy it; who comes later in the order
// then hears of what it has become.
void Service::settle() {
  Watch watch(*this);
  for (Service* who = this; who != nullptr; who = who->parent_) who->note(*this);
  if (leaves_) parent_->drop(*this);
  if (!watch.gone()) tell_waiters();
  if (!watch.gone() && parent_ != nullptr) parent_->child_changed(*this);
}

void Service::tell_waiters() {
  if (state_ == State::running) return static_cast<void>(tell(when_running_, Outcome<void>()));
  const Outcome<void> outcome = failure_ ? Outcome<void>(*failure_) : Outcome<void>();
  const Failure not_started = failure_ ? *failure_ : Failure(Errc::cancelled, Origin());
  if (tell(when_running_, not_started)) static_cast<void>(tell(when_stopped_, outcome));
}

// Those that wait now, and no longer if it goes meanwhile: then it is false.
bool Service::tell(Waiters& waiters, const Outcome<void>& outcome) {
  return waiters.take_all([&outcome](DeferredCore& waiter) {
    static_cast<Deferred<void>&>(waiter).fire_with([&outcome] { return outcome; });
  });
}

void Service::abandon() {
  if (gone_ != nullptr) *gone_ = true;
  gone_ = nullptr;
  step_.reset();
  state_ = State::stopped;
  if (parent_ != nullptr) parent_->drop(*this);
}

}  // namespace bobbin
