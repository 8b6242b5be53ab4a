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
#define BOBBIN_CHANNEL_BYTES (6 * sizeof(void*) + 8)
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
inline constexpr std::size_t unix_path_bytes = BOBBIN_UNIX_PATH_BYTES;

static_assert(callback_bytes >= sizeof(void*) && callback_bytes <= 256,
              "bobbin: BOBBIN_CALLBACK_BYTES must lie between one pointer and 256");
static_assert(unix_path_bytes <= 107, "bobbin: BOBBIN_UNIX_PATH_BYTES is at most 107");

}  // namespace bobbin::config
