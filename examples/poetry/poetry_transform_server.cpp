// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Transforms poems for whoever asks.

#include "arguments.hpp"
#include "program.hpp"
#include "transform.hpp"

namespace {

using namespace poetry;

// A whole request fits, and a whole answer.
constexpr bobbin::ConnectionSizes sizes{.connections = 64,
                                        .receive = bobbin::netstring_size(request_max),
                                        .send = bobbin::netstring_size(request_max)};

}  // namespace

int main(int count, char** words) {
  Arguments arguments(count, words);
  const Address address = arguments.listens_at(11000);
  if (!arguments.all_taken()) return arguments.usage("[--host ADDRESS] [--port N]");

  static Reactor reactor;
  static TransformService service;
  static bobbin::TcpServer<TransformProtocol, sizes, TransformService> server(service);
  return serve(reactor, address, server);
}
