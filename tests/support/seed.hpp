// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bobbin::test {

// Numbers that follow from a seed alone, whatever the standard library.
class Random {
 public:
  explicit Random(std::uint64_t seed) : numbers_(seed) {}

  std::uint64_t bits() { return numbers_(); }

  // From 0 to `end` - 1; `end` is at least 1.
  template <class T>
  T below(T end) {
    return static_cast<T>(numbers_() % static_cast<std::uint64_t>(end));
  }

  bool one_in(unsigned n) { return below(n) == 0; }

 private:
  std::mt19937_64 numbers_;
};

// The seeds a randomized test runs with: always the same ones, or the one in BOBBIN_SEED.
inline std::vector<std::uint64_t> seeds() {
  if (const char* given = std::getenv("BOBBIN_SEED")) return {std::strtoull(given, nullptr, 0)};
  constexpr std::size_t count = 8;
  std::vector<std::uint64_t> result{20240229};
  std::mt19937_64 derive(result.front());
  while (result.size() < count) result.push_back(derive());
  return result;
}

// Runs `test(random)` for each seed until one fails; the failure says how to replay it.
template <class Test>
void for_each_seed(Test test) {
  for (const std::uint64_t seed : seeds()) {
    SCOPED_TRACE("replay with BOBBIN_SEED=" + std::to_string(seed));
    Random random(seed);
    test(random);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace bobbin::test
