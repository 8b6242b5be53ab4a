// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "bobbin/mps2/lwip_board.hpp"

#include <lwip/init.h>
#include <lwip/sys.h>

#include "bobbin/mps2/board.hpp"
#include "bobbin/mps2/console.hpp"

namespace bobbin::mps2 {

LwipBoard::LwipBoard(const Ipv4Settings& settings) {
  lwip_init();
  if (ethernet_.add(settings)) return;
  console::print("Ethernet: the LAN9118 does not answer\n");
  exit(1);
}

Instant LwipBoard::now() { return Instant(Duration(static_cast<std::int64_t>(now_us()))); }

LwipHost::Input LwipBoard::poll_input() {
  switch (ethernet_.poll()) {
    case Receive::drained: return Input::drained;
    case Receive::more: return Input::more;
    case Receive::starved: return Input::starved;
  }
  return Input::drained;
}

void LwipBoard::sleep_until(Instant deadline) {
  sleep_until_us(static_cast<std::uint64_t>(deadline.time_since_epoch().count()));
}

void LwipBoard::wake() { mps2::wake(); }

}  // namespace bobbin::mps2

extern "C" u32_t sys_now() { return bobbin::whole_milliseconds(bobbin::mps2::now_us()); }
