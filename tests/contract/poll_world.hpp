// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include "socket_world.hpp"

namespace bobbin::contract {

using World = SocketWorld<PollReactor<ReactorSizes{.timers = 32}>>;

}  // namespace bobbin::contract
