// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: template constraint failure
// EXPECT: constraints not satisfied for class template 'TcpServer'

#include <bobbin/bobbin.hpp>

#ifdef BOBBIN_CONTROL
struct Echo final : bobbin::Protocol {
#else
struct Echo final {
#endif
};

bobbin::TcpServer<Echo, bobbin::ConnectionSizes{}> server;
