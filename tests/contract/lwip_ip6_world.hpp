// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include "lwip_loopback.hpp"

namespace bobbin::contract {

// The same over IPv6.
class World : public LwipWorld {
 public:
  Address anywhere() { return hosts().back(); }
  Address silent() { return anywhere().with_port(LwipWorld::silent().port()); }
};

}  // namespace bobbin::contract
