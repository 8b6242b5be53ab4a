// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/datagram_protocol.hpp>

#include <bobbin/assert.hpp>

namespace bobbin {

void DatagramProtocol::do_start(DatagramPort& port) {
  BOBBIN_ASSERT(transport_ == nullptr);
  transport_ = &port;
  start_protocol();
}

void DatagramProtocol::do_stop() {
  stop_protocol();
  transport_ = nullptr;
}

}  // namespace bobbin
