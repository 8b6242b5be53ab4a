// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// An interrupt that calls the reactor, as the console's byte says: in the one way it may, or in one
// in which it may not. For a build that asserts who calls.

#include <chrono>

#include <bobbin/lwip.hpp>
#include <bobbin/mps2/console.hpp>
#include <bobbin/mps2/lwip_board.hpp>

namespace {

namespace console = bobbin::mps2::console;
using Reactor = bobbin::LwipReactor<>;

void call(Reactor& reactor, bobbin::DelayedCall& later) {
  const int byte = console::read_byte();
  if (byte == 'p') (void)reactor.call_from_isr([] { console::print("posted\n"); });
  if (byte == 'l') (void)reactor.call_later(std::chrono::seconds(1), [] {});
  if (byte == 'a') (void)later.active();
  if (byte == 's') (void)reactor.statistics();
  console::print("called\n");
}

}  // namespace

int main() {
  static bobbin::mps2::LwipBoard board;
  static Reactor reactor(board);
  static bobbin::DelayedCall later;
  const auto made = reactor.call_later(std::chrono::hours(1), [] {});
  if (!made) return 1;
  later = *made;
  console::on_input([](void*) { call(reactor, later); }, nullptr);
  console::print("ready\n");
  return reactor.run() ? 1 : 0;
}
