// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

#include <bobbin/clock.hpp>
#include <bobbin/connection_owner.hpp>
#include <bobbin/connection_pool.hpp>

namespace bobbin {

struct ConnectOptions {
  // After this long without an answer the attempt ends with `timed_out`. More than zero.
  Duration timeout = std::chrono::seconds(30);
};

// One outgoing connection at a time: Twisted's IConnector. Started by a reactor's `connect_tcp`;
// when the attempt failed or the connection is over it may be started again, also from inside
// `client_connection_failed` and `client_connection_lost`. Destroying it cancels what it does.
//
// It takes one connection of its pool and, while connecting, one timer.
class Connector : public ConnectionOwner {
 public:
  // Both are the caller's and outlive the connector.
  Connector(ClientFactory& factory, ConnectionPool& pool)
      : ConnectionOwner(pool), factory_(factory) {}
  ~Connector() { shut_down(); }

  enum class State : std::uint8_t { disconnected, connecting, connected };
  State state() const { return state_; }

  const Address& destination() const { return destination_; }

  // Gives up an attempt: `client_connection_failed(cancelled)` follows from the reactor. Does
  // nothing in other states.
  void stop_connecting();

  // `stop_connecting` or the transport's `lose_connection`, whichever there is.
  void disconnect();

  // The same without flushing: the transport's `abort_connection`.
  void abort();

  // Whether this is its connection, or will be.
  bool carries(const Transport& transport) const { return transport_ == &transport; }

  // For reactors: whether TCP could reach `destination`. Errors: not_supported if it is no address
  // of IP, invalid_argument for port 0.
  static Error check_tcp(const Address& destination);

  // For reactors. `prepare` takes a connection and a timer (errors: already_running,
  // already_registered, no_capacity, invalid_argument); the port builds its channel in
  // `channel_slot()`, owned by `selectable()`; `proceed` then starts the wait, or gives back what
  // was taken and returns the error. After an error nobody is called.
  Error prepare(Reactor& reactor, const Address& destination, const ConnectOptions& options);
  ChannelSlot& channel_slot();
  Selectable& selectable();
  Error proceed(Result<Channel*> channel);

 protected:
  void connection_ready(Transport& transport) override;

 private:
  void give_up(Error reason);
  void connection_over(Transport& transport, Protocol* protocol, Error reason) override;
  void stop_opening() override {}

  ClientFactory& factory_;
  Transport* transport_ = nullptr;
  DelayedCall timeout_;
  State state_ = State::disconnected;
  Address destination_;
};

}  // namespace bobbin
