// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/assert.hpp>

#include <cstdio>
#include <cstdlib>

// In a file of its own, so that a test program may have another.
extern "C" void bobbin_assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file != nullptr ? file : "?", line,
               condition != nullptr ? condition : "?");
  std::abort();
}
