// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: ConnectionSizes::receive is too small; the least is 16 bytes

#include <bobbin/bobbin.hpp>

#ifdef BOBBIN_CONTROL
bobbin::Connections<bobbin::ConnectionSizes{.receive = 16}> connections;
#else
bobbin::Connections<bobbin::ConnectionSizes{.receive = 15}> connections;
#endif
