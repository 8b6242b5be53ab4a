// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "http_server.hpp"

#include "example.hpp"

namespace {

// Each connection holds one of the reactor's timers, and one more while it is slow; those that
// listen to the ticker hold one together.
constexpr bobbin::ConnectionSizes sizes{
    .connections = example::on_board ? example::connections_max : 8, .receive = 2048, .send = 2048};

#ifdef BOBBIN_BOARD
bobbin::Error open_root(Shared&) { return {}; }
#else
const char* root = nullptr;

bobbin::Error open_root(Shared& shared) {
  return root != nullptr ? shared.root.open(root) : bobbin::Error();
}
#endif

}  // namespace

#ifndef BOBBIN_BOARD
bool example::take_option(std::string_view name, const char* value) {
  if (name == "--root") root = value;
  return name == "--root";
}

const char* example::own_options() { return " [--root DIRECTORY]"; }
#endif

const std::uint16_t example::default_port = example::on_board ? 80 : 8080;

int example::run(Reactor& reactor, const Options& options) {
  static Shared shared(reactor);
  if (bobbin::Error error = open_root(shared)) {
    print_error("cannot open the directory: ", error);
    return 1;
  }
  static bobbin::TcpServer<Site, sizes, Shared> server(shared);
  // Browsers keep connections they do not use, which give way to who has something to ask.
  return serve(reactor, options, server, {.when_full = bobbin::WhenFull::evict});
}
