// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// The echo as an image: it also tests the board alone.

#include <lwip/init.h>
#include <lwip/timeouts.h>

#include "board_glue.h"
#include "raw_echo.h"

int main(void) {
  lwip_init();
  board_add_network();
  raw_echo_listen();
  for (;;) {
    const bool busy = board_poll_network();
    sys_check_timeouts();
    if (!busy) {
      board_sleep(sys_timeouts_sleeptime());
    }
  }
}
