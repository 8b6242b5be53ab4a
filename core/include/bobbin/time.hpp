// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <cstdint>

namespace bobbin {

using Duration = std::chrono::duration<std::int64_t, std::micro>;

// The name of our time line: microseconds since the port's own start, never set back.
struct Monotonic {
  using rep = std::int64_t;
  using period = std::micro;
  using duration = Duration;
  using time_point = std::chrono::time_point<Monotonic, Duration>;
  static constexpr bool is_steady = true;
};

using Instant = Monotonic::time_point;

// The library's are functions that call functions, and in a build for size stay so.
constexpr bool operator<(Duration a, Duration b) { return a.count() < b.count(); }
constexpr bool operator>(Duration a, Duration b) { return b < a; }
constexpr bool operator<=(Duration a, Duration b) { return !(b < a); }
constexpr bool operator>=(Duration a, Duration b) { return !(a < b); }
constexpr bool operator<(Instant a, Instant b) {
  return a.time_since_epoch() < b.time_since_epoch();
}
constexpr bool operator>(Instant a, Instant b) { return b < a; }
constexpr bool operator<=(Instant a, Instant b) { return !(b < a); }
constexpr bool operator>=(Instant a, Instant b) { return !(a < b); }

// "Without a deadline", as an instant and as a length.
inline constexpr Instant never = Instant::max();
inline constexpr Duration forever = Duration::max();

// `start + length`, and `never` where the sum would pass the end of the time line. A negative
// length counts as zero: nothing is ever scheduled in the past.
constexpr Instant after(Instant start, Duration length) {
  if (length <= Duration::zero()) return start;
  // So ordered that nothing overflows, wherever on the time line `start` lies.
  return length == forever || start >= never - length ? never : start + length;
}

}  // namespace bobbin
