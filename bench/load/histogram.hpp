// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace bench {

// How often each length of time was seen, in nanoseconds, to within three per cent.
class Histogram {
 public:
  void add(std::int64_t ns) {
    ++counts_[place_of(static_cast<std::uint64_t>(ns < 0 ? 0 : ns))];
    ++total_;
  }

  void clear() { *this = {}; }

  // The length that so many of a thousand do not exceed; 0 if none was seen.
  std::uint64_t of_thousand(std::uint64_t share) const {
    std::uint64_t left = (total_ * share + 999) / 1000;
    for (std::size_t place = 0; place < counts_.size() && total_ > 0; ++place) {
      if (counts_[place] >= left) return value_at(place);
      left -= counts_[place];
    }
    return 0;
  }

 private:
  // Each power of two is divided into so many steps; what lies below is exact.
  static constexpr unsigned step_bits = 5;
  static constexpr std::uint64_t steps = 1U << step_bits;

  static std::size_t place_of(std::uint64_t ns) {
    if (ns < steps) return ns;
    const auto shift = static_cast<unsigned>(std::bit_width(ns)) - step_bits - 1;
    return (shift + 1) * steps + ((ns >> shift) - steps);
  }
  static std::uint64_t value_at(std::size_t place) {
    if (place < steps) return place;
    return (steps + place % steps) << (place / steps - 1);
  }

  std::array<std::uint32_t, (64 - step_bits + 1) * steps> counts_{};
  std::uint64_t total_ = 0;
};

}  // namespace bench
