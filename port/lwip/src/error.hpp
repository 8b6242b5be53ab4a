// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

#include <bobbin/error.hpp>

#include <lwip/err.h>

namespace bobbin {

// lwIP says the same of a connection that was never made and of one that broke.
enum class Connected : std::uint8_t { not_yet, yes };

Error error_of(err_t code, Connected connected);

}  // namespace bobbin
