// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>
#include <cstdio>

#include <bobbin/net.hpp>
#include <bobbin/posix.hpp>
#include <bobbin/posix/process_one.hpp>
#include <bobbin/posix/process_service.hpp>

#include "trap.hpp"

// Processes that are begun, fail and are restarted, and JSON that is read from what they write,
// where to use the heap is deadly.

namespace {

using namespace bobbin;
using namespace std::chrono_literals;

constexpr std::size_t restarts_max = 3;
constexpr const char* arguments[] = {
    "sh", "-c", "echo '{\"number\": [7, 0.5], \"te\\u0078t\": \"\\u00e9\"}'; exit 1", nullptr};

class Teller final : public ProcessService {
 public:
  Teller(PosixReactor& reactor, Process& process)
      : ProcessService("teller", reactor, process, {.program = "sh", .arguments = arguments}) {}

  std::size_t out_received(Bytes data) override {
    JsonReader json(text_of(data));
    char place[8];
    while (json.next() != JsonToken::end && json.token() != JsonToken::malformed) {
      if (json.token() == JsonToken::key && json.string().is("text")) ++right;
      if (json.token() == JsonToken::string && json.string().copy_to(place)) ++right;
      if (json.token() != JsonToken::number) continue;
      if (json.number().as_integer() || json.number().as_double()) ++right;
    }
    return data.size();
  }

  std::size_t right = 0;
};

struct Scenario {
  Error run() {
    if (Error error = one.begin(reactor)) return error;
    if (Error error = supervisor.add(teller)) return error;
    stopped.add_both([this](const Outcome<void>&) { return reactor.stop(); });
    started.add_both([this](const Outcome<void>&) { supervisor.when_stopped(stopped); });
    if (Error error = reactor.call_when_running([this] { supervisor.start(started); })) {
      return error;
    }
    return reactor.run();
  }

  EpollReactor<> reactor;
  ProcessOne one;
  ChildProcess<> process;
  Supervisor<restarts_max> supervisor{"supervisor", reactor, {.delay = 1ms}};
  Teller teller{reactor, process};
  Deferred<void> started, stopped;
};

}  // namespace

int main() {
  static Scenario scenario;
  trap::arm();
  const Error error = scenario.run();
  trap::disarm();
  constexpr std::size_t wanted = 4 * (restarts_max + 1);
  if (!error && scenario.teller.right == wanted) return 0;
  std::printf("%zu of %zu right\n", scenario.teller.right, wanted);
  return 1;
}
