// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Three events of different levels, two of which need a value that is work to find: what of it is
// in the image depends on BOBBIN_LOG_LEVEL alone, and WITHOUT_EVENTS is the same program without.

#include <bobbin/log.hpp>
#include <bobbin/mps2/console.hpp>

#ifndef LINES
#define LINES TextLog
#endif

namespace {

namespace console = bobbin::mps2::console;

volatile int sensor = 98;

}  // namespace

// In the image if somebody calls them.
[[gnu::noinline]] int measure_finely() { return 10 * sensor + 1; }
[[gnu::noinline]] int measure_coarsely() { return sensor; }

int main() {
  static bobbin::ManualClock<1> clock;
  static bobbin::LogPublisher publisher(clock);
#ifndef WITHOUT_EVENTS
  const bobbin::Logger log(publisher, "kettle");
  if constexpr (bobbin::log_compiled(bobbin::LogLevel::critical)) {
    static bobbin::LINES<160> lines([](std::string_view line) {
      console::write(line);
      return line.size();
    });
    publisher.add(lines);
  }
  log.debug("finely measured: {millikelvin}", [] { return measure_finely(); });
  log.info("switched on with {heaters} heaters", 2);
  log.warn("it boils at {celsius}", [] { return measure_coarsely(); });
#endif
  console::write("done\n");
  return 0;
}
