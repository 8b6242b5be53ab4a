// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/net/netstring_receiver.hpp>

namespace bobbin {

bool AnyNetstringReceiver::send_string(Bytes string) {
  const NetstringHead head(string.size());
  return transport().write_sequence({bytes_of(head.text()), string, bytes_of(",")});
}

}  // namespace bobbin
