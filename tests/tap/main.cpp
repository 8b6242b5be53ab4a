// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// An echo on lwIP, on one end of a TAP interface: it serves port 7, and connects where it is told
// to. Its commands are words: "connect PORT", to the kernel; "lose N", one frame in N; "out" and
// "in", the cable; "report"; "quit". Ends with status 77 where there may be no TAP interface, and
// so for no other reason.

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <string>
#include <thread>

#include <bobbin/lwip.hpp>

#include <lwip/memp.h>
#include <lwip/stats.h>

#include "tap_host.hpp"

namespace {

struct Echo final : bobbin::Protocol {
  std::size_t data_received(bobbin::Bytes data) override { return transport().write(data); }
};

constexpr bobbin::ConnectionSizes sizes{.connections = 8, .receive = 1460, .send = 4 * 1460};
constexpr bobbin::ConnectionSizes one{.connections = 1, .receive = 1460, .send = 4 * 1460};

void say(const char* what) {
  std::puts(what);
  std::fflush(stdout);
}

struct Client final : bobbin::TcpClient<Echo, one> {
  ~Client() { shut_down(); }
  void client_connection_failed(bobbin::Error reason) override {
    say(bobbin::describe(reason.code).data());
  }
  void client_connection_lost(bobbin::Error reason) override {
    say(bobbin::describe(reason.code).data());
  }
};

struct Program {
  bobbin::test::TapHost host;
  bobbin::LwipReactor<> reactor{host};
  bobbin::TcpServer<Echo, sizes> server;
  Client client;

  void report() {
    std::printf("connections: %u in use\n", server.connections().use().in_use);
    for (int type = 0; type < MEMP_MAX; ++type) {
      std::printf("pool %d: %u in use\n", type, unsigned{lwip_stats.memp[type]->used});
    }
    say("end of report");
  }

  void obey(const std::string& command, int number) {
    if (command == "report") report();
    if (command == "lose") host.lose_one_in(static_cast<std::uint32_t>(number));
    if (command == "out") host.pull_cable(true);
    if (command == "in") host.pull_cable(false);
    if (command == "quit") (void)reactor.stop();
    if (command != "connect") return;
    const auto address = bobbin::Address::ip4({10, 9, 0, 1}, static_cast<std::uint16_t>(number));
    if (reactor.connect_tcp(address, client)) say("cannot connect");
  }
};

// In a thread of its own, as a reactor on lwIP watches no descriptors. One command at a time: the
// next is read when it has been obeyed.
void read_commands(Program& program) {
  struct {
    Program& program;
    std::string command;
    int number = 0;
    std::atomic<bool> obeyed = false;
  } next{.program = program, .command = {}};
  while (next.command != "quit" && std::cin >> next.command) {
    if (next.command == "connect" || next.command == "lose") std::cin >> next.number;
    next.obeyed = false;
    const bool posted = program.reactor.call_from_thread([&next] {
      next.program.obey(next.command, next.number);
      next.obeyed = true;
      next.obeyed.notify_one();
    });
    if (posted) next.obeyed.wait(false);
  }
}

}  // namespace

int main() {
  constexpr int no_tap = 77;
  static Program program;
  if (!program.host.ready()) return no_tap;
  if (program.reactor.listen_tcp(bobbin::Address::any(7), program.server)) return 1;
  std::thread commands([] { read_commands(program); });
  say("listening on 7");
  const bobbin::Error error = program.reactor.run();
  commands.join();
  return error ? 1 : 0;
}
