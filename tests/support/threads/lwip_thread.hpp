// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <atomic>
#include <cstddef>

#include <bobbin/address.hpp>
#include <bobbin/time.hpp>

namespace bobbin::test {

// lwIP with a thread of its own (NO_SYS 0), over its loopback interface and in VirtualTime. It is
// started by the first call and lives as long as the program. The caller takes part in the time.
void start_lwip_thread();

// An address on a wire with nobody at its end, to which a route leads.
Address silent_address();

// How many semaphores the system has memory for.
extern std::atomic<std::size_t> semaphores_left;

// Whether the calling thread holds lwIP's core lock.
bool core_is_locked();

// Holds the core lock of lwIP, which is started first.
class CoreLocked {
 public:
  CoreLocked();
  ~CoreLocked();
  // Waits for another who wants the lock, at most for so long, and lets it have it once.
  static void let_another(Duration limit);
  CoreLocked(const CoreLocked&) = delete;
  CoreLocked& operator=(const CoreLocked&) = delete;
};

}  // namespace bobbin::test
