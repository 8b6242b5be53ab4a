// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// What composition costs: `--what 0`, a Deferred with two callbacks, made, fired and gone;
// `--what 1`, a co_await of a child that has its result at once.

#include <bobbin/bobbin.hpp>

#include "composition.hpp"

namespace {

using namespace bobbin;

std::uint64_t fire(std::size_t rounds) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < rounds; ++i) {
    Deferred<std::uint64_t> deferred;
    deferred.add_callback([](std::uint64_t value) { return value + 1; })
        .add_callback([&sum](std::uint64_t value) { sum += value; });
    deferred.callback(bench::unknown(std::uint64_t{i}));
  }
  return sum;
}

Task<std::uint64_t> child(Frame<64>&, std::uint64_t value) { co_return bench::unknown(value) + 1; }

Task<Error> parent(Frame<240>&, std::size_t rounds, std::uint64_t& sum) {
  Frame<64> frame;
  for (std::size_t i = 0; i < rounds; ++i) {
    const Result<std::uint64_t> value = co_await child(frame, i);
    if (!value) co_return value.error();
    sum += *value;
  }
  co_return Error();
}

std::uint64_t await(std::size_t rounds) {
  static Frame<240> frame;
  static Coroutines<1> coroutines;
  std::uint64_t sum = 0;
  if (!coroutines.spawn(parent(frame, rounds, sum))) bench::fail("spawn");
  return sum;
}

}  // namespace

int main(int count, char** values) {
  const bench::Options options(count, values);
  return bench::measure(options.number("rounds", 1'000'000),
                        options.number("what", 0) == 0 ? fire : await);
}
