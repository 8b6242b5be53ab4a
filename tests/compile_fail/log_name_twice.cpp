// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin_log_format_has_a_name_twice

#include <bobbin/logger.hpp>

void caller(const bobbin::Logger& log) {
#ifdef BOBBIN_CONTROL
  log.info("{one} and {two}", 1, 2);
#else
  log.info("{one} and {one}", 1, 2);
#endif
}
