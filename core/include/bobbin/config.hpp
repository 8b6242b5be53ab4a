// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>

// Limits that are one for the whole program because objects of every module share them. Each can
// be overridden by defining the macro for all of the build; everything else that has a size takes
// it as a template argument where it is used.

// Bytes a callback's captures may take. Range: one pointer to 256. Costs this much RAM for each
// timer, posted call and trigger, used or not.
#ifndef BOBBIN_CALLBACK_BYTES
#define BOBBIN_CALLBACK_BYTES (3 * sizeof(void*))
#endif

// Bytes reserved in each connection for the port's own state. Every port checks at compile time
// that it fits.
#ifndef BOBBIN_CHANNEL_BYTES
#ifdef __unix__
#define BOBBIN_CHANNEL_BYTES (16 + 5 * sizeof(void*))
#else
#define BOBBIN_CHANNEL_BYTES (7 * sizeof(void*))
#endif
#endif

// Bytes reserved in each listening port for the port's own state, as for channels. lwIP's takes
// four pointers and one for each client that waits, see BOBBIN_LWIP_BACKLOG.
#ifndef BOBBIN_ACCEPTOR_BYTES
#define BOBBIN_ACCEPTOR_BYTES (24 * sizeof(void*))
#endif

// Bytes reserved in each UDP port for the port's own state, as for channels. lwIP's takes seven
// pointers, three for each datagram that waits (BOBBIN_LWIP_DATAGRAMS) and two for each group
// (BOBBIN_LWIP_GROUPS); with IPv6, more. The memory port's has an Address in it.
#ifndef BOBBIN_DATAGRAM_CHANNEL_BYTES
#ifdef __unix__
#define BOBBIN_DATAGRAM_CHANNEL_BYTES 192
#else
#define BOBBIN_DATAGRAM_CHANNEL_BYTES (24 * sizeof(void*))
#endif
#endif

// TCP's keep-alive, on every connection, without which a peer that vanished while nothing was sent
// would hold its connection for ever: after so many seconds of silence the peer is asked for a sign
// of life, then each interval again; so many unanswered end the connection with `timed_out`. Range:
// 1 to 32767 seconds, 1 to 127 questions. A peer is found gone within idle + count * interval.
#ifndef BOBBIN_KEEPALIVE_IDLE_S
#define BOBBIN_KEEPALIVE_IDLE_S 60
#endif
#ifndef BOBBIN_KEEPALIVE_INTERVAL_S
#define BOBBIN_KEEPALIVE_INTERVAL_S 15
#endif
#ifndef BOBBIN_KEEPALIVE_COUNT
#define BOBBIN_KEEPALIVE_COUNT 4
#endif

// Longest Unix-domain socket path in an Address; 0 leaves the family out. Costs this much in every
// Address, which live on the stack.
#ifndef BOBBIN_UNIX_PATH_BYTES
#ifdef __unix__
#define BOBBIN_UNIX_PATH_BYTES 107
#else
#define BOBBIN_UNIX_PATH_BYTES 0
#endif
#endif

namespace bobbin::config {

inline constexpr std::size_t callback_bytes = BOBBIN_CALLBACK_BYTES;
inline constexpr std::size_t channel_bytes = BOBBIN_CHANNEL_BYTES;
inline constexpr std::size_t acceptor_bytes = BOBBIN_ACCEPTOR_BYTES;
inline constexpr std::size_t datagram_channel_bytes = BOBBIN_DATAGRAM_CHANNEL_BYTES;
inline constexpr int keepalive_idle_s = BOBBIN_KEEPALIVE_IDLE_S;
inline constexpr int keepalive_interval_s = BOBBIN_KEEPALIVE_INTERVAL_S;
inline constexpr int keepalive_count = BOBBIN_KEEPALIVE_COUNT;
inline constexpr std::size_t unix_path_bytes = BOBBIN_UNIX_PATH_BYTES;

static_assert(callback_bytes >= sizeof(void*) && callback_bytes <= 256,
              "bobbin: BOBBIN_CALLBACK_BYTES must lie between one pointer and 256");
static_assert(keepalive_idle_s >= 1 && keepalive_idle_s <= 32767,
              "bobbin: BOBBIN_KEEPALIVE_IDLE_S must lie between 1 and 32767");
static_assert(keepalive_interval_s >= 1 && keepalive_interval_s <= 32767,
              "bobbin: BOBBIN_KEEPALIVE_INTERVAL_S must lie between 1 and 32767");
static_assert(keepalive_count >= 1 && keepalive_count <= 127,
              "bobbin: BOBBIN_KEEPALIVE_COUNT must lie between 1 and 127");
static_assert(unix_path_bytes <= 107, "bobbin: BOBBIN_UNIX_PATH_BYTES is at most 107");

}  // namespace bobbin::config
