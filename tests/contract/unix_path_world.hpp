// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include "unix_world.hpp"

namespace bobbin::contract {

using World = UnixWorld<EpollReactor<ReactorSizes{.timers = 32}>, Names::paths>;

}  // namespace bobbin::contract
