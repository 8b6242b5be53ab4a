// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// What a message costs that goes to an echo and comes back: client, server and lwIP together, in
// instructions. Once with the echo straight on lwIP, once with bobbin's. It needs a machine whose
// clock counts instructions, one nanosecond for each: qemu-system-arm -icount shift=0.

#include <array>
#include <optional>

#include <bobbin/lwip.hpp>
#include <bobbin/mps2/board.hpp>
#include <bobbin/mps2/console.hpp>

#include <lwip/timeouts.h>

#include "../raw_echo/raw_echo.h"
#include "client.hpp"
#include "echo/echo.hpp"
#include "loopback_board.hpp"

namespace {

using namespace cost;
namespace mps2 = bobbin::mps2;

constexpr std::uint16_t clients_max = 8;
constexpr bobbin::ConnectionSizes sizes{
    .connections = clients_max, .receive = 1460, .send = 4 * 1460};
constexpr std::uint16_t raw_port = 7;
constexpr std::uint16_t bobbin_port = 8;

constexpr std::uint32_t warm_up = 200;
constexpr std::uint32_t measured = 2000;

constexpr std::array loads{
    Load{.message = 1, .in_flight = 1, .clients = 1},
    Load{.message = 1, .in_flight = 1, .clients = clients_max},
    Load{.message = 536, .in_flight = 1, .clients = 1},
    Load{.message = 536, .in_flight = 1, .clients = clients_max},
    Load{.message = 536, .in_flight = 4, .clients = 1},
};

using Clients = std::array<std::optional<Client>, clients_max>;

// Whole messages that came back to all of them.
std::uint32_t returned(const Clients& clients) {
  std::uint32_t sum = 0;
  for (const std::optional<Client>& client : clients) sum += client ? client->returned() : 0;
  return sum;
}

// Instructions for each message, where `turn` is what the program does again and again.
template <class Turn>
std::uint32_t measure(std::uint16_t port, const Load& load, Turn turn) {
  Clients clients;
  for (unsigned i = 0; i < load.clients; ++i) clients[i].emplace(port, load);
  while (returned(clients) < warm_up) turn();
  const std::uint32_t before = returned(clients);
  const std::uint64_t start = mps2::now_us();
  while (returned(clients) < before + measured) turn();
  const auto microseconds = static_cast<std::uint32_t>(mps2::now_us() - start);
  const std::uint32_t messages = returned(clients) - before;
  return microseconds * 1000 / messages;
}

// As in raw_echo's own main().
void turn_of_raw_echo(LoopbackBoard& board) {
  const bool busy = board.poll_input() != LoopbackBoard::Input::drained;
  sys_check_timeouts();
  if (!busy) {
    board.sleep_until(board.now() + std::chrono::milliseconds(sys_timeouts_sleeptime()));
  }
}

// What clients that went leave behind is no part of the next measurement.
void settle(LoopbackBoard& board, bobbin::Reactor& reactor) {
  while (board.under_way()) (void)board.poll_input();
  reactor.turn({});
}

void report(const Load& load, std::uint32_t raw, std::uint32_t ours) {
  const std::uint32_t hundredths = (ours * 100 + raw / 2) / raw;
  mps2::console::print("messages of ", load.message, " bytes, ", load.clients, " clients with ",
                       load.in_flight, " in flight: ", raw, " straight on lwIP, ", ours,
                       " with bobbin, ", hundredths / 100, ".", hundredths / 10 % 10,
                       hundredths % 10, " of it\n");
}

}  // namespace

int main() {
  static LoopbackBoard board;
  static bobbin::LwipReactor<> reactor(board);
  static EchoServer<sizes> server;
  raw_echo_listen();
  if (reactor.listen_tcp(bobbin::Address::any(bobbin_port), server)) return 1;
  mps2::console::print("instructions for each message, there and back, both ends together\n");
  for (const Load& load : loads) {
    const std::uint32_t raw = measure(raw_port, load, [] { turn_of_raw_echo(board); });
    settle(board, reactor);
    const std::uint32_t ours = measure(bobbin_port, load, [] { reactor.turn(bobbin::forever); });
    settle(board, reactor);
    report(load, raw, ours);
  }
  return 0;
}
