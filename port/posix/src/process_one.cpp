// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/process_one.hpp>

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include <bobbin/posix/posix_reactor.hpp>
#include <bobbin/posix/process.hpp>

#include "system_error.hpp"

namespace bobbin {

namespace {

// In one step; then others have their turn.
constexpr int reaped_at_once = 64;

bool has_handler(int signal) {
  struct sigaction action {};
  if (sigaction(signal, nullptr, &action) != 0) return false;
  return (action.sa_flags & SA_SIGINFO) != 0 ||
         (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN);
}

}  // namespace

Error ProcessOne::begin(PosixReactor& reactor, const Options& options) {
  BOBBIN_ASSERT_CONTEXT(reactor);
  if (reactor.status()) return reactor.status();
  if (signals_.open()) return Errc::already_running;
  if (const Error error = attach(reactor)) return error;
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, nullptr, &before);
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGCHLD);
  for (const int signal : options.forwarded) {
    if (has_handler(signal) || sigismember(&before, signal) == 1) continue;
    if (sigaddset(&wanted, signal) != 0) return Errc::invalid_argument;
  }
  blocked_ = wanted;
  if (sigismember(&before, SIGCHLD) == 1) sigdelset(&blocked_, SIGCHLD);
  return catch_them(reactor, wanted);
}

// Some may have been left before it began.
Error ProcessOne::catch_them(PosixReactor& reactor, const sigset_t& wanted) {
  signals_.reset(signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!signals_.open()) return error_of(errno);
  if (const Error error = reactor.watch(signals_.number(), *this, PosixReactor::Interest::input)) {
    signals_.reset();
    return error;
  }
  pthread_sigmask(SIG_BLOCK, &blocked_, nullptr);
  reactor.mark_readable(*this);
  return {};
}

// What is pending would kill, unblocked.
void ProcessOne::let_go() {
  if (!signals_.open()) return;
  signalfd_siginfo signal;
  while (read(signals_.number(), &signal, sizeof signal) == sizeof signal) {
  }
  Reactor::forget(*this);
  static_cast<PosixReactor*>(reactor())->forget_and_close(signals_.release());
  pthread_sigmask(SIG_UNBLOCK, &blocked_, nullptr);
}

void ProcessOne::ready(std::uint32_t) { reactor()->mark_readable(*this); }

void ProcessOne::do_read() {
  expect(POLLIN);
  take_signals();
  reap();
}

void ProcessOne::take_signals() {
  signalfd_siginfo signal;
  while (read(signals_.number(), &signal, sizeof signal) == sizeof signal) {
    if (signal.ssi_signo != SIGCHLD) forward(static_cast<int>(signal.ssi_signo));
  }
}

// One that ends meanwhile needs it no more, and another user's cannot be had.
void ProcessOne::forward(int signal) {
  Process* process = static_cast<PosixReactor*>(reactor())->processes_;
  for (; process != nullptr; process = process->next_) {
    const bool alone = process->group_ == ProcessOptions::Group::ours;
    static_cast<void>(alone ? process->signal_process(signal) : process->signal_group(signal));
  }
}

void ProcessOne::reap() {
  for (int i = 0; i < reaped_at_once; ++i) {
    if (!reap_one()) return;
  }
  reactor()->mark_readable(*this);
}

// A Process waits by itself, and then the next one can be seen. False when there is nothing more to
// do now.
bool ProcessOne::reap_one() {
  siginfo_t info{};
  if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return false;
  Process* process = static_cast<PosixReactor*>(reactor())->processes_;
  while (process != nullptr && process->pid() != info.si_pid) process = process->next_;
  if (process != nullptr) {
    reactor()->mark_readable(*process);
    reactor()->mark_readable(*this);
    return false;
  }
  ++reaped_;
  return waitid(P_PID, static_cast<id_t>(info.si_pid), &info, WEXITED | WNOHANG) == 0;
}

}  // namespace bobbin
