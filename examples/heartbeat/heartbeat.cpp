// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "heartbeat.hpp"

#include "example.hpp"

namespace {

// Each connection holds one of the reactor's 16 timers.
constexpr bobbin::ConnectionSizes sizes{.connections = 8, .receive = 64, .send = 64};

}  // namespace

const std::uint16_t example::default_port = 7777;

int example::run(Reactor& reactor, const Options& options) {
  static bobbin::TcpServer<Heartbeat, sizes, bobbin::Clock> server(reactor);
  return serve(reactor, options, server);
}
