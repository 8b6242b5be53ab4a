// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// A co_await of a child that has its result at once, whatever `--what` says.

#include <asio.hpp>

#include "composition.hpp"

namespace {

asio::awaitable<std::uint64_t> child(std::uint64_t value) { co_return bench::unknown(value) + 1; }

asio::awaitable<void> parent(std::size_t rounds, std::uint64_t& sum) {
  for (std::size_t i = 0; i < rounds; ++i) sum += co_await child(i);
}

std::uint64_t await(std::size_t rounds) {
  asio::io_context loop{1};
  std::uint64_t sum = 0;
  asio::co_spawn(loop, parent(rounds, sum), asio::detached);
  loop.run();
  return sum;
}

}  // namespace

int main(int count, char** values) {
  const bench::Options options(count, values);
  return bench::measure(options.number("rounds", 1'000'000), await);
}
