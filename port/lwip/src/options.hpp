// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>

#include <lwip/opt.h>

// For a lwipopts.h that is not ours, see there: connections of one listener which find no free
// connection and wait, and connections that are open.
#ifndef BOBBIN_LWIP_BACKLOG
#define BOBBIN_LWIP_BACKLOG 4
#endif
#ifndef BOBBIN_LWIP_CONNECTIONS
#define BOBBIN_LWIP_CONNECTIONS (MEMP_NUM_TCP_PCB - BOBBIN_LWIP_BACKLOG)
#endif

// Datagrams that wait in one UDP port, their pbufs, and groups joined.
#ifndef BOBBIN_LWIP_DATAGRAMS
#define BOBBIN_LWIP_DATAGRAMS 4
#endif
#ifndef BOBBIN_LWIP_DATAGRAM_PBUFS
#define BOBBIN_LWIP_DATAGRAM_PBUFS (3 * BOBBIN_LWIP_DATAGRAMS)
#endif
#ifndef BOBBIN_LWIP_GROUPS
#define BOBBIN_LWIP_GROUPS 0
#endif

namespace bobbin::options {

// It runs its timers and takes its input; else the reactor does.
inline constexpr bool lwip_has_thread = !NO_SYS;

inline constexpr std::size_t backlog = BOBBIN_LWIP_BACKLOG;
inline constexpr std::size_t connections = BOBBIN_LWIP_CONNECTIONS;

// A listener's clients who are in their handshake, or finished it and were not accepted yet. Beside
// the backlog these may be as many as there are free connections, when they come all at once.
inline constexpr std::size_t waiting_places = connections + backlog;

// Received pbufs a connection may keep unread: a window of full segments, each in a frame with its
// headers, in the pool's buffers.
inline constexpr std::size_t segment_pbufs =
    (TCP_MSS + 60 + PBUF_POOL_BUFSIZE - 1) / PBUF_POOL_BUFSIZE;
inline constexpr std::size_t channel_pbufs = (TCP_WND + TCP_MSS - 1) / TCP_MSS * segment_pbufs;

inline constexpr std::size_t datagrams = BOBBIN_LWIP_DATAGRAMS;
inline constexpr std::size_t datagram_pbufs = BOBBIN_LWIP_DATAGRAM_PBUFS;
inline constexpr std::size_t groups = BOBBIN_LWIP_GROUPS;

}  // namespace bobbin::options
