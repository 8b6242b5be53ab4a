// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "example.hpp"

namespace example {

namespace {

void report_use(std::string_view name, const bobbin::PoolUse& use) {
  print(name, ": ", std::uint64_t{use.in_use}, " of ", std::uint64_t{use.capacity}, " in use, ",
        std::uint64_t{use.high_water}, " at most, ", std::uint64_t{use.refused}, " refused");
}

bobbin::Error listen(Reactor& reactor, const Options& options, bobbin::ListeningPort& port,
                     bobbin::ListenOptions listen_options) {
  listen_options.backlog = options.backlog;
#ifndef BOBBIN_BOARD
  if (options.address.family() == bobbin::Address::Family::unix_path) {
    bobbin::SocketFileOptions file{.remove_stale = true};
    file.mode = options.mode.value_or(file.mode);
    return reactor.listen_unix(options.address, port, listen_options, file);
  }
#endif
  return reactor.listen_tcp(options.address, port, listen_options);
}

}  // namespace

int serve(Reactor& reactor, const Options& options, bobbin::ListeningPort& port,
          const bobbin::ListenOptions& listen_options) {
  if (bobbin::Error error = listen(reactor, options, port, listen_options)) {
    print_error("cannot listen on ", options.address, ": ", error);
    return 1;
  }
  report_errors(reactor);
  print("listening on ", port.host());
  const Console console(reactor, &port.connections());
  return reactor.run() ? 1 : 0;
}

void report(const Reactor& reactor, const bobbin::ConnectionPool* connections) {
  const bobbin::Statistics& statistics = reactor.statistics();
  if (connections != nullptr) report_use("connections", connections->use());
  report_use("timers", reactor.timer_use());
  report_use("posted calls", reactor.posted_use());
  print("turns: ", std::uint64_t{statistics.turns},
        ", of which slept: ", std::uint64_t{statistics.sleeps});
  print("bytes: ", statistics.bytes_received, " received, ", statistics.bytes_sent, " sent");
}

}  // namespace example
