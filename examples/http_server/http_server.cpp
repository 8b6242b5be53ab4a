// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "http_server.hpp"

#include "example.hpp"

namespace {

// Each connection holds one of the reactor's 16 timers, and one more while it is slow; those that
// listen to the ticker hold one together.
constexpr bobbin::ConnectionSizes sizes{.connections = 8, .receive = 2048, .send = 2048};

}  // namespace

const std::uint16_t example::default_port = example::on_board ? 80 : 8080;

int example::run(Reactor& reactor, const Options& options) {
  static Ticker ticker(reactor);
  static bobbin::TcpServer<Site, sizes, Ticker> server(ticker);
  // Browsers keep connections they do not use, which give way to who has something to ask.
  return serve(reactor, options, server, {.when_full = bobbin::WhenFull::evict});
}
