// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <bobbin/host_name.hpp>
#include <bobbin/http/client.hpp>
#include <bobbin/resolver.hpp>

namespace bobbin::http {

struct ResolvingOptions {
  Duration lookup_time = std::chrono::seconds(10);
  Duration connect_time = std::chrono::seconds(30);  // for each address
};

// How the lines of a client find servers.
struct ServerNames {
  Resolver& resolver;
  Duration lookup_time;
};

// A connection of a client that finds servers by their names.
class ResolvingLine : public ClientLine {
 protected:
  ResolvingLine(AnyClient& client, const ClientLimits& limits, ConnectionPool& pool,
                const ServerNames& names, AnyLookup& lookup)
      : ClientLine(client, limits, pool), names_(names), lookup_(lookup) {}
  ~ResolvingLine() = default;

 private:
  // What stands in front of a port, and that.
  struct Host {
    HostName name;
    std::uint16_t port = 80;

    bool operator==(const Host&) const = default;
  };
  static std::optional<Host> parse(std::string_view host);

  bool knows(std::string_view host) const override;
  Error look_up(std::string_view host) override;
  void end_look_up() override;
  std::optional<Address> next_address() override;
  void found(std::span<const Address> addresses);

  const ServerNames& names_;
  AnyLookup& lookup_;
  std::span<const Address> left_;  // that were found and not tried
  Host host_;
  Address meant_;  // by `host_`; none: not known
};

template <std::size_t addresses>
struct LineLookup {
  Lookup<addresses> lookup;
};

// A ResolvingLine with its lookup, which comes before it.
template <std::size_t addresses>
class LookingLine : private LineLookup<addresses>, public ResolvingLine {
 protected:
  LookingLine(AnyClient& client, const ClientLimits& limits, ConnectionPool& pool,
              const ServerNames& names)
      : ResolvingLine(client, limits, pool, names, this->lookup) {}
  ~LookingLine() = default;
};

// A Client that finds servers by their names, for orders without a server and redirects to names.
// Of the addresses that a name stands for up to `addresses` are tried, one after the other, those
// that can be connected to first of all. While a connection is kept its name is not looked up; it
// is for a request that is made once more, as a server that closes may have moved. The resolver
// outlives it; each connection takes a timer while it looks up.
//
//   http::ResolvingClient<> client(reactor, resolver);
//   Error error = fetch.start(client, {.request = {.host = "example.org"}}, done);
//
// An exchange also fails with what the lookup does: unknown_host, timed_out after `lookup_time`;
// invalid_argument for what is no name of a host, no_capacity where nothing more can be looked up.
template <ClientSizes sizes = ClientSizes(), const ClientLimits& limits = default_client_limits,
          std::size_t addresses = 4>
class ResolvingClient final : private ServerNames,
                              public ClientOf<LookingLine<addresses>, sizes, limits> {
  using Lines = ClientOf<LookingLine<addresses>, sizes, limits>;

 public:
  template <TcpReactor R>
  ResolvingClient(R& reactor, Resolver& names, const ResolvingOptions& options = {})
      : ServerNames{names, options.lookup_time},
        Lines(reactor, options.connect_time, static_cast<const ServerNames&>(*this)) {}

 private:
  bool finds_names() const override { return true; }
};

}  // namespace bobbin::http
