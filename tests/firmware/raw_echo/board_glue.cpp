// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

#include "board_glue.h"

#include <lwip/sys.h>
#include <bobbin/mps2/board.hpp>
#include <bobbin/mps2/console.hpp>
#include <bobbin/mps2/ethernet.hpp>

namespace {

namespace mps2 = bobbin::mps2;

mps2::Ethernet ethernet;

}  // namespace

extern "C" {

void board_add_network() {
  if (!ethernet.add()) {
    mps2::console::print("no network\n");
    mps2::exit(1);
  }
  mps2::console::print("raw echo ready\n");
}

bool board_poll_network() { return ethernet.poll() != mps2::Receive::drained; }

void board_sleep(std::uint32_t duration) {
  mps2::sleep_until_us(mps2::now_us() + std::uint64_t{duration} * 1000);
}

u32_t sys_now() { return static_cast<u32_t>(mps2::now_us() / 1000); }

}  // extern "C"
