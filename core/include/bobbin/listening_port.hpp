// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>

#include <bobbin/channel.hpp>
#include <bobbin/clock.hpp>
#include <bobbin/connection_owner.hpp>
#include <bobbin/connection_pool.hpp>
#include <bobbin/selectable.hpp>

namespace bobbin {

class ListeningPort;

// What becomes of those who come while there is no connection, or no protocol, for them. Functions
// rather than an enumeration, so that firmware has in flash only the one it names.
struct WhenFull {
  using Answer = void (*)(ListeningPort&);

  // They stay in the system's backlog until a connection has ended.
  static constexpr Answer wait = nullptr;
  // Each is accepted and reset at once: to its client it was made and lost.
  static void refuse(ListeningPort& port);
  // The connection that has been idle longest ends for the one who has waited longest.
  static void evict(ListeningPort& port);
};

struct ListenOptions {
  // How many connections the system keeps for us that we have not accepted.
  int backlog = 128;

  // The port may be shared with others who ask for it too, each of which gets a part of those who
  // come: a reactor in each thread serves one port (SO_REUSEPORT). Only systems with threads can;
  // else `listen_tcp` returns not_supported.
  bool share_port = false;

  WhenFull::Answer when_full = WhenFull::wait;

  // `evict` spares a connection for so long after its last activity: when it was made or its port
  // began to listen, when input of it was last looked at, when its peer last took some of what was
  // written (on sockets: the kernel did). To within two milliseconds, which are the least. If all
  // were active since, those who come wait.
  Duration evict_after = std::chrono::seconds(1);
};

// A place where connections come in: Twisted's IListeningPort. Each one accepted takes a connection
// of the pool and a protocol of the factory; when either is short nothing is accepted, those who
// wait stay in the system's backlog, and accepting goes on when a connection has ended. That is,
// unless `ListenOptions::when_full` says otherwise.
//
// An evicted connection hears `connection_lost(evicted)`. Its peer sees an orderly end if all that
// was written has been sent, else a reset. Only connections of this port are evicted, one at a
// time: who waits is served a turn later. Eviction takes a timer while all connections are too
// active; without one it is tried again when there is one, somebody else comes or a connection
// ends.
//
// Started by a reactor's `listen_tcp`. Usually not used bare; see TcpServer.
class ListeningPort : public ConnectionOwner, private Selectable {
 public:
  // Both are the caller's and outlive the port.
  ListeningPort(Factory& factory, ConnectionPool& pool)
      : ConnectionOwner(pool), factory_(factory) {}
  ~ListeningPort() { shut_down(); }

  bool listening() const { return acceptor_ != nullptr; }

  // Whether there is both a connection and a protocol for the next one who comes.
  bool has_room() const;

  // Where it listens, with the port that was chosen for port 0 (Twisted's getHost). 0.0.0.0:0 while
  // it does not listen.
  Address host() const;

  // No more connections; those that are open go on. May be called from inside any callback. The
  // same port may listen again afterwards.
  void stop_listening();

  // Ends all of its connections in order, as the `lose_connection` of each would. From any
  // callback.
  void lose_connections();

  // For reactors. `prepare` comes first (errors: already_running, already_registered), then the
  // port builds its acceptor in `acceptor_slot()`, which marks `selectable()`, then `start`.
  Error prepare(Reactor& reactor, const ListenOptions& options);
  AcceptorSlot& acceptor_slot() { return slot_; }
  Selectable& selectable() { return *this; }
  void start(Acceptor& acceptor) { acceptor_ = &acceptor; }

 private:
  friend class ConnectionPool;
  friend struct WhenFull;

  void do_read() override;
  void do_write() override;
  bool accept_one();
  bool go_on_after(Error error);
  void full();
  void try_again_after(Duration delay);
  void wait_for_room();
  void wait_first();
  void wait_no_more();
  void accept_again();

  void connection_ready(Transport&) override {}
  void connection_over(Transport& transport, Protocol* protocol, Error reason) override;
  void stop_opening() override { stop_listening(); }

  Factory& factory_;
  Acceptor* acceptor_ = nullptr;
  ListeningPort* next_waiting_ = nullptr;  // for a connection of the same pool
  DelayedCall retry_;
  Duration evict_after_{};
  WhenFull::Answer when_full_ = WhenFull::wait;
  AcceptorSlot slot_;
};

}  // namespace bobbin
