// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// The echo and nothing else, as the README has it: what is compared with raw_echo, which has no
// console report either.

#include <bobbin/lwip.hpp>
#include <bobbin/mps2/console.hpp>
#include <bobbin/mps2/lwip_board.hpp>

#include "echo/echo.hpp"

namespace {

constexpr bobbin::ConnectionSizes sizes{.connections = 8, .receive = 1460, .send = 4 * 1460};

}  // namespace

int main() {
  static bobbin::mps2::LwipBoard board;
  static bobbin::LwipReactor<> reactor(board);
  static EchoServer<sizes> server;
  if (reactor.listen_tcp(bobbin::Address::any(7), server)) return 1;
  bobbin::mps2::console::print("plain echo ready\n");
  return reactor.run() ? 1 : 0;
}
