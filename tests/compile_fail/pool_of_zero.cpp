// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: a pool holds at least one object

#include <bobbin/pool.hpp>

#ifdef BOBBIN_CONTROL
bobbin::Pool<int, 1> pool;
#else
bobbin::Pool<int, 0> pool;
#endif
