// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>

#include <lwip/opt.h>

// Connections of one listener which finished the handshake and wait to be accepted.
#ifndef BOBBIN_LWIP_BACKLOG
#define BOBBIN_LWIP_BACKLOG 4
#endif

namespace bobbin::options {

inline constexpr std::size_t backlog = BOBBIN_LWIP_BACKLOG;

// Received pbufs a connection may keep unread: a window of full segments, each in a frame with its
// headers, in the pool's buffers.
inline constexpr std::size_t segment_pbufs =
    (TCP_MSS + 60 + PBUF_POOL_BUFSIZE - 1) / PBUF_POOL_BUFSIZE;
inline constexpr std::size_t channel_pbufs = (TCP_WND + TCP_MSS - 1) / TCP_MSS * segment_pbufs;

}  // namespace bobbin::options
