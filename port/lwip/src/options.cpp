// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "options.hpp"

#include <lwip/memp.h>
#include <lwip/pbuf.h>
#include <lwip/tcp.h>

#include "acceptor.hpp"
#include "channel.hpp"
#include "datagram_channel.hpp"

// What the port takes for granted of lwipopts.h.

// lwIP would find out when the last of its timers starts, which may be in the field. Its sum names
// what only the preprocessor takes for 0.
#if MEMP_NUM_SYS_TIMEOUT < LWIP_NUM_SYS_TIMEOUT_INTERNAL
#error "bobbin: raise MEMP_NUM_SYS_TIMEOUT to LWIP_NUM_SYS_TIMEOUT_INTERNAL or more"
#endif

namespace bobbin {

static_assert(NO_SYS || LWIP_TCPIP_CORE_LOCKING,
              "bobbin: the reactor holds lwIP's core lock; set LWIP_TCPIP_CORE_LOCKING to 1");
static_assert(LWIP_TIMERS, "bobbin: lwIP needs its timers; set LWIP_TIMERS to 1");
static_assert(LWIP_TCP, "bobbin: set LWIP_TCP to 1");
static_assert(LWIP_UDP, "bobbin: set LWIP_UDP to 1");
static_assert(LWIP_TCP_KEEPALIVE, "bobbin: set LWIP_TCP_KEEPALIVE to 1");
static_assert(LWIP_CALLBACK_API, "bobbin: set LWIP_CALLBACK_API to 1");
static_assert(TCP_LISTEN_BACKLOG, "bobbin: set TCP_LISTEN_BACKLOG to 1");
static_assert(!LWIP_NETIF_TX_SINGLE_PBUF,
              "bobbin: nothing is copied on its way out; set LWIP_NETIF_TX_SINGLE_PBUF to 0");
static_assert(LWIP_TCP_PCB_NUM_EXT_ARGS >= 1,
              "bobbin: LWIP_TCP_PCB_NUM_EXT_ARGS must be at least 1; bobbin uses the last");
static_assert(options::backlog >= 1, "bobbin: BOBBIN_LWIP_BACKLOG must be at least 1");
static_assert(options::connections >= 1, "bobbin: BOBBIN_LWIP_CONNECTIONS must be at least 1");
static_assert(options::waiting_places <= 255,
              "bobbin: BOBBIN_LWIP_CONNECTIONS + BOBBIN_LWIP_BACKLOG must be at most 255");
static_assert(MEMP_NUM_TCP_PCB >= options::waiting_places,
              "bobbin: MEMP_NUM_TCP_PCB must be at least BOBBIN_LWIP_CONNECTIONS + "
              "BOBBIN_LWIP_BACKLOG");
static_assert(MEMP_NUM_TCP_PCB_LISTEN >= 1, "bobbin: MEMP_NUM_TCP_PCB_LISTEN must be at least 1");
static_assert(TCP_SND_QUEUELEN >= 3,
              "bobbin: a segment at the ring's end takes three pbufs; raise TCP_SND_QUEUELEN");
static_assert(MEMP_NUM_PBUF >= 2,
              "bobbin: a segment at the ring's end takes two of MEMP_NUM_PBUF; raise it");
static_assert(TCP_WND >= 2 * TCP_MSS, "bobbin: TCP_WND must be at least 2 * TCP_MSS");
static_assert(TCP_WND <= 0xffff,
              "bobbin: what a connection keeps unread is one pbuf chain, whose length has 16 bits; "
              "TCP_WND must be at most 65535");
static_assert(options::datagrams >= 1, "bobbin: BOBBIN_LWIP_DATAGRAMS must be at least 1");
static_assert(options::datagrams <= 255, "bobbin: BOBBIN_LWIP_DATAGRAMS must be at most 255");
static_assert(options::groups <= 255, "bobbin: BOBBIN_LWIP_GROUPS must be at most 255");
static_assert(sizeof(LwipDatagramChannel) <= config::datagram_channel_bytes,
              "bobbin: an lwIP datagram channel does not fit; raise BOBBIN_DATAGRAM_CHANNEL_BYTES, "
              "or lower BOBBIN_LWIP_DATAGRAMS or BOBBIN_LWIP_GROUPS");
static_assert(sizeof(LwipChannel) <= config::channel_bytes,
              "bobbin: an lwIP channel does not fit; raise BOBBIN_CHANNEL_BYTES");
static_assert(sizeof(LwipAcceptor) <= config::acceptor_bytes,
              "bobbin: an lwIP acceptor does not fit; raise BOBBIN_ACCEPTOR_BYTES");

}  // namespace bobbin
