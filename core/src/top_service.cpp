// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/top_service.hpp>

#include <string_view>

namespace bobbin {

TopService::~TopService() {
  deadline_.cancel();
  abandon_children();
}

// The reactor can be stopped only while it runs, so all that may end with that begins in there.
Outcome<void> TopService::run() {
  if (const Error error = reactor_.call_when_running([this] { begin(); })) return Failure(error);
  if (const Error error = reactor_.run()) return Failure(error);
  if (trouble_) return Failure(trouble_);
  if (failure() != nullptr) return *failure();
  if (state() != State::stopped) return Errc::cancelled;
  return {};
}

void TopService::end() {
  wanted_ = false;
  Service::end();
}

void TopService::begin() {
  if (!wanted_) return stop_reactor();
  const Result<DelayedCall> deadline = reactor_.call_later(forever, [this] { give_up(); });
  if (!deadline) {
    trouble_ = deadline.error();
    log_.failure(trouble_, "no timer for the services");
    return stop_reactor();
  }
  deadline_ = *deadline;
  started_.add_errback([](const Failure&) {});
  start(started_);
}

void TopService::start_service(Deferred<void>& started) {
  if (const Error error = prepared_ ? prepared_() : Error()) {
    started.errback(error);
    return;
  }
  MultiService::start_service(started);
}

void TopService::stop_service(Deferred<void>& stopped) {
  deadline_.reset(options_.stop_within);
  MultiService::stop_service(stopped);
}

void TopService::give_up() {
  trouble_ = Errc::timed_out;
  for (const Service* child = first_child(); child != nullptr; child = child_after(*child)) {
    if (child->state() == State::stopped) continue;
    log_.error("{service} has not stopped within {time}", child->name(), options_.stop_within);
  }
  stop_reactor();
}

// When it was stopped already, by somebody else, it is as well.
void TopService::stop_reactor() { static_cast<void>(reactor_.stop()); }

// The text ends with the error, which says all but for errors of the program's own.
void TopService::log_failure(const Failure& failure, std::string_view name) {
  const Error error = failure.error();
  if (error == Errc::application_error) {
    log_.failure(error, "{service} failed, {reason}", name, describe(failure));
  } else {
    log_.failure(error, "{service} failed", name);
  }
}

void TopService::note(const Service& service) {
  const std::string_view name = &service == this ? "the program" : service.name();
  if (service.running()) {
    log_.info("{service} runs", name);
  } else if (service.culprit() != &service) {
    log_.info("{service} has stopped", name);
  } else {
    log_failure(*service.failure(), name);
  }
  if (&service != this || service.running()) return;
  deadline_.cancel();
  stop_reactor();
}

}  // namespace bobbin
