// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: the first parameter of a coroutine is the Frame it lies in

#include <bobbin/task.hpp>

#ifdef BOBBIN_CONTROL
bobbin::Task<int> add(bobbin::Frame<64>&, int a, int b) { co_return a + b; }
#else
bobbin::Task<int> add(int a, int b) { co_return a + b; }
#endif
