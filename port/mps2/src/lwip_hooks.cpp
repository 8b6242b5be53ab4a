// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// What port/lwip/config/arch/cc.h asks of a board.

#include <lwip/arch.h>

#include "bobbin/mps2/board.hpp"
#include "bobbin/mps2/console.hpp"

extern "C" {

void bobbin_lwip_assert(const char* message, int line) {
  bobbin::mps2::console::print("\nlwIP: assertion on line ", line, " ", message, "\n");
  bobbin::mps2::exit(1);
}

std::uint32_t bobbin_lwip_random() { return bobbin::mps2::random(); }

}  // extern "C"
