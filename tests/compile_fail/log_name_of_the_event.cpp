// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin_log_format_has_a_name_of_the_events_own

#include <bobbin/logger.hpp>

void caller(const bobbin::Logger& log) {
#ifdef BOBBIN_CONTROL
  log.info("{level}", 1);
#else
  log.info("{log_level}", 1);
#endif
}
