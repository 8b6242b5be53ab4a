// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/amp.hpp>
#include <bobbin/http.hpp>
#include <bobbin/lwip.hpp>
#include <bobbin/net.hpp>

struct Echo final : bobbin::Protocol {
  std::size_t data_received(bobbin::Bytes data) override { return transport().write(data); }
};

constexpr bobbin::ConnectionSizes sizes{.connections = 2, .receive = 512, .send = 512};

bobbin::Error serve(bobbin::LwipReactor<>& reactor) {
  static bobbin::TcpServer<Echo, sizes> server;
  return reactor.listen_tcp(bobbin::Address::any(7), server);
}
