// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "variants.hpp"

#include "example.hpp"

namespace {

// Each visitor holds one of a board's 16 timers.
constexpr bobbin::ConnectionSizes visitors{.connections = 6, .receive = 2048, .send = 1024};
constexpr bobbin::ConnectionSizes operators{.connections = 2, .receive = 128, .send = 256};

constexpr std::uint16_t control_port = 8001;

}  // namespace

const std::uint16_t example::default_port = example::on_board ? 80 : 8080;

int example::run(Reactor& reactor, const Options& options) {
  using namespace variants;
  static Features features{.random = bobbin::Random(static_cast<std::uint64_t>(
                               reactor.now().time_since_epoch().count()))};
  static bobbin::TcpServer<Site, visitors, Features> site(features);
  static bobbin::TcpServer<Control, operators, Features> control(features);
  // Where the site has any port, so has this. On a host only its own programs control it.
  const std::uint16_t port = options.address.port() == 0 ? 0 : control_port;
  const auto address = on_board ? bobbin::Address::any(port) : bobbin::Address::loopback(port);
  if (bobbin::Error error = reactor.listen_tcp(address, control)) {
    print_error("cannot listen on ", address, ": ", error);
    return 1;
  }
  print("controlled on ", control.host());
  return serve(reactor, options, site, {.when_full = bobbin::WhenFull::evict});
}
