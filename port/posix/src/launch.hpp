// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <sys/types.h>

#include <span>

#include <bobbin/error.hpp>
#include <bobbin/posix/process.hpp>

namespace bobbin {

// Begins a process that has `standard` as its first three descriptors; a negative one stays what it
// is. It has begun its program when this returns; if that could not be, the error says why and
// there is no process.
Result<pid_t> launch(const ProcessOptions& options, std::span<const int, 3> standard);

// Waits for a child that is there. Its status; nothing while it runs, unless `Wait::until_exit`.
enum class Wait : std::uint8_t { not_at_all, until_exit };
std::optional<ProcessStatus> exit_of(pid_t child, Wait wait);

}  // namespace bobbin
