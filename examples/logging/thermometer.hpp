// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/bobbin.hpp>

// A thermometer in a kettle, read every 10 ms: it starts at 20 C and gains 2.5 C each time. Its
// sensor fails to answer once, and at 45 C it has a defect that an assertion finds.
class Thermometer {
 public:
  Thermometer(bobbin::Clock& clock, bobbin::LogPublisher& publisher)
      : log_(publisher, "kettle.thermometer"), readings_(clock, [this] { return read(); }) {}

  bobbin::Error start() {
    log_.info("reading every {interval}", interval);
    return readings_.start(interval);
  }

 private:
  static constexpr bobbin::Duration interval = std::chrono::milliseconds(10);
  static constexpr std::int64_t hot = 400;  // tenths of a degree
  static constexpr std::int64_t broken = 450;

  bobbin::Error read() {
    const bobbin::Decimal celsius{.value = 200 + 25 * reading_, .places = 1};
    log_.debug("reading {reading}: {celsius} C", reading_++, celsius);
    if (celsius.value >= hot) log_.warn("{celsius} C is hot", celsius);
    BOBBIN_ASSERT(celsius.value < broken);
    return reading_ == 5 ? bobbin::Errc::timed_out : bobbin::Errc::ok;
  }

  bobbin::Logger log_;
  bobbin::LoopingCall readings_;
  std::int64_t reading_ = 0;
};
