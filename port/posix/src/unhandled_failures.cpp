// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "unhandled_failures.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string_view>

#include <bobbin/failure.hpp>
#include <bobbin/log_failure.hpp>

#include "write_some.hpp"

namespace {

thread_local const bobbin::Logger* the_log = nullptr;

// In one write, so that what others say does not come between.
void print(const bobbin::Failure& failure) {
  char line[512];
  const std::string_view what = describe(failure);
  const bobbin::Origin origin = failure.origin();
  const std::string_view place = origin.place();
  const int length =
      std::snprintf(line, sizeof line, "bobbin: nobody handled a failure: %.*s, from %.*s:%u\n",
                    static_cast<int>(what.size()), what.data(), static_cast<int>(place.size()),
                    place.data(), unsigned{origin.line});
  if (length <= 0) return;
  const std::size_t kept = std::min(static_cast<std::size_t>(length), sizeof line - 1);
  line[kept - 1] = '\n';
  bobbin::write_some(STDERR_FILENO, {line, kept});
}

}  // namespace

namespace bobbin {

// Only a reason for the linker to take the hook below, and not core's.
void tell_unhandled_failures() {}

void log_unhandled_failures_to(const Logger* log) { the_log = log; }

}  // namespace bobbin

// Weak as core's is, and linked before it: what a program or the test kit defines comes first.
extern "C" [[gnu::weak]] void bobbin_unhandled_failure(const bobbin::Failure& failure) {
  if (the_log == nullptr) return print(failure);
  bobbin::log_unhandled(*the_log, failure);
}
