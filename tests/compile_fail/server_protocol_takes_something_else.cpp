// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: the protocol cannot be built from what its connections share

#include <bobbin/bobbin.hpp>

struct Shared {};
struct Other {};

struct Echo final : bobbin::Protocol {
#ifdef BOBBIN_CONTROL
  explicit Echo(Shared&) {}
#else
  explicit Echo(Other&) {}
#endif
};

Shared common;
bobbin::TcpServer<Echo, bobbin::ConnectionSizes{}, Shared> server(common);
