// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// The echo, with a report that has lwIP's pools in it too, and how often the board woke up.

#include <cstdint>
#include <string_view>

#include <bobbin/lwip.hpp>
#include <bobbin/mps2/board.hpp>
#include <bobbin/mps2/console.hpp>
#include <bobbin/mps2/lwip_board.hpp>

#include <lwip/memp.h>
#include <lwip/stats.h>

#include "echo/echo.hpp"

namespace {

namespace mps2 = bobbin::mps2;
using mps2::console::print;

constexpr bobbin::ConnectionSizes sizes{.connections = 8, .receive = 1460, .send = 4 * 1460};

struct Soak {
  mps2::LwipBoard board;
  bobbin::LwipReactor<> reactor{board};
  EchoServer<sizes> server;
};

void report_use(std::string_view name, const bobbin::PoolUse& use) {
  print(name, ": ", use.in_use, " of ", use.capacity, " in use, ", use.high_water, " at most, ",
        use.refused, " refused\n");
}

void report(Soak& soak) {
  report_use("connections", soak.server.connections().use());
  report_use("timers", soak.reactor.timer_use());
  for (std::uint32_t type = 0; type < MEMP_MAX; ++type) {
    const stats_mem& pool = *lwip_stats.memp[type];
    print("lwip pool ", type, ": ", std::uint32_t{pool.used}, " of ", std::uint32_t{pool.avail},
          " in use, ", std::uint32_t{pool.max}, " at most, ", std::uint32_t{pool.err},
          " refused\n");
  }
  print("woke ", soak.reactor.wakeups(), " times in ", mps2::now_us(), " us\n");
  const bobbin::Statistics& statistics = soak.reactor.statistics();
  print("bytes: ", statistics.bytes_received, " received, ", statistics.bytes_sent, " sent\n");
}

void obey(Soak& soak) {
  for (int byte = mps2::console::read_byte(); byte >= 0; byte = mps2::console::read_byte()) {
    if (byte == 'r') report(soak);
    if (byte == 'q') (void)soak.reactor.stop();
  }
}

}  // namespace

int main() {
  static Soak soak;
  if (soak.reactor.listen_tcp(bobbin::Address::any(7), soak.server)) return 1;
  mps2::console::on_input([](void*) { (void)soak.reactor.call_from_isr([] { obey(soak); }); },
                          nullptr);
  print("listening on 7\n");
  return soak.reactor.run() ? 1 : 0;
}
