// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/channel.hpp>
#include <bobbin/clock.hpp>
#include <bobbin/connection_owner.hpp>
#include <bobbin/connection_pool.hpp>
#include <bobbin/selectable.hpp>

namespace bobbin {

struct ListenOptions {
  // How many connections the system keeps for us that we have not accepted.
  int backlog = 128;
};

// A place where connections come in: Twisted's IListeningPort. Each one accepted takes a connection
// of the pool and a protocol of the factory; when either is short nothing is accepted, those who
// wait stay in the system's backlog, and accepting goes on when a connection has ended.
//
// Started by a reactor's `listen_tcp`. Usually not used bare; see TcpServer.
class ListeningPort : public ConnectionOwner, private Selectable {
 public:
  // Both are the caller's and outlive the port.
  ListeningPort(Factory& factory, ConnectionPool& pool)
      : ConnectionOwner(pool), factory_(factory) {}
  ~ListeningPort() { shut_down(); }

  bool listening() const { return acceptor_ != nullptr; }

  // Where it listens, with the port that was chosen for port 0 (Twisted's getHost). 0.0.0.0:0 while
  // it does not listen.
  Address host() const;

  // No more connections; those that are open go on. May be called from inside any callback. The
  // same port may listen again afterwards.
  void stop_listening();

  // For reactors. `prepare` comes first (errors: already_running, already_registered), then the
  // port builds its acceptor in `acceptor_slot()`, which marks `selectable()`, then `start`.
  Error prepare(Reactor& reactor);
  AcceptorSlot& acceptor_slot() { return slot_; }
  Selectable& selectable() { return *this; }
  void start(Acceptor& acceptor) { acceptor_ = &acceptor; }

 private:
  friend class ConnectionPool;

  void do_read() override;
  void do_write() override {}
  bool has_room();
  bool accept_one();
  void accept_later();
  void wait_for_room();
  void wait_no_more();
  void accept_again();

  void connection_ready(Transport&) override {}
  void connection_over(Transport& transport, Protocol* protocol, Error reason) override;
  void stop_opening() override { stop_listening(); }

  Factory& factory_;
  Acceptor* acceptor_ = nullptr;
  ListeningPort* next_waiting_ = nullptr;  // for a connection of the same pool
  DelayedCall retry_;
  AcceptorSlot slot_;
};

}  // namespace bobbin
