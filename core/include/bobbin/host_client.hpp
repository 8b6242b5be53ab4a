// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>

#include <bobbin/racing_client.hpp>
#include <bobbin/resolver.hpp>

namespace bobbin {

struct HostOptions {
  std::uint16_t port = 0;
  Duration lookup_timeout = std::chrono::seconds(10);
  RaceOptions race{};  // between the addresses
};

// A client that finds its server by name: Twisted's HostnameEndpoint. All addresses that the name
// stands for, of which at most `addresses` are looked at, are tried as a RacingClient tries them,
// which this is, too: override `client_connection_failed` and `client_connection_lost` to hear how
// it went, and then call `abandon()` in your own destructor. Beside the timers of a race it needs
// none: while the name is looked up there is no race.
//
//   HostClient<Console, sizes> client;
//   Error error = client.connect(reactor, resolver, "example.com", {.port = 80});
template <std::derived_from<Protocol> P, ConnectionSizes sizes, class Shared = void,
          std::size_t addresses = 4>
class HostClient : public RacingClient<P, sizes, Shared> {
  using Race = RacingClient<P, sizes, Shared>;

 public:
  using RacingClient<P, sizes, Shared>::RacingClient;
  ~HostClient() { abandon(); }

  // `host` is a name or an address of IP; port 0 is none. `client_connection_failed` may tell of a
  // lookup's failure, too: unknown_host, timed_out, or what the resolver says. Errors, and nothing
  // has begun: already_running; those of `Resolver::resolve`; invalid_argument for port 0. Those of
  // `ConnectionRace::start` come as failures.
  template <TcpReactor R>
  Error connect(R& reactor, Resolver& resolver, std::string_view host, const HostOptions& options) {
    if (lookup_.looking() || this->state() != ConnectionRace::State::idle) {
      return Errc::already_running;
    }
    if (options.port == 0) return Errc::invalid_argument;
    lookup_.reset();
    race_options_ = options.race;
    const Error error =
        resolver.resolve(lookup_, host, {.port = options.port, .timeout = options.lookup_timeout});
    if (error) return error;
    lookup_.add_callbacks(
        [this, &reactor](std::span<const Address> found) { race(reactor, found); },
        [this](const Failure& failure) { this->client_connection_failed(failure.error()); });
    return {};
  }

  // As that of the race; `client_connection_failed(cancelled)` follows from the reactor while the
  // name is looked up, too.
  void cancel() {
    lookup_.give_up(Errc::cancelled);
    Race::cancel();
  }

  bool looking_up() const { return lookup_.looking(); }

 protected:
  // Whatever it does ends now, and nobody is told. To be called by the destructor.
  void abandon() {
    lookup_.reset();
    Race::abandon();
  }

 private:
  template <class R>
  void race(R& reactor, std::span<const Address> found) {
    for (std::size_t i = 0; i < found.size(); ++i) hints_[i] = {.address = found[i]};
    const Error error = this->start(reactor, std::span(hints_).first(found.size()), race_options_);
    if (error) this->client_connection_failed(error);
  }

  Lookup<addresses> lookup_;
  RaceOptions race_options_;
  ConnectionHint hints_[addresses];
};

}  // namespace bobbin
