// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/connection_sizes.hpp>
#include <bobbin/dependent.hpp>
#include <bobbin/error.hpp>
#include <bobbin/protocol.hpp>

namespace bobbin {

class ConnectionPool;
class Transport;

// Who opened a connection and hears how it goes: the part that listening ports and connectors have
// in common. When its reactor stops, or it is destroyed, what is being opened ends, then every
// connection of this owner, at once, with `connection_lost(connection_aborted)`.
class ConnectionOwner : public Dependent {
 public:
  const ConnectionPool& connections() const { return pool_; }

 protected:
  explicit ConnectionOwner(ConnectionPool& pool);
  ~ConnectionOwner() = default;

  // Whether `ConnectionPool::idlest` will be asked for: it costs a little with each message. After
  // `attach`; what connections did before is not known and counts as done now.
  void watch_activity(bool wanted);

  ConnectionPool& pool() const { return pool_; }

 private:
  friend class Transport;

  // The connection that was being opened can be used: give it a protocol.
  virtual void connection_ready(Transport& transport) = 0;
  // The connection is over. `protocol` is null if it never had one. Releases the slot.
  virtual void connection_over(Transport& transport, Protocol* protocol, Error reason) = 0;
  virtual void stop_opening() = 0;

  void end() final;

  bool watches_activity_ = false;  // the pool is to know when each connection was last active
  ConnectionPool& pool_;
  const ConnectionLimits& limits_;  // the pool's
};

}  // namespace bobbin
