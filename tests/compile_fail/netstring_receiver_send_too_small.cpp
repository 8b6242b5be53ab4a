// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: ConnectionSizes::send, without its control part, is less than the protocol's

#include <bobbin/bobbin.hpp>
#include <bobbin/net.hpp>

struct Echo final : bobbin::NetstringReceiver<99> {
  bobbin::Taken string_received(bobbin::Bytes string) override {
    return bobbin::taken_if(send_string(string));
  }
};

// "99:", 99 bytes, and a comma.
#ifdef BOBBIN_CONTROL
constexpr std::size_t control = 21;
#else
constexpr std::size_t control = 22;
#endif

bobbin::TcpClient<Echo, bobbin::ConnectionSizes{.send = 124, .control = control}> client;
