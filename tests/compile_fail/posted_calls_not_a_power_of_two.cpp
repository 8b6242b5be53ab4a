// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: ReactorSizes::posted_calls must be a power of two

#include <bobbin/bobbin.hpp>

#ifdef BOBBIN_CONTROL
bobbin::ReactorStorage<bobbin::ReactorSizes{.posted_calls = 8}> storage;
#else
bobbin::ReactorStorage<bobbin::ReactorSizes{.posted_calls = 12}> storage;
#endif
