// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: a Queue has room for at least one value

#include <bobbin/queue.hpp>

#ifdef BOBBIN_CONTROL
bobbin::Queue<int, 1> queue;
#else
bobbin::Queue<int, 0> queue;
#endif
