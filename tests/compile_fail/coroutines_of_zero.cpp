// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: a pool of coroutines holds at least one

#include <bobbin/coroutines.hpp>

#ifdef BOBBIN_CONTROL
bobbin::Coroutines<1> coroutines;
#else
bobbin::Coroutines<0> coroutines;
#endif
