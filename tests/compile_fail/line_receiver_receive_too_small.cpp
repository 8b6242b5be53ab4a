// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: ConnectionSizes::receive is less than the protocol's receive_min

#include <bobbin/bobbin.hpp>
#include <bobbin/net.hpp>

#ifdef BOBBIN_CONTROL
constexpr bobbin::LineFormat format{.length_max = 510};
#else
constexpr bobbin::LineFormat format{.length_max = 511};
#endif

struct Echo final : bobbin::LineReceiver<format> {
  bobbin::Taken line_received(bobbin::Bytes line) override {
    return bobbin::taken_if(send_line(line));
  }
};

bobbin::TcpServer<Echo, bobbin::ConnectionSizes{.receive = 512, .send = 1024}> server;
