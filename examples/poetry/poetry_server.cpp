// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Reads a poem to whoever connects, as fast as they take it.

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
  const Address address = arguments.listens_at(10000);
  const std::string_view file = arguments.word("FILE");
  if (!arguments.all_taken()) return arguments.usage("FILE [--host ADDRESS] [--port N]");

  static PoemFile poem;
  if (const char* const why = poem.read(file)) return complain(file, why);
  static std::string_view text = poem.text();
  static Reactor reactor;
  static bobbin::TcpServer<Recital, sizes, std::string_view> server(text);
  return serve(reactor, address, server);
}
