// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <poll.h>

#include <atomic>
#include <ctime>

namespace bobbin::test {

// How often the reactors of this program have asked the system to wait: the linker leads their
// calls here (tests/unit/CMakeLists.txt), but not those of shared libraries.
struct Waits {
  std::atomic<int> all{0};
  std::atomic<int> blocking{0};  // with a time-out other than zero
  std::atomic<int> endless{0};   // of these, without a time-out
  std::atomic<int> events{0};    // that they returned

  void clear() { all = blocking = endless = events = 0; }
};
extern Waits waits;

// Sends that fail from now on, for want of memory in the system.
extern std::atomic<int> sends_without_memory;

// ppoll(2), not counted: for the loops of tests.
int uncounted_ppoll(pollfd* asked, nfds_t count, const timespec* time_out);

}  // namespace bobbin::test
