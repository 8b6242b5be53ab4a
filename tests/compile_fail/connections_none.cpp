// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: ConnectionSizes::connections must be at least 1

#include <bobbin/bobbin.hpp>

#ifdef BOBBIN_CONTROL
bobbin::Connections<bobbin::ConnectionSizes{.connections = 1}> connections;
#else
bobbin::Connections<bobbin::ConnectionSizes{.connections = 0}> connections;
#endif
