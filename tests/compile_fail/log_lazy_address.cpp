// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: what this function returns would be gone

#include <bobbin/logger.hpp>

bobbin::Address address;

void caller(const bobbin::Logger& log) {
#ifdef BOBBIN_CONTROL
  log.info("{one}", [&]() -> const bobbin::Address& { return address; });
#else
  log.info("{one}", [&] { return address; });
#endif
}
