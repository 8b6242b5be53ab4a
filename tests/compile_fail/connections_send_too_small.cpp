// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: ConnectionSizes::send is too small; the least is 16 bytes beside `control`

#include <bobbin/bobbin.hpp>

#ifdef BOBBIN_CONTROL
bobbin::Connections<bobbin::ConnectionSizes{.send = 32, .control = 16}> connections;
#else
bobbin::Connections<bobbin::ConnectionSizes{.send = 31, .control = 16}> connections;
#endif
