// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

// lwIP's view of the compiler, as C and as C++. lwIP reaches the machine through three functions
// only, which the board (or a host test) must define; there are no defaults on purpose. The third
// is lwIP's own sys_now().

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A false assertion inside lwIP, on that line of one of its files. `message` lives forever; it is
// empty in builds for size, where the texts would cost 4 KiB of flash. Must not return.
void bobbin_lwip_assert(const char* message, int line) __attribute__((noreturn));

// 32 random bits for initial sequence numbers and local ports: as hard to guess as the board can.
uint32_t bobbin_lwip_random(void);

#ifdef __cplusplus
}
#endif

// lwIP numbers byte orders as compilers do.
#ifndef BYTE_ORDER
#define BYTE_ORDER __BYTE_ORDER__
#endif

// An instruction each, where lwIP's own are functions.
#if BYTE_ORDER == __ORDER_LITTLE_ENDIAN__
#define lwip_htons(x) __builtin_bswap16(x)
#define lwip_htonl(x) __builtin_bswap32(x)
#endif

// Where there are sockets, htons and its like are the system's; its headers declare them, which a
// macro of that name would spoil.
#ifdef __unix__
#define LWIP_DONT_PROVIDE_BYTEORDER_FUNCTIONS
#endif

#define PACK_STRUCT_STRUCT __attribute__((packed))

#define LWIP_RAND() bobbin_lwip_random()
#ifdef __OPTIMIZE_SIZE__
#define LWIP_PLATFORM_ASSERT(message) bobbin_lwip_assert("", __LINE__)
#else
#define LWIP_PLATFORM_ASSERT(message) bobbin_lwip_assert(message, __LINE__)
#endif

// Both of lwIP's defaults would link printf, its ctype default a table.
#define LWIP_PLATFORM_DIAG(arguments)
#define LWIP_NO_CTYPE_H 1
