// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <concepts>

#include <bobbin/connection_pool.hpp>
#include <bobbin/connector.hpp>
#include <bobbin/listening_port.hpp>
#include <bobbin/pool.hpp>
#include <bobbin/protocol.hpp>
#include <bobbin/reactor.hpp>

namespace bobbin {

// What every port's reactor offers. Both calls may be made before the reactor runs and from any of
// its callbacks. After an error nothing has started and nobody is called.
//
// `listen_tcp`: port 0 picks a free one, see `ListeningPort::host`. Errors: address_in_use,
// address_not_available, permission_denied, not_supported (family), invalid_argument (the receive
// buffers do not suit the port), no_capacity, already_running, already_registered, not_running (the
// reactor was stopped).
//
// `connect_tcp`: the outcome, `build_protocol` or `client_connection_failed`, comes later from the
// reactor. Errors: no_capacity (connections, protocols, timers or the port's own), not_supported,
// invalid_argument (port 0 among others), already_running, already_registered, not_running.
template <class R>
concept TcpReactor = std::derived_from<R, Reactor> &&
    requires(R& reactor, const Address& address, ListeningPort& port, Connector& connector,
             const ListenOptions& listen, const ConnectOptions& connect) {
  { reactor.listen_tcp(address, port, listen) } -> std::same_as<Error>;
  { reactor.listen_tcp(address, port) } -> std::same_as<Error>;
  { reactor.connect_tcp(address, connector, connect) } -> std::same_as<Error>;
  { reactor.connect_tcp(address, connector) } -> std::same_as<Error>;
};

// Slots for protocols of type P, built from what they share. P is constructed from a `Shared&` if
// there is one, else from nothing.
template <std::derived_from<Protocol> P, std::size_t N, class Shared>
class ProtocolSlots {
 public:
  explicit ProtocolSlots(Shared& shared) : shared_(shared) {}

  P* build() {
    static_assert(std::constructible_from<P, Shared&>,
                  "bobbin: the protocol cannot be built from what its connections share");
    return pool_.emplace(shared_);
  }
  void release(Protocol& protocol) { pool_.release(static_cast<P&>(protocol)); }
  bool has_room() const { return pool_.has_room(); }

 private:
  Shared& shared_;
  Pool<P, N> pool_;
};

template <std::derived_from<Protocol> P, std::size_t N>
class ProtocolSlots<P, N, void> {
 public:
  P* build() {
    static_assert(std::default_initializable<P>,
                  "bobbin: the protocol needs an argument; name the type its connections share as "
                  "the last template argument");
    return pool_.emplace();
  }
  void release(Protocol& protocol) { pool_.release(static_cast<P&>(protocol)); }
  bool has_room() const { return pool_.has_room(); }

 private:
  Pool<P, N> pool_;
};

// A protocol may say how small the buffers of its connections may be, as static constants
// `receive_min`, what it must be offered whole, and `send_min`, what it must be able to write
// whole. A server or client with less does not compile.
template <class P, ConnectionSizes sizes>
constexpr bool buffers_suit() {
  if constexpr (requires { P::receive_min; }) {
    static_assert(P::receive_min <= sizes.receive,
                  "bobbin: ConnectionSizes::receive is less than the protocol's receive_min, its "
                  "longest message");
  }
  if constexpr (requires { P::send_min; }) {
    static_assert(P::send_min <= sizes.send - sizes.control,
                  "bobbin: ConnectionSizes::send, without its control part, is less than the "
                  "protocol's send_min, its longest message");
  }
  return true;
}

// A listening port with everything it needs: connections, their buffers, and a slot for a protocol
// of type P in each. All of its memory is its `sizeof`. Override `build_protocol` for more than
// "one P for each connection".
//
// Destroying it stops listening and ends its connections with
// `connection_lost(connection_aborted)`, from inside the destructor. So it must not be destroyed
// from inside a callback of one of them, and a class derived from it calls `shut_down()` in its own
// destructor, while its members still exist.
//
//   constexpr ConnectionSizes sizes{.connections = 8, .receive = 512, .send = 1024};
//   TcpServer<Echo, sizes> server;
//   Error error = reactor.listen_tcp(Address::any(7), server);
template <std::derived_from<Protocol> P, ConnectionSizes sizes, class Shared = void>
class TcpServer : public Factory, private Connections<sizes>, public ListeningPort {
  static_assert(buffers_suit<P, sizes>());
  using Slots = ProtocolSlots<P, sizes.connections, Shared>;

 public:
  template <class... Arguments>
  requires std::constructible_from<Slots, Arguments...>
  explicit TcpServer(Arguments&&... arguments)
      : ListeningPort(static_cast<Factory&>(*this), static_cast<ConnectionPool&>(*this)),
        protocols_(arguments...) {}
  ~TcpServer() { this->shut_down(); }

  Protocol* build_protocol(const Address&) override { return protocols_.build(); }
  void protocol_done(Protocol& protocol) override { protocols_.release(protocol); }
  bool has_room() const override { return protocols_.has_room(); }

 private:
  Slots protocols_;
};

// A connector with its connection and its protocol's slot. Override `client_connection_failed` and
// `client_connection_lost` to hear how it went, and then call `shut_down()` in your own destructor.
// What is said of TcpServer's destruction holds here too.
template <std::derived_from<Protocol> P, ConnectionSizes sizes, class Shared = void>
class TcpClient : public ClientFactory, private Connections<sizes>, public Connector {
  static_assert(sizes.connections == 1, "bobbin: a TcpClient has one connection");
  static_assert(buffers_suit<P, sizes>());
  using Slots = ProtocolSlots<P, 1, Shared>;

 public:
  template <class... Arguments>
  requires std::constructible_from<Slots, Arguments...>
  explicit TcpClient(Arguments&&... arguments)
      : Connector(static_cast<ClientFactory&>(*this), static_cast<ConnectionPool&>(*this)),
        protocols_(arguments...) {}
  ~TcpClient() { this->shut_down(); }

  Protocol* build_protocol(const Address&) override { return protocols_.build(); }
  void protocol_done(Protocol& protocol) override { protocols_.release(protocol); }
  bool has_room() const override { return protocols_.has_room(); }

 private:
  Slots protocols_;
};

// The same by names that do not speak of TCP, for other streams of bytes that a port may have.
template <std::derived_from<Protocol> P, ConnectionSizes sizes, class Shared = void>
using StreamServer = TcpServer<P, sizes, Shared>;
template <std::derived_from<Protocol> P, ConnectionSizes sizes, class Shared = void>
using StreamClient = TcpClient<P, sizes, Shared>;

}  // namespace bobbin
