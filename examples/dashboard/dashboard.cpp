// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "dashboard.hpp"

#include "example.hpp"

#ifdef BOBBIN_BOARD
#include "lwip_pools.hpp"
#endif

namespace {

constexpr bobbin::ConnectionSizes sizes{
    .connections = example::on_board ? example::connections_max : 8,
    .receive = dashboard_sizes.receive,
    .send = dashboard_sizes.send};

using Server = bobbin::TcpServer<Dashboard, sizes, Shared>;

#ifdef BOBBIN_BOARD
constexpr std::string_view platform = DASHBOARD_PLATFORM;

bobbin::Error add_platform(Figures& figures, example::Reactor& reactor) {
  figures.count_wakeups([&reactor] { return reactor.wakeups(); });
  return add_lwip_pools(figures);
}
#else
constexpr std::string_view platform = "Linux";

bobbin::Error add_platform(Figures&, example::Reactor&) { return {}; }
#endif

bobbin::Error add_pools(Figures& figures, example::Reactor& reactor, Server& server) {
  using bobbin::TimerHeap;
  constexpr std::size_t timer =
      sizeof(TimerHeap::Entry) + sizeof(TimerHeap::Timer) + sizeof(bobbin::SlotPool::Slot);
  const bobbin::Error errors[] = {
      figures.add({.name = "connections",
                   .bytes = sizeof(server),
                   .use = [&server] { return server.connections().use(); }}),
      figures.add({.name = "timers",
                   .bytes = timer * reactor.timer_use().capacity,
                   .use = [&reactor] { return reactor.timer_use(); }}),
      figures.add({.name = "posted calls",
                   .bytes = sizeof(bobbin::PostedCalls::Place) * reactor.posted_use().capacity,
                   .use = [&reactor] { return reactor.posted_use(); }}),
      add_platform(figures, reactor)};
  for (const bobbin::Error& error : errors) {
    if (error) return error;
  }
  return {};
}

}  // namespace

const std::uint16_t example::default_port = example::on_board ? 80 : 8080;

int example::run(Reactor& reactor, const Options& options) {
  static Shared shared(reactor, platform, on_board);
  static Server server(shared);
  if (bobbin::Error error = add_pools(shared.figures, reactor, server)) {
    print_error("too many pools to show: ", error);
    return 1;
  }
  reactor.measure_waiting(true);
  // Browsers keep connections they do not use, which give way to who has something to ask.
  return serve(reactor, options, server, {.when_full = bobbin::WhenFull::evict});
}
