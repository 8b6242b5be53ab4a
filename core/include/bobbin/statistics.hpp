// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

#include <bobbin/time.hpp>

namespace bobbin {

// What a reactor has done since it was made. Counters wrap; byte counts do not in practice.
struct Statistics {
  std::uint32_t turns = 0;
  std::uint32_t sleeps = 0;  // turns that were allowed to wait
  std::uint32_t calls = 0;   // timers, posted calls and triggers run
  std::uint32_t errors = 0;  // reported by callbacks
  std::uint32_t connections_opened = 0;
  std::uint32_t connections_lost = 0;
  std::uint32_t connections_failed = 0;   // connects that came to nothing
  std::uint32_t connections_refused = 0;  // by a listening port that was full
  std::uint32_t connections_evicted = 0;
  std::uint32_t accept_errors = 0;
  std::uint32_t pauses = 0;  // of registered producers
  std::uint32_t resumes = 0;
  std::uint64_t bytes_received = 0;  // used by protocols, datagrams too
  std::uint64_t bytes_sent = 0;      // released by channels, and in datagrams
  // In the port's wait: asleep, and taking in what came. Only while `Reactor::measure_waiting`
  // asks for it. All other time went into callbacks, and what the reactor does around them.
  Duration waited{};
};

}  // namespace bobbin
