// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <concepts>

#include <bobbin/reconnector.hpp>
#include <bobbin/tcp.hpp>

namespace bobbin {

// A TcpClient that stays connected: see Reconnector. All of its memory is its `sizeof`; it takes
// one timer of the reactor's, and another while it connects. Destroying it ends what it does
// without a word to the observer; what is said of TcpClient's destruction holds here too.
//
//   Random random(seed);
//   ReconnectingClient<Console, sizes> client(random);
//   client.on_event([](const Reconnector::Report& report) { ... });
//   Error error = client.start(reactor, address);
template <std::derived_from<Protocol> P, ConnectionSizes sizes, class Shared = void>
class ReconnectingClient : public Reconnector, private TcpClient<P, sizes, Shared> {
  using Client = TcpClient<P, sizes, Shared>;

 public:
  // `random` is the caller's and outlives this; what follows is what a TcpClient is made from.
  template <class... Arguments>
  requires std::constructible_from<Client, Arguments&...>
  explicit ReconnectingClient(Random& random, Arguments&&... arguments)
      : Reconnector(static_cast<Connector&>(*this), random), Client(arguments...) {}
  ~ReconnectingClient() {
    this->abandon();
    this->shut_down();
  }

  // Connects, again and again, until `stop` or the reactor's end. Errors, and nothing has begun:
  // those of `Reconnector::start` and of the reactor's `connect_tcp`.
  template <TcpReactor R>
  Error start(R& reactor, const Address& destination, const ReconnectOptions& with = {}) {
    if (Reconnector::state() != Reconnector::State::stopped) return Errc::already_running;
    address_ = destination;
    return Reconnector::start(reactor, with, [this, &reactor] {
      return reactor.connect_tcp(address_, connector(), options().connect);
    });
  }

  // The same by an attempt of one's own, for other streams of bytes: it asks the reactor to connect
  // `connector()`.
  using Reconnector::start;

  using Client::connections;
  using Reconnector::State;
  using Reconnector::state;

 private:
  void connection_ready(Transport& transport) override {
    Client::connection_ready(transport);
    if (Client::state() == Connector::State::connected) connected();
  }
  void client_connection_failed(Error reason) final { failed(reason); }
  void client_connection_lost(Error reason) final { lost(reason); }
  void stop_opening() override { reactor_stopped(); }

  Address address_;
};

}  // namespace bobbin
