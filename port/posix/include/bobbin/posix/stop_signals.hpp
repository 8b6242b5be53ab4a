// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <csignal>
#include <cstdint>

#include <bobbin/callback.hpp>
#include <bobbin/error.hpp>
#include <bobbin/posix/descriptor.hpp>
#include <bobbin/posix/watched.hpp>
#include <bobbin/selectable.hpp>

namespace bobbin {

class PosixReactor;

// SIGINT and SIGTERM as events. While caught they are blocked and read from a signalfd, so there is
// no handler and nothing global. The first one stops the reactor, or calls whom it was told to, and
// lets go of both signals again: the next does what it did before, which is to kill a program that
// hangs while it stops.
class StopSignals final : public Watched, private Selectable {
 public:
  explicit StopSignals(PosixReactor& reactor) : reactor_(reactor) {}
  ~StopSignals() { let_go(); }

  // Given the signal's number, in step 4 of a turn like any other reader: it may do whatever a
  // callback may, ask for the next signal included.
  using Observer = InplaceFunction<void(int)>;

  // Both for the reactor's thread. Errors of `catch_them`: already_registered, no_capacity.
  Error catch_them(Observer instead);
  void let_go();

  int descriptor() const { return signals_.number(); }

 private:
  void ready(std::uint32_t events) override;
  void do_read() override;
  void do_write() override {}
  int take_pending();

  PosixReactor& reactor_;
  Observer instead_;  // of stopping the reactor
  Descriptor signals_;
  sigset_t blocked_{};  // by us: those that were not before
};

}  // namespace bobbin
