// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Reads a poem to whoever connects, slowly, to many at a time.

#include "arguments.hpp"
#include "poem_file.hpp"
#include "program.hpp"
#include "recital.hpp"

namespace {

using namespace poetry;

constexpr bobbin::ConnectionSizes sizes{
    .connections = example::connections_max, .receive = 64, .send = 4096};

}  // namespace

int main(int count, char** words) {
  Arguments arguments(count, words);
  const std::uint64_t piece = arguments.number("--num-bytes", 10, 1);
  const Duration delay = arguments.seconds("--delay", 100ms);
  const Address address = arguments.listens_at(10000);
  const std::string_view file = arguments.word("FILE");
  if (!arguments.all_taken() || delay <= 0s) {
    return arguments.usage("FILE [--num-bytes N] [--delay SECONDS] [--host ADDRESS] [--port N]");
  }

  static PoemFile poem;
  if (const char* const why = poem.read(file)) return complain(file, why);
  static Reactor reactor;
  static Slowness slowness{reactor, poem.text(), piece, delay};
  static bobbin::TcpServer<SlowRecital, sizes, Slowness> server(slowness);
  return serve(reactor, address, server);
}
