// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/stop_signals.hpp>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>

#include <bobbin/posix/posix_reactor.hpp>

#include "system_error.hpp"

namespace bobbin {

Error StopSignals::catch_them(Observer instead) {
  if (signals_.open()) return Errc::already_registered;
  instead_ = instead;
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGINT);
  sigaddset(&wanted, SIGTERM);
  signals_.reset(signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!signals_.open()) return error_of(errno);
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &wanted, &before);
  blocked_ = wanted;
  if (sigismember(&before, SIGINT) == 1) sigdelset(&blocked_, SIGINT);
  if (sigismember(&before, SIGTERM) == 1) sigdelset(&blocked_, SIGTERM);
  return {};
}

// What is still pending asked for the stop that has happened; unblocked, it would kill.
void StopSignals::let_go() {
  if (!signals_.open()) return;
  while (take_pending() != 0) {
  }
  Reactor::forget(*this);
  signals_.reset();
  pthread_sigmask(SIG_UNBLOCK, &blocked_, nullptr);
}

void StopSignals::ready(std::uint32_t) { reactor_.mark_readable(*this); }

// Who is called may ask for the next signal, which replaces `instead_`.
void StopSignals::do_read() {
  expect(POLLIN);
  const int signal = take_pending();
  if (signal == 0) return;
  reactor_.forget(descriptor());
  let_go();
  Observer instead = instead_;
  if (instead) return instead(signal);
  if (Error error = reactor_.stop()) return;  // it is stopping already
}

// 0 if none is.
int StopSignals::take_pending() {
  signalfd_siginfo signal;
  const bool taken = read(signals_.number(), &signal, sizeof signal) == sizeof signal;
  return taken ? static_cast<int>(signal.ssi_signo) : 0;
}

}  // namespace bobbin
