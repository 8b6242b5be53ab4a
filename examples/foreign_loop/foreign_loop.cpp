// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "echo/echo.hpp"
#include "example.hpp"

// A program that has a poll loop of its own, here for a line of commands on standard input, and an
// echo server in it. What such a loop owes the reactor is in `rounds`.
namespace {

using namespace std::chrono_literals;

constexpr bobbin::ConnectionSizes sizes{
    .connections = example::connections_max, .receive = 1460, .send = 4 * 1460};

EchoServer<sizes> server;

// In milliseconds, rounded up: woken early, a turn would find nothing due.
int to_poll(bobbin::Duration wait) {
  if (wait == bobbin::forever) return -1;
  // What poll(2) cannot count is one round for nothing.
  const auto rounded =
      std::chrono::ceil<std::chrono::milliseconds>(std::min<bobbin::Duration>(wait, 24h));
  return static_cast<int>(rounded.count());
}

// The program's own part. False when there will be no more commands.
bool obey(example::Reactor& reactor) {
  std::array<char, 64> commands{};
  const ssize_t count = read(STDIN_FILENO, commands.data(), commands.size());
  if (count <= 0) return false;
  for (const char command : std::string_view(commands.data(), static_cast<std::size_t>(count))) {
    switch (command) {
      case 'r': example::report(reactor, &server.connections()); break;
      case 'q':
        if (!reactor.stop()) example::print("stopping");
        break;
      default: break;
    }
  }
  return true;
}

// How long to wait is asked last, as all that is done in a round may set a timer. The turn itself
// never waits; one that finds nothing to do costs a system call, so it may be made in each round.
// After it the reactor runs or has stopped, and nothing in between.
void rounds(example::Reactor& reactor) {
  pollfd reactors{.fd = reactor.descriptor(), .events = POLLIN, .revents = 0};
  pollfd own{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  do {
    std::array<pollfd, 2> both{reactors, own};
    poll(both.data(), both.size(), to_poll(reactor.longest_wait()));
    if (both[1].revents != 0 && !obey(reactor)) own.fd = -1;
    reactor.turn(bobbin::Duration::zero());
  } while (reactor.running());
}

}  // namespace

const std::uint16_t example::default_port = 7777;

int example::run(Reactor& reactor, const Options& options) {
  if (bobbin::Error error = reactor.listen_tcp(options.address, server)) {
    print_error("cannot listen on ", options.address, ": ", error);
    return 1;
  }
  print("listening on ", server.host());
  rounds(reactor);
  return 0;
}
