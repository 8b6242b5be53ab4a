// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <stdbool.h>
#include <stdint.h>

// The board's C++ interface as far as raw_echo.c needs it. Times are milliseconds.

#ifdef __cplusplus
extern "C" {
#endif

// Once, after lwip_init(). Ends the program if there is no network.
void board_add_network(void);

// False once everything received is with lwIP, so that sleeping is safe.
bool board_poll_network(void);

// For at most `duration`, less if anything happens.
void board_sleep(uint32_t duration);

#ifdef __cplusplus
}
#endif
