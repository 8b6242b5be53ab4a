// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: TCP_WND must be at most 65535

#include <lwip/opt.h>

#ifndef BOBBIN_CONTROL
#undef TCP_WND
#define TCP_WND 0x10000
#endif

#include "options.cpp"
