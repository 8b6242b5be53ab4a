// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/log_failure.hpp>

#include <string_view>

namespace bobbin {

void log_unhandled(const Logger& log, const Failure& failure) {
  const Origin origin = failure.origin();
  const std::string_view file = origin.file != nullptr ? origin.file : "line";
  log.failure(failure.error(), "nobody handled {what}, from {file}:{line}", describe(failure), file,
              origin.line);
}

}  // namespace bobbin
