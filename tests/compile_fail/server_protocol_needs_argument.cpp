// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: the protocol needs an argument; name the type its connections share

#include <bobbin/bobbin.hpp>

struct Shared {};

struct Echo final : bobbin::Protocol {
  explicit Echo(Shared&) {}
};

#ifdef BOBBIN_CONTROL
Shared common;
bobbin::TcpServer<Echo, bobbin::ConnectionSizes{}, Shared> server(common);
#else
bobbin::TcpServer<Echo, bobbin::ConnectionSizes{}> server;
#endif
