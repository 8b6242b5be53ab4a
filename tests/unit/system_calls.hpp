// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <atomic>

// What the test program does to some of the system's calls, which it has in the place of the C
// library's: it counts them, and brings about on demand what else happens by chance.
namespace bobbin::test::system_calls {

extern std::atomic<bool> connects_to_itself;
extern std::atomic<int> epoll_ctl_calls;
extern std::atomic<int> sends_without_memory;

}  // namespace bobbin::test::system_calls
