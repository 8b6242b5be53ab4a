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

// Stages a Deferred has by itself; one that needs more names their number, `Deferred<T, 8>`. Range:
// 1 to 32. Costs as much as a callback each, in each Deferred.
#ifndef BOBBIN_DEFERRED_STAGES
#define BOBBIN_DEFERRED_STAGES 4
#endif

// Bytes of the largest value that passes through a Deferred. Range: four pointers to 256. Costs
// this much in each Deferred.
#ifndef BOBBIN_DEFERRED_VALUE_BYTES
#define BOBBIN_DEFERRED_VALUE_BYTES (4 * sizeof(void*))
#endif

// Bytes reserved in each connection for the port's own state. Every port checks at compile time
// that it fits. A socket on a host needs one pointer more than lwIP.
#ifndef BOBBIN_CHANNEL_BYTES
#ifdef __unix__
#define BOBBIN_CHANNEL_BYTES (16 + 6 * sizeof(void*))
#else
#define BOBBIN_CHANNEL_BYTES (7 * sizeof(void*))
#endif
#endif

// Bytes reserved in each listening port for the port's own state, as for channels. lwIP's takes
// five pointers, however many wait; the memory port's has an address in it.
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

// The lowest level of events that are compiled at all: 0 debug, 1 info, 2 warn, 3 error, 4
// critical, 5 none. What is below costs no flash: neither its text nor the making of its values.
#ifndef BOBBIN_LOG_LEVEL
#define BOBBIN_LOG_LEVEL 0
#endif

// Whether reactors may have one place for the input of all connections, so that what a protocol
// uses at once never touches a receive buffer. Worth it where sockets are read; costs 300 bytes of
// flash.
#ifndef BOBBIN_SHARED_INPUT
#ifdef __unix__
#define BOBBIN_SHARED_INPUT 1
#else
#define BOBBIN_SHARED_INPUT 0
#endif
#endif

// Whether a clock can have somebody look after each of its events, as a simulation does. Costs a
// pointer in each clock and two instructions for each event.
#ifndef BOBBIN_EVENT_LOOKS
#ifdef __unix__
#define BOBBIN_EVENT_LOOKS 1
#else
#define BOBBIN_EVENT_LOOKS 0
#endif
#endif

// Longest path, or abstract name, of a Unix-domain socket in an Address; 0 leaves the family out.
// Costs this much in every Address, which live on the stack.
#ifndef BOBBIN_UNIX_PATH_BYTES
#ifdef __unix__
#define BOBBIN_UNIX_PATH_BYTES 107
#else
#define BOBBIN_UNIX_PATH_BYTES 0
#endif
#endif

namespace bobbin::config {

inline constexpr std::size_t callback_bytes = BOBBIN_CALLBACK_BYTES;
inline constexpr std::size_t deferred_stages = BOBBIN_DEFERRED_STAGES;
inline constexpr std::size_t deferred_value_bytes = BOBBIN_DEFERRED_VALUE_BYTES;
inline constexpr std::size_t channel_bytes = BOBBIN_CHANNEL_BYTES;
inline constexpr std::size_t acceptor_bytes = BOBBIN_ACCEPTOR_BYTES;
inline constexpr std::size_t datagram_channel_bytes = BOBBIN_DATAGRAM_CHANNEL_BYTES;
inline constexpr bool shared_input = BOBBIN_SHARED_INPUT != 0;
inline constexpr int keepalive_idle_s = BOBBIN_KEEPALIVE_IDLE_S;
inline constexpr int keepalive_interval_s = BOBBIN_KEEPALIVE_INTERVAL_S;
inline constexpr int keepalive_count = BOBBIN_KEEPALIVE_COUNT;
inline constexpr int log_level = BOBBIN_LOG_LEVEL;
inline constexpr std::size_t unix_path_bytes = BOBBIN_UNIX_PATH_BYTES;

static_assert(callback_bytes >= sizeof(void*) && callback_bytes <= 256,
              "bobbin: BOBBIN_CALLBACK_BYTES must lie between one pointer and 256");
static_assert(deferred_stages >= 1 && deferred_stages <= 32,
              "bobbin: BOBBIN_DEFERRED_STAGES must lie between 1 and 32");
static_assert(deferred_value_bytes >= 4 * sizeof(void*) && deferred_value_bytes <= 256,
              "bobbin: BOBBIN_DEFERRED_VALUE_BYTES must lie between four pointers and 256");
static_assert(keepalive_idle_s >= 1 && keepalive_idle_s <= 32767,
              "bobbin: BOBBIN_KEEPALIVE_IDLE_S must lie between 1 and 32767");
static_assert(keepalive_interval_s >= 1 && keepalive_interval_s <= 32767,
              "bobbin: BOBBIN_KEEPALIVE_INTERVAL_S must lie between 1 and 32767");
static_assert(keepalive_count >= 1 && keepalive_count <= 127,
              "bobbin: BOBBIN_KEEPALIVE_COUNT must lie between 1 and 127");
static_assert(log_level >= 0 && log_level <= 5,
              "bobbin: BOBBIN_LOG_LEVEL must lie between 0 and 5");
static_assert(unix_path_bytes <= 107, "bobbin: BOBBIN_UNIX_PATH_BYTES is at most 107");

}  // namespace bobbin::config
