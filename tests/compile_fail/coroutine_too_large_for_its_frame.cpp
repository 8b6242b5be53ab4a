// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: this coroutine's frame does not fit the Frame it is given
// OPTIMISED

#include <bobbin/task.hpp>

#ifdef BOBBIN_CONTROL
constexpr std::size_t bytes = 256;
#else
constexpr std::size_t bytes = 16;
#endif

bobbin::Task<int> add(bobbin::Frame<bytes>&, int a, int b) { co_return a + b; }
