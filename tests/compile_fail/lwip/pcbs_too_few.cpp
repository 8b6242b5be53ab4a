// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: MEMP_NUM_TCP_PCB must be at least

#include <lwip/opt.h>

#ifndef BOBBIN_CONTROL
#undef MEMP_NUM_TCP_PCB
#define MEMP_NUM_TCP_PCB (BOBBIN_LWIP_CONNECTIONS)
#endif

#include "options.cpp"
