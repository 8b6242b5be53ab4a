// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: a timer heap holds at least one timer

#include <bobbin/timer_heap.hpp>

#ifdef BOBBIN_CONTROL
bobbin::TimerStorage<1> storage;
#else
bobbin::TimerStorage<0> storage;
#endif
