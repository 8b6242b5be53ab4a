// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// The site of examples/http_server, which evicts nobody: who comes when all connections are taken
// waits until one ends.

#include "example.hpp"
#include "http_server/http_server.hpp"

namespace {

constexpr bobbin::ConnectionSizes sizes{
    .connections = example::connections_max, .receive = 2048, .send = 2048};

}  // namespace

const std::uint16_t example::default_port = 80;

int example::run(Reactor& reactor, const Options& options) {
  static Shared shared(reactor);
  static bobbin::TcpServer<Site, sizes, Shared> server(shared);
  return serve(reactor, options, server, {.when_full = bobbin::WhenFull::wait});
}
