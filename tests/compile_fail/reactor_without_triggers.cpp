// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: ReactorSizes::triggers must be at least 1

#include <bobbin/bobbin.hpp>

#ifdef BOBBIN_CONTROL
bobbin::ReactorStorage<bobbin::ReactorSizes{.triggers = 1}> storage;
#else
bobbin::ReactorStorage<bobbin::ReactorSizes{.triggers = 0}> storage;
#endif
