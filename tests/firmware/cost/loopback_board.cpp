// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "loopback_board.hpp"

#include <bobbin/mps2/board.hpp>
#include <bobbin/mps2/console.hpp>

#include <lwip/init.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>
#include <lwip/sys.h>

namespace cost {

namespace {

namespace mps2 = bobbin::mps2;

// Packets lie one behind the other, each in one piece as the loopback interface makes them.
pbuf* take_packet(netif& loop) {
  pbuf* const packet = loop.loop_first;
  loop.loop_first = packet->next;
  if (loop.loop_first == nullptr) loop.loop_last = nullptr;
  --loop.loop_cnt_current;
  packet->next = nullptr;
  return packet;
}

}  // namespace

LoopbackBoard::LoopbackBoard() { lwip_init(); }

bobbin::Instant LoopbackBoard::now() {
  return bobbin::Instant(bobbin::Duration(static_cast<std::int64_t>(mps2::now_us())));
}

LoopbackBoard::Input LoopbackBoard::poll_input() {
  netif& loop = *netif_list;
  for (u16_t arrived = loop.loop_cnt_current; arrived > 0; --arrived) {
    pbuf* const packet = take_packet(loop);
    packet->if_idx = netif_get_index(&loop);
    if (loop.input(packet, &loop) != ERR_OK) pbuf_free(packet);
  }
  return Input::drained;
}

void LoopbackBoard::sleep_until(bobbin::Instant deadline) {
  if (under_way()) return;
  mps2::sleep_until_us(static_cast<std::uint64_t>(deadline.time_since_epoch().count()));
}

bool LoopbackBoard::under_way() const { return netif_list->loop_first != nullptr; }

}  // namespace cost

extern "C" {

u32_t sys_now() { return bobbin::whole_milliseconds(bobbin::mps2::now_us()); }

void bobbin_lwip_assert(const char* message, int line) {
  bobbin::mps2::console::print("\nlwIP: assertion on line ", line, " ", message, "\n");
  bobbin::mps2::exit(1);
}

std::uint32_t bobbin_lwip_random() { return bobbin::mps2::random(); }

}  // extern "C"
