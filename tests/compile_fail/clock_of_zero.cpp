// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: a timer heap holds at least one timer

#include <bobbin/clock.hpp>

#ifdef BOBBIN_CONTROL
bobbin::ManualClock<1> manual_clock;
#else
bobbin::ManualClock<0> manual_clock;
#endif
