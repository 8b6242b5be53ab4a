// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/process_service.hpp>

#include <utility>

#include <bobbin/posix/posix_reactor.hpp>

namespace bobbin {

namespace {

ProcessFailure failure_of(const ProcessStatus& status) {
  if (!status.known()) return ProcessFailure::unknown;
  return status.signal() ? ProcessFailure::killed : ProcessFailure::exited;
}

}  // namespace

std::string_view describe(ProcessFailure failure) {
  switch (failure) {
    case ProcessFailure::exited: return "process exited";
    case ProcessFailure::killed: return "process killed";
    case ProcessFailure::unknown: return "process ended somehow";
  }
  return "?";
}

ProcessService::ProcessService(std::string_view name, PosixReactor& reactor, Process& process,
                               const ProcessOptions& program, Options options)
    : Service(name), reactor_(reactor), process_(process), program_(program), options_(options) {}

ProcessService::~ProcessService() {
  abandon();
  stopping_ = nullptr;
  if (begun_) process_.give_up_at_once();
  patience_.cancel();
}

void ProcessService::start_service(Deferred<void>& started) {
  const Result<DelayedCall> timer = reactor_.call_later(forever, [this] { give_up(); });
  if (!timer) {
    started.errback(timer.error());
    return;
  }
  patience_ = *timer;
  const Error error = reactor_.spawn_process(process_, *this, program_);
  begun_ = !error;
  if (error) {
    started.errback(error);
  } else {
    started.callback();
  }
}

// It may have ended, and be waiting for others that have its output.
void ProcessService::stop_service(Deferred<void>& stopped) {
  if (!begun_) {
    patience_.cancel();
    stopped.callback();
    return;
  }
  stopping_ = &stopped;
  patience_.reset(options_.stop_within);
  static_cast<void>(signal(options_.stop_signal));
}

Error ProcessService::signal(int number) {
  return program_.process_group == ProcessOptions::Group::ours ? process_.signal_process(number)
                                                               : process_.signal_group(number);
}

// One that is another user's cannot be killed, and one that has ended need not be.
void ProcessService::give_up() {
  static_cast<void>(signal(SIGKILL));
  for (Transport* end : {process_.input(), process_.output(), process_.errors()}) {
    if (end != nullptr) end->abort_connection();
  }
}

void ProcessService::process_exited(const ProcessStatus&) {
  if (stopping_ == nullptr) patience_.reset(options_.stop_within);
}

void ProcessService::process_ended(const ProcessStatus& status) {
  begun_ = false;
  status_ = status;
  patience_.cancel();
  if (stopping_ != nullptr) {
    std::exchange(stopping_, nullptr)->callback();
  } else if (status.done() && options_.failing == Options::Failing::all_but_done) {
    end();
  } else {
    fail(failure_of(status));
  }
}

}  // namespace bobbin
