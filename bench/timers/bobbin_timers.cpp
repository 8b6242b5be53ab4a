// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <vector>

#include <bobbin/bobbin.hpp>
#include <bobbin/posix.hpp>

#include "timers.hpp"

namespace {

constexpr bobbin::ReactorSizes sizes{.timers = 100'000};

class Loop {
 public:
  explicit Loop(std::size_t count) : calls_(count) {}

  template <class F>
  void in_callback(F work) {
    if (!reactor_.call_from_thread([&work] { work(); })) bench::fail("call_from_thread");
    reactor_.turn(bobbin::Duration::zero());
  }

  void start(std::size_t i, unsigned ms) {
    const auto call = reactor_.call_later(std::chrono::milliseconds(ms), [this] { ++fired; });
    if (!call) bench::fail("call_later");
    calls_[i] = *call;
  }

  void cancel(std::size_t i) { calls_[i].cancel(); }

  void run() {
    while (reactor_.next_call() != bobbin::never) reactor_.turn(bobbin::Duration::zero());
  }

  std::size_t fired = 0;

 private:
  bobbin::EpollReactor<sizes> reactor_;
  std::vector<bobbin::DelayedCall> calls_;
};

}  // namespace

int main(int count, char** values) {
  bench::Timers timers{bench::Options(count, values)};
  static Loop loop(timers.count());
  return timers.measure(loop);
}
