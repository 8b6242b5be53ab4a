// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <csignal>
#include <cstdint>
#include <span>

#include <bobbin/dependent.hpp>
#include <bobbin/error.hpp>
#include <bobbin/posix/descriptor.hpp>
#include <bobbin/posix/watched.hpp>
#include <bobbin/selectable.hpp>

namespace bobbin {

class PosixReactor;

struct ProcessOneOptions {
  static constexpr int usual[] = {SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH};

  // Which signals go on to every Process of the reactor, to its group if it leads one. Those that
  // have a handler, or are blocked already, are left to who has done that: with `stop_on_signals`
  // SIGINT and SIGTERM are. The caller's, for the call only.
  std::span<const int> forwarded = usual;
};

// What process 1 of a container owes to the others, and nobody does for it. Children that their
// parents have left become its own: they are waited for, or each would stay a zombie. Signals that
// it has no handler for are kept from it by the kernel: they are passed on instead. An Application
// that is process 1 has one; it also serves a subreaper (prctl(2)).
//
// It waits for every child of this program that is no Process of its reactor. So all others that
// the program has a use for must be Processes of that reactor, and none may be begun by a library
// that waits for it by itself. It takes one descriptor.
class ProcessOne final : public Dependent, private Selectable, private Watched {
 public:
  using Options = ProcessOneOptions;

  ProcessOne() = default;
  ~ProcessOne() { shut_down(); }

  // From now until the reactor stops, or this goes. The signals, and SIGCHLD, are blocked for this
  // thread, and for threads it starts: call it before starting threads. Errors: already_running;
  // not_running when the reactor has stopped; invalid_argument for what is no signal; no_capacity;
  // `status()` of the reactor. After an error all is as before.
  Error begin(PosixReactor& reactor, const Options& options = {});

  // How many it has waited for that were no Process. Wraps.
  std::uint32_t reaped() const { return reaped_; }

 private:
  Error catch_them(PosixReactor& reactor, const sigset_t& wanted);
  void let_go();
  void take_signals();
  void forward(int signal);
  void reap();
  bool reap_one();

  void end() override { let_go(); }
  void do_read() override;
  void do_write() override {}
  void ready(std::uint32_t events) override;

  Descriptor signals_;
  sigset_t blocked_{};  // by us
  std::uint32_t reaped_ = 0;
};

}  // namespace bobbin
