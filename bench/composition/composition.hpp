// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>

#include "program.hpp"

namespace bench {

// Prints the nanoseconds of each of `rounds` rounds. `work` gives a sum that depends on all of
// them, so that none is left out by the compiler.
template <class F>
int measure(std::size_t rounds, F work) {
  const std::int64_t begin = monotonic_ns();
  const std::uint64_t sum = work(rounds);
  const std::int64_t end = monotonic_ns();
  if (sum != std::uint64_t{rounds} * (rounds + 1) / 2) fail("a result");
  std::printf("%.3f\n", static_cast<double>(end - begin) / static_cast<double>(rounds));
  return 0;
}

// Where a value comes from that the compiler does not know.
template <class T>
T unknown(T value) {
  asm volatile("" : "+r"(value));
  return value;
}

}  // namespace bench
