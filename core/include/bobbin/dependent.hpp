// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/error.hpp>

namespace bobbin {

class Reactor;

// What ends when its reactor stops: who opens connections, and who sends and receives datagrams. It
// is linked into the reactor from its first use until the reactor stops or it is destroyed.
class Dependent {
 public:
  Dependent(const Dependent&) = delete;
  Dependent& operator=(const Dependent&) = delete;

 protected:
  Dependent() = default;
  ~Dependent();

  // Errors: already_registered, when it belongs to another reactor; not_running, when the reactor
  // has stopped, or ends its dependents, and while `shut_down` ends this one.
  Error attach(Reactor& reactor);

  // Ends what it does, at once, and leaves the reactor. Nothing happens if it was never used. The
  // most derived class calls it from its destructor, while what it needs still exists.
  void shut_down();

  Reactor* reactor() const { return reactor_; }

 private:
  friend class Reactor;

  // Ends everything. Whoever is told of it may ask for more: `attach` then refuses.
  virtual void end() = 0;

  Reactor* reactor_ = nullptr;
  Dependent* next_ = nullptr;
  bool leaving_ = false;
};

}  // namespace bobbin
