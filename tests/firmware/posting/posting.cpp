// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// An echo, while a timer's interrupt posts a call 10,000 times a second. The calls are numbered; on
// the console `s` stops the timer and `r` reports what became of them, and how long the timer ran.

#include <algorithm>
#include <cstdint>

#include <bobbin/lwip.hpp>
#include <bobbin/mps2/board.hpp>
#include <bobbin/mps2/console.hpp>
#include <bobbin/mps2/lwip_board.hpp>

#include "echo/echo.hpp"

namespace {

namespace mps2 = bobbin::mps2;

volatile std::uint32_t& register_at(std::uintptr_t address) {
  return *reinterpret_cast<volatile std::uint32_t*>(address);
}

// TIMER0 of the boards AN385, AN386 and AN500 counts down at 25 MHz.
namespace timer {

constexpr std::uintptr_t control = 0x4000'0000;
constexpr std::uintptr_t reload = 0x4000'0008;
constexpr std::uintptr_t clear = 0x4000'000C;
constexpr unsigned irq = 8;
constexpr std::uint32_t run_with_interrupt = 0b1001;
constexpr std::uint32_t ticks = 25'000'000 / 10'000;

}  // namespace timer

constexpr bobbin::ConnectionSizes sizes{.connections = 8, .receive = 1460, .send = 4 * 1460};
using Reactor = bobbin::LwipReactor<bobbin::ReactorSizes{.posted_calls = 64}>;

// What the interrupt and the reactor each write down; nobody reads what the other writes meanwhile.
struct Posted {
  Reactor* reactor = nullptr;
  std::uint32_t posted = 0;
  std::uint32_t refused = 0;
  std::uint32_t outside = 0;  // of an interrupt, by what the board says
};
struct Run {
  std::uint32_t count = 0;
  std::uint32_t out_of_order = 0;
  std::uint32_t inside = 0;  // of an interrupt
};

// When the timer was started and stopped, by the board's clock.
struct Timed {
  std::uint64_t begin_us = 0;
  std::uint64_t end_us = 0;  // 0: it still runs
};

Posted posted;
Run ran;
Timed timed;

void run(std::uint32_t number) {
  if (number != ran.count) ++ran.out_of_order;
  if (mps2::in_interrupt()) ++ran.inside;
  ++ran.count;
}

void on_timer() {
  register_at(timer::clear) = 1;
  if (!mps2::in_interrupt()) ++posted.outside;
  if (posted.reactor->call_from_isr([number = posted.posted] { run(number); })) {
    ++posted.posted;
  } else {
    ++posted.refused;
  }
}

// The board's vectors are in flash and know nothing of the timer.
void take_timer_interrupt() {
  constexpr std::uintptr_t vector_table = 0xE000'ED08;
  constexpr std::uintptr_t irq_enable = 0xE000'E100;
  constexpr std::size_t core_vectors = 16;
  constexpr std::size_t vectors = core_vectors + 32;
  alignas(256) static std::uintptr_t copy[vectors];
  const auto* const from =
      reinterpret_cast<const std::uintptr_t*>(std::uintptr_t{register_at(vector_table)});
  std::copy_n(from, vectors, copy);
  copy[core_vectors + timer::irq] = reinterpret_cast<std::uintptr_t>(&on_timer);
  register_at(vector_table) = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(copy));
  register_at(irq_enable) = 1U << timer::irq;
}

void start_timer() {
  timed.begin_us = mps2::now_us();
  register_at(timer::reload) = timer::ticks - 1;
  register_at(timer::control) = timer::run_with_interrupt;
}

void stop_timer() {
  register_at(timer::control) = 0;
  timed.end_us = mps2::now_us();
}

void obey(int byte) {
  if (byte == 's') stop_timer();
  if (byte != 'r') return;
  const std::uint64_t end_us = timed.end_us == 0 ? mps2::now_us() : timed.end_us;
  mps2::console::print("posted ", posted.posted, " refused ", posted.refused, " ran ", ran.count,
                       " out of order ", ran.out_of_order, " wrong context ",
                       posted.outside + ran.inside, " microseconds ",
                       static_cast<std::uint32_t>(end_us - timed.begin_us), "\n");
}

void read_console(void*) {
  (void)posted.reactor->call_from_isr([] {
    for (int byte = mps2::console::read_byte(); byte >= 0; byte = mps2::console::read_byte()) {
      obey(byte);
    }
  });
}

}  // namespace

int main() {
  static mps2::LwipBoard board;
  static Reactor reactor(board);
  static EchoServer<sizes> server;
  if (reactor.listen_tcp(bobbin::Address::any(7), server)) return 1;
  posted.reactor = &reactor;
  mps2::console::on_input(read_console, nullptr);
  take_timer_interrupt();
  start_timer();
  mps2::console::print("posting\n");
  return reactor.run() ? 1 : 0;
}
