// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include "unix_world.hpp"

namespace bobbin::contract {

using World = UnixWorld<PollReactor<ReactorSizes{.timers = 32}>, Names::abstract>;

}  // namespace bobbin::contract
