// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// One page by HTTP and nothing else: what HTTP takes is what this takes over plain_echo.

#include <bobbin/http.hpp>
#include <bobbin/lwip.hpp>
#include <bobbin/mps2/console.hpp>
#include <bobbin/mps2/lwip_board.hpp>

namespace {

class Hello final : public bobbin::http::Responder<> {
 public:
  void request_received(const bobbin::http::RequestHead& request) override {
    using bobbin::http::Status;
    const bobbin::Error error = request.path == "/"
                                    ? respond({.type = "text/plain"}, "Hello, world\n")
                                    : respond({.status = Status::not_found});
    if (error) close_after_response();
  }
};

constexpr bobbin::ConnectionSizes sizes{.connections = 8, .receive = 2048, .send = 2048};

}  // namespace

int main() {
  static bobbin::mps2::LwipBoard board;
  static bobbin::LwipReactor<> reactor(board);
  static bobbin::TcpServer<Hello, sizes> server;
  if (reactor.listen_tcp(bobbin::Address::any(80), server)) return 1;
  bobbin::mps2::console::print("plain http ready\n");
  return reactor.run() ? 1 : 0;
}
