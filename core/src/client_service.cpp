// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/client_service.hpp>

#include <utility>

namespace bobbin {

void ClientServiceBase::start_service(Deferred<void>& started) {
  Error error = hold_timer();
  if (!error) error = begin();
  if (error) {
    started.errback(error);
    return;
  }
  if (runs_from_ == RunsFrom::start) {
    started.callback();
    return;
  }
  starting_ = &started;
}

void ClientServiceBase::stop_service(Deferred<void>& stopped) {
  starting_ = nullptr;
  client().stop();
  const Failure why = failure() != nullptr ? *failure() : Failure(Errc::cancelled, Origin());
  if (!tell_failure_to_all(patient_, why) || !tell_failure_to_all(bounded_, why)) return;
  if (client().state() == Reconnector::State::stopped) {
    timer_.cancel();
    stopped.callback();
    return;
  }
  stopping_ = &stopped;
  timer_.reset(drain_);
}

void ClientServiceBase::wait_in(Waiters& waiters, DeferredCore& waiter) {
  if (has_connection()) return tell_connection(waiter);
  if (state() == State::stopping) return tell_failure(waiter, Errc::cancelled);
  waiters.add(waiter);
}

// Whoever waits is told later, by the timer, because he may destroy what calls this.
void ClientServiceBase::heard(const Reconnector::Report& report) {
  using Event = Reconnector::Event;
  if (report.event == Event::failed || report.event == Event::gave_up) {
    ++failures_;
    reason_ = report.reason;
  }
  timer_.reset({});
  Reconnector::Observer observer = observer_;
  if (observer) observer(report);
}

Error ClientServiceBase::hold_timer() {
  const Result<DelayedCall> timer = clock_.call_later(forever, [this] { return timer_fired(); });
  if (!timer) return timer.error();
  timer_ = *timer;
  return {};
}

// The place of the timer that fired is free until somebody else takes it, so it is taken first.
Error ClientServiceBase::timer_fired() {
  if (const Error error = hold_timer()) return error;
  const bool ended = client().state() == Reconnector::State::stopped;
  if (stopping_ != nullptr) {
    if (ended) {
      has_ended();
    } else {
      client().connector().abort();
    }
  } else if (ended) {
    fail(reason_);
  } else {
    goes_on();
  }
  return {};
}

void ClientServiceBase::has_ended() {
  timer_.cancel();
  std::exchange(stopping_, nullptr)->callback();
}

void ClientServiceBase::goes_on() {
  if (!has_connection()) return tell_failure_to_those_due();
  Watch watch(*this);
  if (starting_ != nullptr) std::exchange(starting_, nullptr)->callback();
  if (watch.gone() || !tell_connection_to_all(patient_)) return;
  static_cast<void>(tell_connection_to_all(bounded_));
}

// Those that wait now and for as long as there is a connection. False if this goes meanwhile.
bool ClientServiceBase::tell_connection_to_all(Waiters& waiters) {
  Waiters::Round round(waiters);
  while (!round.gone() && has_connection()) {
    DeferredCore* const waiter = round.take();
    if (waiter == nullptr) break;
    tell_connection(*waiter);
  }
  return !round.gone();
}

bool ClientServiceBase::tell_failure_to_all(Waiters& waiters, const Failure& failure) {
  return waiters.take_all(
      [this, &failure](DeferredCore& waiter) { tell_failure(waiter, failure); });
}

// The others go to the end of the line, and so stay in order.
void ClientServiceBase::tell_failure_to_those_due() {
  Waiters::Round round(bounded_);
  while (DeferredCore* const waiter = round.take()) {
    const auto failures_left = static_cast<std::int32_t>(last_failure_for(*waiter) - failures_);
    if (failures_left > 0) {
      bounded_.add(*waiter);
    } else {
      tell_failure(*waiter, Failure(reason_, Origin()));
    }
  }
}

}  // namespace bobbin
