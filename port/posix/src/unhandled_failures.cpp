// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "unhandled_failures.hpp"

#include <bobbin/failure.hpp>
#include <bobbin/log_failure.hpp>

namespace {

thread_local const bobbin::Logger* the_log = nullptr;

}  // namespace

namespace bobbin {

void log_unhandled_failures_to(const Logger* log) { the_log = log; }

}  // namespace bobbin

// Weak as core's is, and linked before it: what a program or the test kit defines comes first.
extern "C" [[gnu::weak]] void bobbin_unhandled_failure(const bobbin::Failure& failure) {
  if (the_log != nullptr) bobbin::log_unhandled(*the_log, failure);
}
