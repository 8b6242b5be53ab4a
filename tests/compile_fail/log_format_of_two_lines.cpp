// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin_log_format_has_a_control_character

#include <bobbin/logger.hpp>

void caller(const bobbin::Logger& log) {
#ifdef BOBBIN_CONTROL
  log.info("one line");
#else
  log.info("two\nlines");
#endif
}
