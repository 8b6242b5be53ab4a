// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <poll.h>

#include <cstddef>
#include <span>

#include <bobbin/posix/posix_reactor.hpp>

namespace bobbin {

// PollReactor without its sizes.
class PollReactorBase : public PosixReactor {
 public:
  struct Place {
    int descriptor = -1;
    Watched* watched = nullptr;  // null once it is forgotten
  };
  struct Places {
    std::span<Place> all;
    std::span<pollfd> questions;  // as many
  };

  // For a loop of somebody else's on poll(2), which calls `turn(Duration::zero())`: what it has to
  // ask, beside its own, to hear when something happened that no turn has taken yet. Asked for anew
  // before each wait, as `longest_wait()` is: valid until the next call into the reactor. Some have
  // a negative descriptor, as poll(2) passes them over. What is found in `revents` need not be
  // told; the turn asks for itself. A loop that has no place for a list is better off with an
  // EpollReactor. Empty when `status()` is an error.
  std::span<const pollfd> descriptors();

  // Descriptors that are watched: the reactor's own one, that of signals, one for each connection,
  // listening port and UDP port.
  std::size_t watched() const { return count_; }

 protected:
  PollReactorBase(Storage storage, Places places);
  ~PollReactorBase() { shut_down(); }

 private:
  void wait(Instant until) override;
  Error watch(int descriptor, Watched& watched, Interest interest) override;
  bool may_watch() override;
  void forget(int descriptor) override;

  void ask();
  void tell();
  void take_wake(Watched& watched);
  void drop_forgotten();

  Places places_;
  std::size_t count_ = 0;
};

// The memory of a PollReactor: a base class placed before it.
template <std::size_t descriptors>
struct PollStorage {
  static_assert(descriptors >= 2, "bobbin: a PollReactor takes two descriptors for itself");

  PollReactorBase::Places places() { return {all, questions}; }

  PollReactorBase::Place all[descriptors];
  pollfd questions[descriptors];
};

}  // namespace bobbin
