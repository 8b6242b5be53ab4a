// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "lwip_thread.hpp"

#include <lwip/ip.h>
#include <lwip/netif.h>
#include <lwip/sys.h>
#include <lwip/tcpip.h>

#include "virtual_time.hpp"

namespace bobbin::test {

namespace {

constexpr std::uint16_t discard_port = 9;

err_t lose(netif*, pbuf*, const ip4_addr_t*) { return ERR_OK; }

err_t set_up_wire(netif* wire) {
  wire->name[0] = 'w';
  wire->name[1] = 'r';
  wire->mtu = 1500;
  wire->flags = NETIF_FLAG_BROADCAST;
  wire->output = lose;
  return ERR_OK;
}

void add_wire() {
  static netif wire;
  ip4_addr_t address;
  ip4_addr_t mask;
  ip4_addr_t gateway;
  IP4_ADDR(&address, 10, 0, 0, 1);
  IP4_ADDR(&mask, 255, 255, 255, 0);
  IP4_ADDR(&gateway, 0, 0, 0, 0);
  netif_add(&wire, &address, &mask, &gateway, nullptr, set_up_wire, tcpip_input);
  netif_set_link_up(&wire);
  netif_set_up(&wire);
}

void started(void* semaphore) {
  // For broadcasts, which would lead nowhere otherwise.
  netif_set_default(netif_list);
  add_wire();
  sys_sem_signal(static_cast<sys_sem_t*>(semaphore));
}

}  // namespace

void start_lwip_thread() {
  static bool has_started = false;
  if (has_started) return;
  has_started = true;
  VirtualTime::only().join();
  sys_sem_t done;
  sys_sem_new(&done, 0);
  tcpip_init(started, &done);
  sys_arch_sem_wait(&done, 0);
  sys_sem_free(&done);
}

Address silent_address() { return Address::ip4({10, 0, 0, 2}, discard_port); }

CoreLocked::CoreLocked() {
  start_lwip_thread();
  LOCK_TCPIP_CORE();
}

CoreLocked::~CoreLocked() { UNLOCK_TCPIP_CORE(); }

}  // namespace bobbin::test
