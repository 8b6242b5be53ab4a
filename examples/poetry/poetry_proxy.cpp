// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Serves a poem that it gets from another server, and keeps for a while.

#include "arguments.hpp"
#include "program.hpp"
#include "proxy.hpp"

namespace {

using namespace poetry;

constexpr bobbin::ConnectionSizes sizes{
    .connections = example::connections_max, .receive = 64, .send = 4096};

}  // namespace

int main(int count, char** words) {
  Arguments arguments(count, words);
  const ProxyOptions options{.upstream = arguments.server("--upstream"),
                             .time_to_live = arguments.seconds("--ttl", 2h),
                             .timeout = arguments.seconds("--timeout", 60s)};
  const Address address = arguments.listens_at(10000);
  if (!arguments.all_taken()) {
    return arguments.usage(
        "--upstream [HOST:]PORT [--ttl SECONDS] [--timeout SECONDS]\n"
        "       [--host ADDRESS] [--port N]");
  }

  static Reactor reactor;
  static Proxy proxy(reactor, options);
  static bobbin::TcpServer<ProxyProtocol, sizes, Proxy> server(proxy);
  return serve(reactor, address, server);
}
