// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include "lwip_loopback.hpp"

namespace bobbin::contract {

using World = LwipWorld;

}  // namespace bobbin::contract
