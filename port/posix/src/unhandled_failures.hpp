// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/logger.hpp>

namespace bobbin {

// From now on failures that nobody handled in this thread go to `log`, if it is not null, unless
// the program defines `bobbin_unhandled_failure` itself.
void log_unhandled_failures_to(const Logger* log);

}  // namespace bobbin
