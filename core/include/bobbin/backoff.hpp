// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <cstdint>

#include <bobbin/random.hpp>
#include <bobbin/time.hpp>

namespace bobbin {

// How long to wait before the same is tried again. The defaults are those of Twisted's
// ReconnectingClientFactory.
struct BackoffOptions {
  // The first wait, and what none is longer than but for the jitter. From 1 microsecond to 365
  // days; `initial` is at most `max`.
  Duration initial = std::chrono::seconds(1);
  Duration max = std::chrono::hours(1);
  // How long each wait is in thousandths of the one before it: 1000 or more.
  std::uint32_t factor_permille = 2718;
  // By how much a wait differs from that, so that those who failed together do not come back
  // together: the standard deviation, in thousandths of the wait. 0 to 1000.
  std::uint32_t jitter_permille = 120;
};

constexpr bool valid(const BackoffOptions& options) {
  return options.initial > Duration::zero() && options.initial <= options.max &&
         options.max <= std::chrono::hours(24 * 365) && options.factor_permille >= 1000 &&
         options.jitter_permille <= 1000;
}

// Exponential back-off: waits that grow, each with its jitter. The jitter of one does not add to
// the next's.
class Backoff {
 public:
  // `options` must be valid; `random` is the caller's and outlives this.
  Backoff(const BackoffOptions& options, Random& random);

  // The next wait: zero or more.
  Duration next();

  // The next wait is the first again.
  void reset() { nominal_ = Duration::zero(); }

 private:
  Duration grown() const;
  Duration spread(Duration wait);

  BackoffOptions options_;
  Random* random_;
  Duration nominal_{};  // the last wait without its jitter; zero before the first
};

}  // namespace bobbin
