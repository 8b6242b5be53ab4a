// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/backoff.hpp>

#include <algorithm>

#include <bobbin/assert.hpp>

namespace bobbin {

namespace {

// Nothing overflows: a year in microseconds has 45 bits.
Duration thousandths(Duration whole, std::uint32_t count) {
  const std::int64_t all = whole.count();
  return Duration(all / 1000 * count + all % 1000 * count / 1000);
}

// Nearly normal, in 1024ths of the standard deviation, and never beyond six of these: the sum of
// twelve even numbers. Whoever has no floating point then needs none.
std::int64_t normal(Random& random) {
  constexpr std::int64_t mean = 12 * 1023 / 2;
  std::int64_t sum = -mean;
  for (int word = 0; word < 2; ++word) {
    std::uint64_t bits = random.next();
    for (int draw = 0; draw < 6; ++draw, bits >>= 10) {
      sum += static_cast<std::int64_t>(bits & 1023);
    }
  }
  return sum;
}

}  // namespace

Backoff::Backoff(const BackoffOptions& options, Random& random)
    : options_(options), random_(&random) {
  BOBBIN_ASSERT(valid(options));
}

Duration Backoff::next() {
  nominal_ = grown();
  return std::max(Duration::zero(), nominal_ + spread(nominal_));
}

Duration Backoff::grown() const {
  if (nominal_ == Duration::zero()) return options_.initial;
  // Before it is multiplied, as it might be too much for 64 bits.
  const bool too_long = nominal_.count() / 1000 > options_.max.count() / options_.factor_permille;
  if (too_long) return options_.max;
  return std::min(thousandths(nominal_, options_.factor_permille), options_.max);
}

Duration Backoff::spread(Duration wait) {
  if (options_.jitter_permille == 0) return {};
  return thousandths(wait, options_.jitter_permille) * normal(*random_) / 1024;
}

}  // namespace bobbin
