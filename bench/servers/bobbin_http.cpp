// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>
#include <cstdio>
#include <optional>
#include <string_view>

#include <bobbin/bobbin.hpp>
#include <bobbin/http.hpp>
#include <bobbin/posix.hpp>

#include "program.hpp"

// A site of 13 bytes, with the time of day, as servers that know it have to say.
namespace {

constexpr std::size_t connections_max = 512;
constexpr bobbin::ConnectionSizes sizes{
    .connections = connections_max, .receive = 4096, .send = 8192};

// Each connection takes a timer.
using Reactor = bobbin::EpollReactor<bobbin::ReactorSizes{.timers = connections_max + 8}>;

std::optional<bobbin::http::WallTime> now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

class Hello final : public bobbin::http::Responder<> {
 public:
  explicit Hello(bobbin::http::DateClock& clock) : clock_(clock) {}

  void request_received(const bobbin::http::RequestHead&) override {
    if (respond({.type = "text/plain"}, "Hello, world\n")) close_after_response();
  }
  std::string_view date() override { return clock_.text(); }

 private:
  bobbin::http::DateClock& clock_;
};

int report(const char* what, bobbin::Error error) {
  const std::string_view text = bobbin::describe(error);
  std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(text.size()), text.data());
  return 1;
}

}  // namespace

int main(int count, char** values) {
  const bench::ServerOptions options{bench::Options(count, values)};
  static Reactor reactor;
  static bobbin::http::DateClock clock(now);
  static bobbin::TcpServer<Hello, sizes, bobbin::http::DateClock> server(clock);
  if (bobbin::Error error = reactor.stop_on_signals()) return report("signals", error);
  const auto address = bobbin::Address::parse("127.0.0.1", options.port);
  if (bobbin::Error error = reactor.listen_tcp(*address, server, {.backlog = bench::backlog}))
    return report("listen", error);
  bench::announce(server.host().port());
  return reactor.run() ? 1 : 0;
}
