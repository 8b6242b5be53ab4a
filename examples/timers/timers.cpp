// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "example.hpp"

using namespace std::chrono_literals;

namespace {

// Says a number each second, down to 1, and then stops the reactor.
class Countdown {
 public:
  Countdown(example::Reactor& reactor, std::uint64_t from) : reactor_(reactor), counter_(from) {}

  bobbin::Error count() {
    if (counter_ == 0) return reactor_.stop();
    example::print(counter_--, " ...");
    return reactor_.call_later(1s, [this] { return count(); }).error();
  }

 private:
  example::Reactor& reactor_;
  std::uint64_t counter_;
};

bobbin::Error start(example::Reactor& reactor, Countdown& countdown) {
  example::print("Start!");
  const auto past = reactor.call_later(1500ms, [] { example::print("Hello from the past."); });
  auto never = reactor.call_later(1600ms, [] { example::print("This is never printed."); });
  for (const int delay : {2, 1, 3}) {
    const auto after = 100ms * delay;
    const auto call = reactor.call_later(
        after, [delay] { example::print("timer ", static_cast<std::uint64_t>(delay)); });
    if (!call) return call.error();
  }
  if (!past || !never) return bobbin::Errc::no_capacity;
  bobbin::DelayedCall cancelled = *never;
  cancelled.cancel();
  return countdown.count();
}

}  // namespace

const std::uint16_t example::default_port = 0;

int example::run(Reactor& reactor, const Options&) {
  static Countdown countdown(reactor, 5);
  const bobbin::Error asked =
      reactor.call_when_running([&reactor] { return start(reactor, countdown); });
  if (asked || reactor.run()) return 1;
  print("Stop!");
  return 0;
}
