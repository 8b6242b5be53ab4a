// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: too many values for one event

#include <bobbin/logger.hpp>

void caller(const bobbin::Logger& log) {
#ifdef BOBBIN_CONTROL
  log.info("{a}{b}{c}{d}{e}{f}{g}{h}", 1, 2, 3, 4, 5, 6, 7, 8);
#else
  log.info("{a}{b}{c}{d}{e}{f}{g}{h}{i}", 1, 2, 3, 4, 5, 6, 7, 8, 9);
#endif
}
