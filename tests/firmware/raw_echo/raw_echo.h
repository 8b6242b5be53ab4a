// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

// Serves port 7 from now on, inside lwIP's callbacks. Once, after lwip_init().
void raw_echo_listen(void);

#ifdef __cplusplus
}
#endif
