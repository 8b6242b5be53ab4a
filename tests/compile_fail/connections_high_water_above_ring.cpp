// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: ConnectionSizes::high_water lies above what ordinary writes may use

#include <bobbin/bobbin.hpp>

#ifdef BOBBIN_CONTROL
bobbin::Connections<bobbin::ConnectionSizes{.send = 64, .high_water = 56, .control = 8}>
    connections;
#else
bobbin::Connections<bobbin::ConnectionSizes{.send = 64, .high_water = 57, .control = 8}>
    connections;
#endif
