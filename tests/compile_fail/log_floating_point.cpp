// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: floating point is not logged

#include <bobbin/logger.hpp>

void caller(const bobbin::Logger& log) {
#ifdef BOBBIN_CONTROL
  log.info("{one}", bobbin::Decimal{15, 1});
#else
  log.info("{one}", 1.5);
#endif
}
