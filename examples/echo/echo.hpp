// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/bobbin.hpp>

// Sends back what it receives. What the send ring has no room for is not used, so it is offered
// again when there is room: nothing is lost, and a client that does not read is not read from.
struct Echo final : bobbin::Protocol {
  std::size_t data_received(bobbin::Bytes data) override { return transport().write(data); }
};

template <bobbin::ConnectionSizes sizes>
using EchoServer = bobbin::TcpServer<Echo, sizes>;
