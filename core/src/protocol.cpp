// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/protocol.hpp>

#include <bobbin/transport.hpp>

namespace bobbin {

void Protocol::read_connection_lost() { transport().lose_connection(); }

}  // namespace bobbin
