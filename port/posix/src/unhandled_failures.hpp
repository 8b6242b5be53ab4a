// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/logger.hpp>

namespace bobbin {

// Unless the program defines `bobbin_unhandled_failure` itself, failures that nobody handled are
// told of on standard error, in a program that calls this.
void tell_unhandled_failures();

// Those of this thread go to `log` from now on, if it is not null.
void log_unhandled_failures_to(const Logger* log);

}  // namespace bobbin
