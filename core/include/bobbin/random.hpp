// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

namespace bobbin {

// A small generator whose sequence is fixed by its seed on every machine (splitmix64). For what is
// to differ from device to device and from run to run, such as how long somebody waits, the seed
// must; never for what nobody may guess.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e37'79b9'7f4a'7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    return z ^ (z >> 31);
  }

  // 0 to `limit` - 1; `limit` is more than 0.
  std::uint64_t below(std::uint64_t limit) { return next() % limit; }

  bool one_in(std::uint32_t times) { return times != 0 && below(times) == 0; }

 private:
  std::uint64_t state_;
};

}  // namespace bobbin
