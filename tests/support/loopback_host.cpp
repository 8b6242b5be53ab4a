// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "loopback_host.hpp"

#include <cstdio>
#include <cstdlib>
#include <random>

#include <lwip/init.h>
#include <lwip/ip.h>
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
  netif wire{};
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

#if BOBBIN_LWIP_GROUPS > 0
#if LWIP_IPV4
err_t lose_ip4(netif*, pbuf*, const ip4_addr_t*) { return ERR_OK; }
#endif
#if LWIP_IPV6
err_t lose_ip6(netif*, pbuf*, const ip6_addr_t*) { return ERR_OK; }
#endif

err_t set_up_wire(netif* wire) {
  wire->name[0] = 'w';
  wire->name[1] = 'r';
  wire->mtu = 1500;
  wire->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
#if LWIP_IPV4
  wire->output = lose_ip4;
#endif
#if LWIP_IPV6
  wire->output_ip6 = lose_ip6;
#endif
  return ERR_OK;
}

void add_wire(netif& wire) {
  const bobbin::Address::Ip4 own = bobbin::test::LoopbackHost::wire_ip4;
  ip4_addr_t address;
  ip4_addr_t mask;
  ip4_addr_t gateway;
  IP4_ADDR(&address, own[0], own[1], own[2], own[3]);
  IP4_ADDR(&mask, 255, 255, 255, 0);
  IP4_ADDR(&gateway, 0, 0, 0, 0);
  netif_add(&wire, &address, &mask, &gateway, nullptr, set_up_wire, ip_input);
#if LWIP_IPV6
  ip6_addr_t local;
  IP6_ADDR(&local, PP_HTONL(0xfe80'0000), 0, 0, PP_HTONL(1));
  ip6_addr_assign_zone(&local, IP6_UNICAST, &wire);
  netif_ip6_addr_set(&wire, 0, &local);
  netif_ip6_addr_set_state(&wire, 0, IP6_ADDR_PREFERRED);
#endif
  netif_set_default(&wire);
  netif_set_link_up(&wire);
  netif_set_up(&wire);
}
#else
void add_wire(netif&) {}
#endif

// False when as many as one poll may take were taken.
bool poll(netif& interface, bool cut) {
  for (int count = 0; count < packets_in_one_poll; ++count) {
    pbuf* const packet = take_packet(interface);
    if (packet == nullptr) return true;
    packet->if_idx = netif_get_index(&interface);
    if (cut || interface.input(packet, &interface) != ERR_OK) pbuf_free(packet);
  }
  return false;
}

bool has_packets() {
  return world().loop->loop_first != nullptr || world().wire.loop_first != nullptr;
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
  add_wire(world().wire);
}

Instant LoopbackHost::now() { return Instant(Duration(static_cast<std::int64_t>(world().now_us))); }

LwipHost::Input LoopbackHost::poll_input() {
  if (starved_ && has_packets()) return Input::starved;
  const bool loop_drained = poll(*world().loop, cut_);
  const bool wire_drained = poll(world().wire, cut_);
  return loop_drained && wire_drained ? Input::drained : Input::more;
}

void LoopbackHost::sleep_until(Instant deadline) {
  ++sleeps_;
  // What lwIP's timers sent has arrived as if a frame had come in.
  const bool input = has_packets() && !starved_;
  if (!woken_ && !input) {
    if (deadline == never) fail("LoopbackHost: nothing will ever end this sleep");
    if (deadline > now()) advance(deadline - now());
  }
  woken_ = false;
}

void LoopbackHost::unplug(bool is_out) {
  cut(is_out);
  if (is_out) {
    netif_set_link_down(world().loop);
  } else {
    netif_set_link_up(world().loop);
  }
}

void LoopbackHost::advance(Duration length) {
  world().now_us += static_cast<std::uint64_t>(length.count());
}

std::uint32_t LoopbackHost::wire_scope() {
  const LoopbackHost initialized;
  return netif_get_index(&world().wire);
}

void LoopbackHost::seed(std::uint64_t seed) { world().numbers.seed(seed); }

}  // namespace bobbin::test
