// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "nameplate.hpp"

#include "example.hpp"

namespace {

using namespace std::chrono_literals;
using bobbin::Reconnector;

constexpr bobbin::ConnectionSizes sizes{.receive = 64, .send = 64};

class Printer final : public NameplateLog {
 public:
  explicit Printer(example::Reactor& reactor) : reactor_(reactor) {}

  void asks() override { example::print("client: asks"); }
  void hangs_up() override { example::print("server: hangs up"); }
  void got(int nameplate) override {
    example::print("client: has nameplate ", static_cast<std::uint64_t>(nameplate));
    (void)reactor_.stop();
  }

  void heard(const Reconnector::Report& report) {
    if (report.event != Reconnector::Event::lost) return;
    example::print("client: ", report.reason, ", comes back");
  }

 private:
  example::Reactor& reactor_;
};

}  // namespace

const std::uint16_t example::default_port = 0;

// Both ends in one program. The server goes away instead of answering, twice, so that there is
// something to see; the client has asked three times then, and has one nameplate.
int example::run(Reactor& reactor, const Options& options) {
  static Printer printer(reactor);
  static Nameplates nameplates{.log = printer, .hang_ups = 2};
  static NameplateClient asker("ada", printer);
  static bobbin::Random random(1);
  static bobbin::TcpServer<NameplateServer, sizes, Nameplates> server(nameplates);
  static bobbin::ReconnectingClient<NameplateLine, sizes, NameplateClient> client(random, asker);

  client.on_event([](const Reconnector::Report& report) { printer.heard(report); });
  asker.allocate();
  const bobbin::Error error = reactor.call_when_running(
      [&reactor] { return client.start(reactor, server.host(), {.backoff = {.initial = 50ms}}); });
  return error ? 1 : serve(reactor, options, server);
}
