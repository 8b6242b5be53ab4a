// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// A program of a host that handles, or does not handle, failures: unhandled_program WHAT
#include <bobbin/posix.hpp>
#include <bobbin/posix/application.hpp>

#include <chrono>
#include <cstdio>
#include <optional>
#include <string_view>

namespace {

using bobbin::Failure;

enum class Mishap { broken_reed };
std::string_view describe(Mishap) { return "the reed is broken"; }

#ifdef OWN_HOOK
}  // namespace
extern "C" void bobbin_unhandled_failure(const Failure& failure) {
  std::fprintf(stderr, "own: %s\n", failure == Mishap::broken_reed ? "reed" : "other");
}
namespace {
#endif

bobbin::EpollReactor<> reactor;

// Fails in a turn of the reactor, and is gone when this returns.
int fail_later(bool handled) {
  bobbin::Deferred<int> reading;
  reading.add_callback([](int value) { return value + 1; });
  if (handled) reading.trap<Mishap::broken_reed>([] { return 0; });
  const auto fire = [&reading] { reading.errback(Failure(Mishap::broken_reed)); };
  if (!reactor.call_later(std::chrono::milliseconds(1), fire)) return 3;
  if (!reactor.call_later(std::chrono::milliseconds(2), [] { return reactor.stop(); })) return 3;
  return reactor.run() ? 1 : 0;
}

int fail_in_application() {
  bobbin::Application application(reactor, {.name = "reeds", .version = "1", .summary = ""});
  char name[] = "reeds";
  char* values[] = {name, nullptr};
  if (application.parse(1, values)) return 3;
  return fail_later(false);
}

}  // namespace

int main(int count, char** values) {
  const std::string_view what = count == 2 ? values[1] : "";
  if (what == "unhandled") return fail_later(false);
  if (what == "handled") return fail_later(true);
  if (what == "application") return fail_in_application();
  if (what == "after-application") {
    const int status = fail_in_application();
    bobbin::Deferred<int> late = bobbin::fail<int>(Failure(bobbin::Errc::timed_out));
    return status;
  }
  return 2;
}
