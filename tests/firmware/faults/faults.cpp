// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Breaks in the way that the console's byte says, for the board's report of it.

#include <cstdint>

#include <bobbin/mps2/board.hpp>
#include <bobbin/mps2/console.hpp>

namespace {

namespace mps2 = bobbin::mps2;

// Volatile, so that the compiler does not see what is wrong.
volatile int one = 1;
volatile int zero = 0;
volatile std::uintptr_t nowhere = 0x9000'0000;

int overflow_the_stack(int depth) {
  volatile char space[100];
  space[0] = static_cast<char>(depth);
  return overflow_the_stack(depth + 1) + space[0];
}

void write_to_nowhere() { *reinterpret_cast<volatile int*>(std::uintptr_t{nowhere}) = 1; }

}  // namespace

int main() {
  mps2::console::print("which fault?\n");
  for (;;) {
    switch (mps2::console::read_byte()) {
      case 's': return overflow_the_stack(0);
      case 'd': return one / zero;
      case 'w': write_to_nowhere(); return 0;
      case -1: mps2::sleep_until_us(mps2::no_deadline); break;
      default: return 0;
    }
  }
}
