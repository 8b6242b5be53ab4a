// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <utility>

#include <bobbin/connection_race.hpp>
#include <bobbin/tcp.hpp>

namespace bobbin {

namespace detail {

// As many lanes as there are numbers.
template <class Numbers>
struct RaceLanes;

template <std::size_t... numbers>
struct RaceLanes<std::index_sequence<numbers...>> {
  RaceLanes(ConnectionRace& race, ConnectionPool& pool)
      : lanes{(static_cast<void>(numbers), RaceLane(race, pool))...} {}

  RaceLane lanes[sizeof...(numbers)];
};

}  // namespace detail

// A client that may reach its server by several addresses: see ConnectionRace. As many attempts as
// it has connections are under way at a time. Override `client_connection_failed` and
// `client_connection_lost` to hear how it went, and then call `abandon()` in your own destructor.
// What is said of TcpServer's destruction holds here too.
//
//   constexpr ConnectionSizes sizes{.connections = 2, .receive = 512, .send = 1024};
//   RacingClient<Console, sizes> client;
//   const ConnectionHint hints[] = {{.address = ip6}, {.address = ip4}, {.address = relay, .delay =
//   2s}}; Error error = client.start(reactor, hints);
template <std::derived_from<Protocol> P, ConnectionSizes sizes, class Shared = void>
class RacingClient : public ClientFactory, public ConnectionRace, private Connections<sizes> {
  static_assert(buffers_suit<P, sizes>());
  using Slots = ProtocolSlots<P, sizes.connections, Shared>;

 public:
  template <class... Arguments>
  requires std::constructible_from<Slots, Arguments...>
  explicit RacingClient(Arguments&&... arguments)
      : ConnectionRace(static_cast<ClientFactory&>(*this), lanes_.lanes),
        protocols_(arguments...),
        lanes_(*this, *this) {}
  ~RacingClient() { this->abandon(); }

  using ConnectionRace::start;

  template <TcpReactor R>
  Error start(R& reactor, std::span<const ConnectionHint> hints, const RaceOptions& with = {}) {
    return ConnectionRace::start(
        reactor, hints, with, [this, &reactor](const Address& address, Connector& connector) {
          return reactor.connect_tcp(address, connector, {.timeout = options().attempt_timeout});
        });
  }

  const ConnectionPool& connections() const { return *this; }

  Protocol* build_protocol(const Address&) override { return protocols_.build(); }
  void protocol_done(Protocol& protocol) override { protocols_.release(protocol); }
  bool has_room() const override { return protocols_.has_room(); }

 private:
  Slots protocols_;
  detail::RaceLanes<std::make_index_sequence<sizes.connections>> lanes_;
};

}  // namespace bobbin
