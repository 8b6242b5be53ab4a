// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "http_proxy.hpp"

namespace {

constexpr bobbin::ConnectionSizes sizes{
    .connections = 32, .receive = 2048, .send = 8192, .high_water = 4096};
constexpr bobbin::http::ClientSizes upstream_sizes{
    .connections = 16, .receive = 8192, .send = 4096};

// One for each connection to a server; those that were given up keep their places until the system
// has answered.
constexpr bobbin::ResolverSizes lookups{.lookups = 2 * upstream_sizes.connections};

// What each side says, all but the connection's own, is one head of what the other is told.
constexpr bobbin::http::ClientLimits upstream_limits{.request = bobbin::http::HeadLimits().size};

}  // namespace

const std::uint16_t example::default_port = 8080;

int example::run(Reactor& reactor, const Options& options) {
  static bobbin::PosixThreadPool<> threads;
  if (bobbin::Error error = threads.start(reactor)) {
    print_error("cannot start threads: ", error);
    return 1;
  }
  static bobbin::PosixResolver<lookups> names(reactor, threads);
  static bobbin::http::ResolvingClient<upstream_sizes, upstream_limits> client(reactor, names);
  static bobbin::TcpServer<Proxy, sizes, bobbin::http::AnyClient> server(client);
  return serve(reactor, options, server, {.when_full = bobbin::WhenFull::evict});
}
