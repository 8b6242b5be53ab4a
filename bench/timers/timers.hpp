// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <random>
#include <vector>

#include "program.hpp"

// Random timers, the same for every library: all are started, then cancelled in another order; all
// are started again and run out. Each library is a class L with
//
//   void in_callback(F work);  // runs work() once from inside a callback of the loop, where time
//                              // stands still for those that keep it
//   void start(std::size_t i, unsigned ms);
//   void cancel(std::size_t i);
//   void run();                // until no timer is left
//   std::size_t fired;
namespace bench {

// Where the program ends, so that the instructions of a phase are the difference of two runs.
enum class Until : std::uint8_t { nothing, started, cancelled, fired, all };

class Timers {
 public:
  explicit Timers(const Options& options)
      : until_(static_cast<Until>(options.number("until", static_cast<std::size_t>(Until::all)))),
        delays_(options.number("timers", 100'000)),
        order_(delays_.size()) {
    std::mt19937 random(1);
    // None is due before all are started, however slowly this runs.
    first_ms_ = static_cast<unsigned>(options.number("first-ms", 300));
    for (unsigned& delay : delays_) delay = first_ms_ + static_cast<unsigned>(random() % spread_ms);
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::shuffle(order_.begin(), order_.end(), random);
  }

  std::size_t count() const { return delays_.size(); }

  template <class L>
  int measure(L& loop) {
    start_all(loop);
    cancel_all(loop);
    end_if(Until::nothing);
    const std::int64_t start_ns = start_all(loop);
    end_if(Until::started);
    if (until_ == Until::fired) {
      fire_all(loop);
      end_if(Until::fired);
    }
    const std::int64_t cancel_ns = cancel_all(loop);
    end_if(Until::cancelled);
    start_all(loop);
    const std::int64_t fire_ns = fire_all(loop);
    std::printf("{\"start\": %.2f, \"cancel\": %.2f, \"fire\": %.2f}\n", for_each(start_ns),
                for_each(cancel_ns), for_each(fire_ns));
    return loop.fired == count() ? 0 : 1;
  }

 private:
  static constexpr unsigned spread_ms = 50;

  template <class L>
  std::int64_t start_all(L& loop) {
    std::int64_t taken = 0;
    loop.in_callback([&] {
      const std::int64_t begin = monotonic_ns();
      for (std::size_t i = 0; i < count(); ++i) loop.start(i, delays_[i]);
      taken = monotonic_ns() - begin;
    });
    return taken;
  }

  // With what a library does for those that were cancelled when it next looks.
  template <class L>
  std::int64_t cancel_all(L& loop) {
    const std::int64_t begin = monotonic_ns();
    for (const std::size_t i : order_) loop.cancel(i);
    loop.run();
    return monotonic_ns() - begin;
  }

  template <class L>
  std::int64_t fire_all(L& loop) {
    usleep(1000 * (first_ms_ + spread_ms));
    const std::int64_t begin = monotonic_ns();
    loop.run();
    return monotonic_ns() - begin;
  }

  double for_each(std::int64_t ns) const {
    return static_cast<double>(ns) / static_cast<double>(count());
  }

  void end_if(Until phase) const {
    if (until_ == phase) _exit(0);
  }

  Until until_;
  unsigned first_ms_ = 0;
  std::vector<unsigned> delays_;
  std::vector<std::size_t> order_;
};

}  // namespace bench
