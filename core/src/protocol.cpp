// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/protocol.hpp>

#include <bobbin/transport.hpp>

namespace bobbin {

void Protocol::read_connection_lost() {
  // A producer that goes on for ever would keep the connection open for ever.
  transport().dismiss_producer();
  transport().lose_connection();
}

}  // namespace bobbin
