// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/assert.hpp>

extern "C" [[gnu::weak]] void bobbin_assertion_failed(const char*, const char*, int) {
  __builtin_trap();
}
