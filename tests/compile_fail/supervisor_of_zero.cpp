// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: a Supervisor restarts at least once

#include <bobbin/supervisor.hpp>

bobbin::ManualClock<1> clock_of_test;
#ifdef BOBBIN_CONTROL
bobbin::Supervisor<1> supervisor("supervisor", clock_of_test);
#else
bobbin::Supervisor<0> supervisor("supervisor", clock_of_test);
#endif
