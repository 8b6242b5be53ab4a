// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/failure.hpp>
#include <bobbin/logger.hpp>

namespace bobbin {

// Logs a failure that nobody handled, with the place it comes from: a critical event. For the
// product's `bobbin_unhandled_failure`, which alone knows which log that goes to:
//
//   LogPublisher* the_log = nullptr;  // set by main, and taken back before the publisher goes
//
//   void bobbin_unhandled_failure(const Failure& failure) {
//     if (the_log != nullptr) log_unhandled(Logger(*the_log, "app"), failure);
//   }
void log_unhandled(const Logger& log, const Failure& failure);

}  // namespace bobbin
