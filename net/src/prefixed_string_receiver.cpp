// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/net/prefixed_string_receiver.hpp>

namespace bobbin {

void AnyPrefixedStringReceiver::length_limit_exceeded(std::size_t) {
  transport().lose_connection();
}

bool AnyPrefixedStringReceiver::send_string(Bytes string) {
  const Prefix prefix(decoder_.format().width, string.size());
  return transport().write_sequence({prefix.bytes(), string});
}

}  // namespace bobbin
