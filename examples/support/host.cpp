// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <sys/resource.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "example.hpp"

namespace example {

void write(Output output, std::string_view text) {
  std::FILE* const file = output == Output::errors ? stderr : stdout;
  if (!text.empty()) std::fwrite(text.data(), 1, text.size(), file);
  if (text.ends_with('\n')) std::fflush(file);
}

void write(Output output, const bobbin::Address& address) {
  write(output, bobbin::AddressText(address).view());
}

void write(Output output, bobbin::Error error) { write(output, bobbin::describe(error)); }

void write(Output output, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  write(output, std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
}

void report_errors(Reactor& reactor) {
  static bobbin::LogPublisher publisher(reactor);
  static bobbin::TextLog<200> lines([](std::string_view line) {
    write(Output::errors, line);
    return line.size();
  });
  static const bobbin::Logger log(publisher, "example");
  publisher.add(lines);
  bobbin::log_errors(reactor, log);
}

Console::Console(Reactor& reactor, const bobbin::ConnectionPool* connections)
    : reactor_(reactor), connections_(connections) {}

Console::~Console() = default;

// Each connection takes a descriptor, and 1,024 of them with the few of the program itself are more
// than the usual soft limit of 1,024 in all. As many as the administrator allows; with fewer than
// that, accepting waits for connections to end.
void allow_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace example

void bobbin_assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
  if (bobbin_last_words != nullptr) bobbin_last_words();
  std::abort();
}
