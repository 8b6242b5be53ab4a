// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <bobbin/assert.hpp>

#include "sessions.hpp"

// usage: sessions FIRST COUNT    runs so many seeds, up to the first that fails
//        sessions --trace SEED   runs one and prints what happened

namespace {

using bobbin::sim::Sessions;

// For an assertion, which cannot say where it was.
struct Running {
  std::uint64_t seed = 0;
  Sessions* sessions = nullptr;
  bool trace = false;
};
Running running;

struct Totals {
  std::uint64_t sessions = 0;
  std::uint64_t completed = 0;
  std::uint64_t connections = 0;
  std::uint64_t bytes = 0;
  std::uint64_t pauses = 0;
  std::uint64_t met[bobbin::memory::fates] = {};
  std::uint64_t timers_refused = 0;
  std::uint64_t calls_refused = 0;
  std::uint64_t protocols_refused = 0;
  bobbin::Duration time{};

  void add(Sessions& run) {
    sessions += run.sessions;
    completed += run.completed;
    const bobbin::memory::Traffic& traffic = run.simulation.network().traffic();
    connections += traffic.connections;
    bytes += traffic.bytes_sent;
    for (std::size_t i = 0; i < bobbin::memory::fates; ++i) met[i] += traffic.met[i];
    for (std::size_t i = 0; i < run.simulation.hosts(); ++i) {
      pauses += run.simulation.host(i).statistics().pauses;
    }
    timers_refused += run.timers_refused;
    calls_refused += run.calls_refused();
    protocols_refused += run.protocols_refused;
    time += run.simulation.network().now() - bobbin::Instant();
  }

  // That there was something to find. For a few hundred seeds.
  bool worth_it(std::uint64_t seeds) const {
    bool worth = completed > 2 * seeds && completed < sessions && pauses > seeds;
    for (std::size_t i = 1; i < bobbin::memory::fates; ++i) worth = worth && met[i] * 20 > seeds;
    return worth && 20 * timers_refused > seeds && calls_refused > seeds &&
           protocols_refused > seeds;
  }

  void print(std::uint64_t seeds) const {
    std::printf("%llu seeds, %.1f days of virtual time: %llu sessions, %llu of them complete; ",
                as_number(seeds), static_cast<double>(time / std::chrono::hours(1)) / 24,
                as_number(sessions), as_number(completed));
    std::printf("%llu connections, %llu bytes, %llu pauses; ", as_number(connections),
                as_number(bytes), as_number(pauses));
    std::printf("%llu cut, %llu black holes, %llu half open, %llu stalled; ", as_number(met[1]),
                as_number(met[2]), as_number(met[3]), as_number(met[4]));
    std::printf("no room for %llu timers, %llu posted calls, %llu protocols\n",
                as_number(timers_refused), as_number(calls_refused), as_number(protocols_refused));
  }

 private:
  static unsigned long long as_number(std::uint64_t value) { return value; }
};

bool passes(std::uint64_t seed, Totals& totals, bool trace) {
  const auto sessions = std::make_unique<Sessions>(seed);
  if (trace) sessions->simulation.trace_to(stdout);
  running = {seed, sessions.get(), trace};
  const char* const wrong = sessions->run();
  running = {};
  totals.add(*sessions);
  if (wrong == nullptr && !trace) return true;
  if (!trace) sessions->simulation.print_trace(stdout);
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed),
              wrong == nullptr ? "all held" : wrong);
  return wrong == nullptr;
}

int run_many(std::uint64_t first, std::uint64_t count) {
  Totals totals;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    if (passes(seed, totals, false)) continue;
    std::printf("replay with: make sim SEED=%llu\n", static_cast<unsigned long long>(seed));
    return 1;
  }
  totals.print(count);
  if (count < 200 || totals.worth_it(count)) return 0;
  std::printf("but too little happened for that to say much\n");
  return 1;
}

}  // namespace

extern "C" void bobbin_assertion_failed(const char* condition, const char* file, int line) {
  const bool is_told = running.sessions == nullptr || running.trace;
  if (!is_told) running.sessions->simulation.print_trace(stdout);
  std::printf("seed %llu: %s:%d: %s does not hold\n", static_cast<unsigned long long>(running.seed),
              file, line, condition);
  std::fflush(stdout);
  std::_Exit(1);
}

int main(int count, char** arguments) {
  const auto number = [&](int index) { return std::strtoull(arguments[index], nullptr, 0); };
  if (count != 3) {
    std::fprintf(stderr, "usage: sessions FIRST COUNT | --trace SEED\n");
    return 2;
  }
  Totals totals;
  if (std::strcmp(arguments[1], "--trace") == 0) return passes(number(2), totals, true) ? 0 : 1;
  return run_many(number(1), number(2));
}
