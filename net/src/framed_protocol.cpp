// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/net/framed_protocol.hpp>

namespace bobbin {

std::size_t FramedProtocol::data_received(Bytes data) {
  std::size_t used = 0;
  while (transport().reading()) {
    const Decoded frame = find(data.subspan(used));
    switch (frame.kind) {
      case Decoded::Kind::partial:
        if (frame.size == 0) return used;
        break;
      case Decoded::Kind::whole: {
        const Taken taken = give(frame.message);
        if (taken == Taken::not_now) return used;
        take();
        if (taken == Taken::last) return used + frame.size;
        break;
      }
      case Decoded::Kind::too_long:
      case Decoded::Kind::malformed:
        refuse(frame);
        if (frame.size == 0) transport().lose_connection();
        break;
    }
    used += frame.size;
  }
  return used;
}

}  // namespace bobbin
