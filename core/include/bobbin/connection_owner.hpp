// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/connection_sizes.hpp>
#include <bobbin/error.hpp>
#include <bobbin/protocol.hpp>

namespace bobbin {

class ConnectionPool;
class Reactor;
class Transport;

// Who opened a connection and hears how it goes: the part that listening ports and connectors have
// in common. It is linked into the reactor from its first use until the reactor stops or it is
// destroyed, so that stopping the reactor ends every connection.
class ConnectionOwner {
 public:
  ConnectionOwner(const ConnectionOwner&) = delete;
  ConnectionOwner& operator=(const ConnectionOwner&) = delete;

  const ConnectionPool& connections() const { return pool_; }

 protected:
  explicit ConnectionOwner(ConnectionPool& pool);
  ~ConnectionOwner();

  // Errors: already_registered, when it belongs to another reactor; not_running, when the reactor
  // has stopped, or ends its connections, and while `shut_down` ends those of this owner.
  Error attach(Reactor& reactor);

  // Ends what is being opened, then every connection of this owner at once, with
  // `connection_lost(connection_aborted)`, and leaves the reactor. Nothing happens if it was never
  // used. The most derived class calls it from its destructor, while protocols still exist.
  void shut_down();

  // Whether `ConnectionPool::idlest` will be asked for: it costs a little with each message. After
  // `attach`; what connections did before is not known and counts as done now.
  void watch_activity(bool wanted);

  Reactor* reactor() const { return reactor_; }
  ConnectionPool& pool() const { return pool_; }

 private:
  friend class Reactor;
  friend class Transport;

  // The connection that was being opened can be used: give it a protocol.
  virtual void connection_ready(Transport& transport) = 0;
  // The connection is over. `protocol` is null if it never had one. Releases the slot.
  virtual void connection_over(Transport& transport, Protocol* protocol, Error reason) = 0;
  virtual void stop_opening() = 0;

  ConnectionPool& pool_;
  const ConnectionLimits& limits_;  // the pool's
  Reactor* reactor_ = nullptr;
  ConnectionOwner* next_ = nullptr;
  bool leaving_ = false;
  bool watches_activity_ = false;  // the pool is to know when each connection was last active
};

}  // namespace bobbin
