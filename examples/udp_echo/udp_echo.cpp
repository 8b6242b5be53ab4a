// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "udp_echo.hpp"

#include "example.hpp"

namespace {

UdpEcho echo;

// What fits into a frame of Ethernet.
bobbin::UdpPort<1472> port(echo);

}  // namespace

const std::uint16_t example::default_port = example::on_board ? 7 : 7777;

int example::run(Reactor& reactor, const Options& options) { return serve(reactor, options, port); }
