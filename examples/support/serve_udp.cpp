// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "example.hpp"

namespace example {

int serve(Reactor& reactor, const Options& options, bobbin::DatagramPort& port) {
  if (bobbin::Error error = reactor.listen_udp(options.address, port)) {
    print_error("cannot listen on ", options.address, ": ", error);
    return 1;
  }
  report_errors(reactor);
  print("listening on ", port.host());
  const Console console(reactor, nullptr);
  return reactor.run() ? 1 : 0;
}

}  // namespace example
