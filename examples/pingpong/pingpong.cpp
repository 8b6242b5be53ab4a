// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "pingpong.hpp"

#include "example.hpp"

namespace {

constexpr bobbin::ConnectionSizes sizes{.receive = 128, .send = 128};

class Printer final : public PingPongLog {
 public:
  explicit Printer(example::Reactor& reactor) : reactor_(reactor) {}

  void wrote_a_byte(std::string_view who) override { example::print(who, " wrote a byte"); }

  void is_closing(std::string_view who) override {
    example::print(who, " is closing the connection");
  }

  // The program is over when both ends have lost the connection.
  void lost(std::string_view who, bobbin::Error reason) override {
    example::print(who, " lost the connection: ", reason);
    if (++lost_ == 2) (void)reactor_.stop();
  }

 private:
  example::Reactor& reactor_;
  int lost_ = 0;
};

}  // namespace

const std::uint16_t example::default_port = 0;

// Both ends in one program: the client connects to the server that listens beside it.
int example::run(Reactor& reactor, const Options& options) {
  static Printer printer(reactor);
  static PingPongEnd server_end{.name = "Server", .maximum = 100, .log = printer};
  static PingPongEnd client_end{.name = "Client", .maximum = 100, .log = printer};
  static bobbin::TcpServer<PingPong, sizes, PingPongEnd> server(server_end);
  static bobbin::TcpClient<PingPong, sizes, PingPongEnd> client(client_end);

  const bobbin::Error error =
      reactor.call_when_running([&reactor] { return reactor.connect_tcp(server.host(), client); });
  return error ? 1 : serve(reactor, options, server);
}
