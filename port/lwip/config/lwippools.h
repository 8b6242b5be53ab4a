// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// No include guard: lwIP includes this file several times with other macros each time.
// The buffers behind mem_malloc(), in place of a heap: sizes in bytes, ascending, literal (lwIP
// pastes them into names). How many there are is summed up in lwipopts.h.
//
// 160 holds a pbuf (16, with 64-bit pointers 24), room for the headers of Ethernet (16), IPv6 (40)
// and TCP with options (60). 1664 holds the same and TCP_MSS bytes of data.

LWIP_MALLOC_MEMPOOL_START
LWIP_MALLOC_MEMPOOL(BOBBIN_LWIP_SMALL_BUFFERS, 160)
LWIP_MALLOC_MEMPOOL(BOBBIN_LWIP_LARGE_BUFFERS, 1664)
LWIP_MALLOC_MEMPOOL_END
