// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// An echo, while two timers' interrupts post calls, each 10,000 times a second. The second
// interrupts the first, in the middle of its posting too. The calls of each are numbered; on the
// console `s` stops the timers and `r` reports what became of them, and how long the timers ran.

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

// The timers of the boards AN385, AN386 and AN500 count down at 25 MHz.
struct Timer {
  std::uintptr_t base;
  unsigned irq;
  std::uint8_t priority;  // the lower number comes first
  std::uint32_t ticks;

  volatile std::uint32_t& control() const { return register_at(base); }
  volatile std::uint32_t& reload() const { return register_at(base + 0x8); }
  volatile std::uint32_t& clear() const { return register_at(base + 0xC); }
};
constexpr std::uint32_t run_with_interrupt = 0b1001;

// Not quite equal, so that each moment of the first is hit by the second some time.
constexpr Timer timers[] = {
    {.base = 0x4000'0000, .irq = 8, .priority = 0x80, .ticks = 2'500},
    {.base = 0x4000'1000, .irq = 9, .priority = 0x40, .ticks = 2'501},
};

constexpr bobbin::ConnectionSizes sizes{.connections = 8, .receive = 1460, .send = 4 * 1460};
using Reactor = bobbin::LwipReactor<bobbin::ReactorSizes{.posted_calls = 64}>;

// What an interrupt and the reactor each write down; nobody reads what the other writes meanwhile.
struct Posted {
  std::uint32_t posted = 0;
  std::uint32_t refused = 0;
  std::uint32_t outside = 0;  // of an interrupt, by what the board says
};
struct Run {
  std::uint32_t count = 0;
  std::uint32_t out_of_order = 0;
  std::uint32_t inside = 0;  // of an interrupt
};

// One of the two who post.
struct Poster {
  Posted posted;
  Run ran;
};

// When the timers were started and stopped, by the board's clock.
struct Timed {
  std::uint64_t begin_us = 0;
  std::uint64_t end_us = 0;  // 0: they still run
};

Reactor* the_reactor = nullptr;
Poster posters[2];
Timed timed;

// How often the second came while the first was at it.
volatile bool first_posts = false;
std::uint32_t nested = 0;

void run(Run& ran, std::uint32_t number) {
  if (number != ran.count) ++ran.out_of_order;
  if (mps2::in_interrupt()) ++ran.inside;
  ++ran.count;
}

void post(Poster& poster) {
  Posted& posted = poster.posted;
  if (!mps2::in_interrupt()) ++posted.outside;
  if (the_reactor->call_from_isr([&poster, number = posted.posted] { run(poster.ran, number); })) {
    ++posted.posted;
  } else {
    ++posted.refused;
  }
}

void on_first_timer() {
  timers[0].clear() = 1;
  first_posts = true;
  post(posters[0]);
  first_posts = false;
}

void on_second_timer() {
  timers[1].clear() = 1;
  if (first_posts) ++nested;
  post(posters[1]);
}

// The board's vectors are in flash and know nothing of the timers.
void take_timer_interrupts() {
  constexpr std::uintptr_t vector_table = 0xE000'ED08;
  constexpr std::uintptr_t irq_enable = 0xE000'E100;
  constexpr std::uintptr_t irq_priority = 0xE000'E400;
  constexpr std::size_t core_vectors = 16;
  constexpr std::size_t vectors = core_vectors + 32;
  alignas(256) static std::uintptr_t copy[vectors];
  const auto* const from =
      reinterpret_cast<const std::uintptr_t*>(std::uintptr_t{register_at(vector_table)});
  std::copy_n(from, vectors, copy);
  copy[core_vectors + timers[0].irq] = reinterpret_cast<std::uintptr_t>(&on_first_timer);
  copy[core_vectors + timers[1].irq] = reinterpret_cast<std::uintptr_t>(&on_second_timer);
  register_at(vector_table) = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(copy));
  for (const Timer& timer : timers) {
    *reinterpret_cast<volatile std::uint8_t*>(irq_priority + timer.irq) = timer.priority;
    register_at(irq_enable) = 1U << timer.irq;
  }
}

void start_timers() {
  timed.begin_us = mps2::now_us();
  for (const Timer& timer : timers) {
    timer.reload() = timer.ticks - 1;
    timer.control() = run_with_interrupt;
  }
}

void stop_timers() {
  for (const Timer& timer : timers) timer.control() = 0;
  timed.end_us = mps2::now_us();
}

void obey(int byte) {
  if (byte == 's') stop_timers();
  if (byte != 'r') return;
  const std::uint64_t end_us = timed.end_us == 0 ? mps2::now_us() : timed.end_us;
  for (const auto& [posted, ran] : posters) {
    mps2::console::print("posted ", posted.posted, " refused ", posted.refused, " ran ", ran.count,
                         " out of order ", ran.out_of_order, " wrong context ",
                         posted.outside + ran.inside, "\n");
  }
  mps2::console::print("nested ", nested, " microseconds ",
                       static_cast<std::uint32_t>(end_us - timed.begin_us), "\n");
}

void read_console() {
  for (int byte = mps2::console::read_byte(); byte >= 0; byte = mps2::console::read_byte()) {
    obey(byte);
  }
}

// Standing, as there may be no place for one more call.
void on_console_input(void* reading) {
  the_reactor->call_from_thread(*static_cast<bobbin::StandingCall*>(reading));
}

}  // namespace

int main() {
  static mps2::LwipBoard board;
  static Reactor reactor(board);
  static EchoServer<sizes> server;
  if (reactor.listen_tcp(bobbin::Address::any(7), server)) return 1;
  the_reactor = &reactor;
  static bobbin::StandingCall reading(read_console);
  mps2::console::on_input(on_console_input, &reading);
  take_timer_interrupts();
  start_timers();
  mps2::console::print("posting\n");
  return reactor.run() ? 1 : 0;
}
