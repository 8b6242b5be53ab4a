// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: this cannot be logged

#include <bobbin/logger.hpp>

struct Unknown {};

void caller(const bobbin::Logger& log) {
#ifdef BOBBIN_CONTROL
  log.info("{one}", 1);
#else
  log.info("{one}", Unknown());
#endif
}
