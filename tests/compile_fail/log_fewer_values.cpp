// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin_log_format_has_more_names_than_values

#include <bobbin/logger.hpp>

void caller(const bobbin::Logger& log) {
#ifdef BOBBIN_CONTROL
  log.info("{one} and {two}", 1, 2);
#else
  log.info("{one} and {two}", 1);
#endif
}
