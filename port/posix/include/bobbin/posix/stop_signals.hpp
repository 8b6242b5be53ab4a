// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <csignal>

#include <bobbin/error.hpp>
#include <bobbin/posix/descriptor.hpp>
#include <bobbin/posix/watched.hpp>

namespace bobbin {

class PosixReactor;

// SIGINT and SIGTERM as events. While caught they are blocked and read from a signalfd, so there is
// no handler and nothing global. The first one stops the reactor and lets go of both signals again:
// the next does what it did before, which is to kill a program that hangs while it stops.
class StopSignals final : public Watched {
 public:
  explicit StopSignals(PosixReactor& reactor) : reactor_(reactor) {}
  ~StopSignals() { let_go(); }

  // Both for the reactor's thread. Errors of `catch_them`: already_registered, no_capacity.
  Error catch_them();
  void let_go();

  int descriptor() const { return signals_.number(); }

 private:
  void ready(std::uint32_t events) override;
  bool take_pending();

  PosixReactor& reactor_;
  Descriptor signals_;
  sigset_t blocked_{};  // by us: those that were not before
};

}  // namespace bobbin
