// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/posix/descriptor.hpp>
#include <bobbin/posix/posix_reactor.hpp>

namespace bobbin {

// EpollReactor without its sizes.
class EpollReactorBase : public PosixReactor {
 public:
  // For a loop of somebody else's, which calls `turn(Duration::zero())`: a descriptor that poll(2),
  // or an epoll of that loop, shows as readable (level-triggered) when something happened that no
  // turn has taken yet: on a socket, a posted call, a signal. It is only to be waited for; nothing
  // may be read from it or added to it. It knows nothing of time and of what the turn before left
  // over: wait no longer than `longest_wait()`, asked just before. It is of no more use once the
  // reactor has stopped, which `running()` tells after each turn. A turn takes what made it
  // readable even if it has no use for it, so it never stays readable while nothing happens.
  // Negative when `status()` is an error.
  int descriptor() const { return epoll_.number(); }

 protected:
  explicit EpollReactorBase(Storage storage);
  ~EpollReactorBase() { shut_down(); }

 private:
  void wait(Instant until) override;
  Error watch(int descriptor, Watched& watched, Interest interest) override;
  bool may_watch() override { return true; }
  void forget(int descriptor) override;

  Descriptor epoll_;
};

}  // namespace bobbin
