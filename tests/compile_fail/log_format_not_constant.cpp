// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: LogFormat<

#include <bobbin/logger.hpp>

void caller(const bobbin::Logger& log, const char* text) {
#ifdef BOBBIN_CONTROL
  log.info("{text}", text);
#else
  log.info(text);
#endif
}
