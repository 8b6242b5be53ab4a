// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>
#include <optional>

#include <bobbin/error.hpp>

namespace bobbin {

// What a process that was started by root becomes. Numbers, because names are looked up by
// libraries that allocate.
struct Identity {
  std::optional<std::uint32_t> user;
  std::optional<std::uint32_t> group;  // no user without one
  const char* root = nullptr;          // a directory; null: the root stays what it is
};

// Becomes that, for good: changes the root and goes there, gives up all further groups, then the
// group, then the user, and verifies that none of them comes back. Nothing happens without a user,
// group and root. Errors: invalid_argument, for a user without a group, and nothing has changed;
// permission_denied and other errors of the system, after which the process is not what it was and
// should end: so too if what was given up could be had again.
Error become(const Identity& identity);

}  // namespace bobbin
