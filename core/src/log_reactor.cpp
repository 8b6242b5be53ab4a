// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/log_reactor.hpp>

namespace bobbin {

void log_errors(Reactor& reactor, const Logger& log) {
  reactor.on_error([&log](Error error, CallSource source) {
    log.failure(error, "a {source} failed", describe(source));
  });
}

std::string_view describe(CallSource source) {
  switch (source) {
    case CallSource::posted_call: return "posted call";
    case CallSource::timer: return "timer";
    case CallSource::trigger: return "trigger";
  }
  return "call";
}

}  // namespace bobbin
