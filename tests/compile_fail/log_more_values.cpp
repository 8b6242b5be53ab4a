// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin_log_format_has_fewer_names_than_values

#include <bobbin/logger.hpp>

void caller(const bobbin::Logger& log) {
#ifdef BOBBIN_CONTROL
  log.info("{one}", 1);
#else
  log.info("{one}", 1, 2);
#endif
}
