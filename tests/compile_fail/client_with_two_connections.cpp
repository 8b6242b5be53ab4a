// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: a TcpClient has one connection

#include <bobbin/bobbin.hpp>

struct Echo final : bobbin::Protocol {};

#ifdef BOBBIN_CONTROL
bobbin::TcpClient<Echo, bobbin::ConnectionSizes{.connections = 1}> client;
#else
bobbin::TcpClient<Echo, bobbin::ConnectionSizes{.connections = 2}> client;
#endif
