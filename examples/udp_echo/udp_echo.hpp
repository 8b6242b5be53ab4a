// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/bobbin.hpp>

// Sends each datagram back to where it came from. What the system has no room for just now is lost,
// as it might be anywhere on its way: whoever wants to be sure asks again.
struct UdpEcho final : bobbin::DatagramProtocol {
  void datagram_received(bobbin::Bytes datagram, const bobbin::Address& from) override {
    (void)transport().write(datagram, from);
  }
};
