// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/random.hpp>

namespace bobbin::memory {

using bobbin::Random;

}  // namespace bobbin::memory
