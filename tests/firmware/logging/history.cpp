// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// A history that outlives resets. It is told at each start; on the console `l` logs an event, `r`
// resets the machine, `a` fails an assertion, `w` lets the last words fail too, `q` ends.

#include <cstdint>

#include <bobbin/log.hpp>
#include <bobbin/mps2/board.hpp>
#include <bobbin/mps2/console.hpp>

namespace {

namespace mps2 = bobbin::mps2;
namespace console = bobbin::mps2::console;

struct Kept {
  bobbin::HistoryStorage<160> lines;
  std::uint32_t events;
};

BOBBIN_NOINIT Kept kept;
bool speechless = false;

[[noreturn]] void reset() {
  constexpr std::uintptr_t interrupt_and_reset_control = 0xE000'ED0C;
  constexpr std::uint32_t key = 0x05FA'0000;
  constexpr std::uint32_t system_reset_request = 1U << 2;
  asm volatile("dsb" ::: "memory");
  *reinterpret_cast<volatile std::uint32_t*>(interrupt_and_reset_control) =
      key | system_reset_request;
  for (;;) {
  }
}

void tell(const bobbin::LogHistory& history) {
  const bobbin::TwoSpans content = history.content();
  console::print("lost ", history.lost(), "\n", bobbin::text_of(content.first),
                 bobbin::text_of(content.second));
}

bobbin::LogHistory& history() {
  static bobbin::LogHistory lines(kept.lines);
  return lines;
}

}  // namespace

void bobbin_last_words() {
  console::print("last words\n");
  BOBBIN_ASSERT(!speechless);
  tell(history());
}

int main() {
  static bobbin::ManualClock<1> clock;
  static bobbin::LogPublisher publisher(clock);
  static bobbin::TextLog<64> lines(history().sink());
  publisher.add(lines);
  const bobbin::Logger log(publisher, "history");
  if (!history().recovered()) kept.events = 0;
  console::print(history().recovered() ? "recovered\n" : "begun\n");
  tell(history());
  console::print("ready\n");
  for (;;) {
    switch (console::read_byte()) {
      case 'l': log.info("event {number}", kept.events++); break;
      case 'r': reset();
      case 'w': speechless = true; [[fallthrough]];
      case 'a': BOBBIN_ASSERT(speechless && !speechless); break;
      case 'q': return 0;
      case -1: mps2::sleep_until_us(mps2::no_deadline); break;
      default: break;
    }
  }
}
