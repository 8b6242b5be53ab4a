// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <unistd.h>

#include <cstdio>

#include "load.hpp"
#include "program.hpp"

// usage: load --port P [--connections N] [--size N | --http 1] [--pipelined N] [--server PID]
//             [--messages N | --hold 1 | --warm-up-ms N --duration-ms N]
//
// Prints what it saw as one line of JSON. With --hold it connects, says so, and stays idle until
// its standard input ends.
namespace {

bench::LoadOptions load_options(const bench::Options& options) {
  return {.port = static_cast<std::uint16_t>(options.number("port", 0)),
          .connections = options.number("connections", 1),
          .size = options.number("size", 64),
          .http = options.number("http", 0) != 0,
          .pipelined = options.number("pipelined", 1),
          .server = static_cast<pid_t>(options.number("server", 0))};
}

void hold() {
  std::puts("connected");
  std::fflush(stdout);
  char byte = 0;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
}

void report(const bench::Load::Seen& seen) {
  const auto microseconds = [&seen](std::uint64_t share) {
    return static_cast<double>(seen.latencies.of_thousand(share)) / 1000;
  };
  std::printf(
      "{\"messages\": %llu, \"seconds\": %.6f, \"server_seconds\": %.6f, "
      "\"p50_us\": %.2f, \"p99_us\": %.2f}\n",
      static_cast<unsigned long long>(seen.messages), static_cast<double>(seen.ns) / 1e9,
      static_cast<double>(seen.server_ns) / 1e9, microseconds(500), microseconds(990));
}

}  // namespace

int main(int count, char** values) {
  const bench::Options options(count, values);
  const bench::LoadOptions load_for = load_options(options);
  constexpr std::size_t descriptors_of_the_program = 8;
  if (!bench::allow_descriptors(load_for.connections + descriptors_of_the_program)) {
    std::fprintf(stderr, "load: this machine does not permit so many descriptors\n");
    return 1;
  }
  bench::Load load(load_for);
  load.connect();
  const std::size_t messages = options.number("messages", 0);
  constexpr std::int64_t ns_in_ms = 1'000'000;
  if (options.number("hold", 0) != 0) {
    hold();
  } else if (messages > 0) {
    load.run(messages);
    report(load.seen());
  } else {
    load.run_for(static_cast<std::int64_t>(options.number("warm-up-ms", 50)) * ns_in_ms);
    load.clear();
    load.run_for(static_cast<std::int64_t>(options.number("duration-ms", 300)) * ns_in_ms);
    report(load.seen());
  }
  return 0;
}
