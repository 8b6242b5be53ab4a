// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: raise MEMP_NUM_SYS_TIMEOUT

#include <lwip/opt.h>

#ifndef BOBBIN_CONTROL
#undef MEMP_NUM_SYS_TIMEOUT
#define MEMP_NUM_SYS_TIMEOUT (LWIP_NUM_SYS_TIMEOUT_INTERNAL - 1)
#endif

#include "options.cpp"
