// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/net/line_receiver.hpp>

namespace bobbin {

std::size_t AnyLineReceiver::data_received(Bytes data) {
  if (mode_ == Mode::raw) {
    const std::size_t used = raw_data_received(data);
    // After some were used the rest is offered again at once. After none it would not be, but it
    // may be lines now.
    if (used > 0) return used;
  }
  return FramedProtocol::data_received(data);
}

void AnyLineReceiver::line_length_exceeded(Bytes) { transport().lose_connection(); }

bool AnyLineReceiver::send_line(Bytes line) {
  return transport().write_sequence({line, bytes_of(decoder_.format().delimiter.view())});
}

void AnyLineReceiver::set_raw_mode() {
  mode_ = Mode::raw;
  decoder_.reset();
}

}  // namespace bobbin
