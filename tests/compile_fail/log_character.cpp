// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: this cannot be logged

#include <bobbin/logger.hpp>

void caller(const bobbin::Logger& log) {
#ifdef BOBBIN_CONTROL
  log.info("{one}", "x");
#else
  log.info("{one}", 'x');
#endif
}
