// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: ConnectionSizes::low_water must lie below high_water

#include <bobbin/bobbin.hpp>

#ifdef BOBBIN_CONTROL
bobbin::Connections<bobbin::ConnectionSizes{.send = 64, .high_water = 32, .low_water = 31}>
    connections;
#else
bobbin::Connections<bobbin::ConnectionSizes{.send = 64, .high_water = 32, .low_water = 32}>
    connections;
#endif
