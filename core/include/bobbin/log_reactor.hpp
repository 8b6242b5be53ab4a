// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/logger.hpp>
#include <bobbin/reactor.hpp>

namespace bobbin {

// Logs each Error that a callback of the reactor's returns, as a failure. Takes the place of the
// reactor's observer of errors; `log` outlives the reactor's last turn.
void log_errors(Reactor& reactor, const Logger& log);

// "posted call", "timer" or "trigger".
std::string_view describe(CallSource source);

}  // namespace bobbin
