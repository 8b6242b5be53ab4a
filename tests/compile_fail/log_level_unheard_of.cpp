// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: BOBBIN_LOG_LEVEL must lie between 0 and 5

#ifdef BOBBIN_CONTROL
#define BOBBIN_LOG_LEVEL 5
#else
#define BOBBIN_LOG_LEVEL 6
#endif

#include <bobbin/logger.hpp>
