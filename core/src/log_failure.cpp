// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/log_failure.hpp>

namespace bobbin {

void log_unhandled(const Logger& log, const Failure& failure) {
  const Origin origin = failure.origin();
  log.failure(failure.error(), "nobody handled {what}, from {file}:{line}", describe(failure),
              origin.place(), origin.line);
}

}  // namespace bobbin
