// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "loopback_host.hpp"

#include <cstdio>
#include <cstdlib>
#include <random>

#include <lwip/init.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>
#include <lwip/sys.h>

namespace {

// lwIP's milliseconds wrap a minute after the start, so that every test program sees it.
constexpr std::uint64_t start_us = (0x1'0000'0000 - 60'000) * 1000;

struct World {
  std::uint64_t now_us = start_us;
  std::mt19937_64 numbers{1};
  netif* loop = nullptr;
};

World& world() {
  static World only;
  return only;
}

[[noreturn]] void fail(const char* message) {
  std::fprintf(stderr, "%s\n", message);
  std::abort();
}

// As many as an Ethernet chip may hold.
constexpr int packets_in_one_poll = 16;

// Packets lie one behind the other, each in one piece as the loopback interface makes them.
pbuf* take_packet(netif& loop) {
  pbuf* const packet = loop.loop_first;
  if (packet == nullptr) return nullptr;
  loop.loop_first = packet->next;
  if (loop.loop_first == nullptr) loop.loop_last = nullptr;
#if LWIP_LOOPBACK_MAX_PBUFS
  --loop.loop_cnt_current;
#endif
  packet->next = nullptr;
  return packet;
}

}  // namespace

extern "C" {

void bobbin_lwip_assert(const char* message, int) { fail(message); }

std::uint32_t bobbin_lwip_random() { return static_cast<std::uint32_t>(world().numbers()); }

u32_t sys_now() { return bobbin::whole_milliseconds(world().now_us); }

}  // extern "C"

namespace bobbin::test {

LoopbackHost::LoopbackHost() {
  if (world().loop != nullptr) return;
  lwip_init();
  world().loop = netif_list;
}

Instant LoopbackHost::now() { return Instant(Duration(static_cast<std::int64_t>(world().now_us))); }

LwipHost::Input LoopbackHost::poll_input() {
  netif& loop = *world().loop;
  if (starved_ && loop.loop_first != nullptr) return Input::starved;
  for (int count = 0; count < packets_in_one_poll; ++count) {
    pbuf* const packet = take_packet(loop);
    if (packet == nullptr) return Input::drained;
    packet->if_idx = netif_get_index(&loop);
    if (cut_ || loop.input(packet, &loop) != ERR_OK) pbuf_free(packet);
  }
  return Input::more;
}

void LoopbackHost::sleep_until(Instant deadline) {
  ++sleeps_;
  // What lwIP's timers sent has arrived as if a frame had come in.
  const bool input = world().loop->loop_first != nullptr && !starved_;
  if (!woken_ && !input) {
    if (deadline == never) fail("LoopbackHost: nothing will ever end this sleep");
    if (deadline > now()) advance(deadline - now());
  }
  woken_ = false;
}

void LoopbackHost::advance(Duration length) {
  world().now_us += static_cast<std::uint64_t>(length.count());
}

void LoopbackHost::seed(std::uint64_t seed) { world().numbers.seed(seed); }

}  // namespace bobbin::test
