// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <asio.hpp>
#include <vector>

#include "timers.hpp"

namespace {

class Loop {
 public:
  explicit Loop(std::size_t count) {
    timers_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) timers_.emplace_back(loop_);
  }

  template <class F>
  void in_callback(F work) {
    loop_.restart();
    asio::post(loop_, work);
    loop_.poll_one();
  }

  void start(std::size_t i, unsigned ms) {
    timers_[i].expires_after(std::chrono::milliseconds(ms));
    timers_[i].async_wait([this](std::error_code error) {
      if (!error) ++fired;
    });
  }

  void cancel(std::size_t i) { timers_[i].cancel(); }

  void run() {
    loop_.restart();
    loop_.run();
  }

  std::size_t fired = 0;

 private:
  asio::io_context loop_{1};
  std::vector<asio::steady_timer> timers_;
};

}  // namespace

int main(int count, char** values) {
  bench::Timers timers{bench::Options(count, values)};
  Loop loop(timers.count());
  return timers.measure(loop);
}
