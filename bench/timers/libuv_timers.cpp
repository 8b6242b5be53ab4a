// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <uv.h>

#include <functional>
#include <vector>

#include "timers.hpp"

namespace {

class Loop {
 public:
  explicit Loop(std::size_t count) : timers_(count) {
    uv_loop_init(&loop_);
    uv_idle_init(&loop_, &idle_);
    for (uv_timer_t& timer : timers_) {
      uv_timer_init(&loop_, &timer);
      timer.data = this;
    }
  }

  template <class F>
  void in_callback(F work) {
    std::function<void()> call = work;
    idle_.data = &call;
    uv_idle_start(&idle_, [](uv_idle_t* idle) {
      uv_idle_stop(idle);
      (*static_cast<std::function<void()>*>(idle->data))();
    });
    uv_run(&loop_, UV_RUN_NOWAIT);
  }

  void start(std::size_t i, unsigned ms) {
    uv_timer_start(
        &timers_[i], [](uv_timer_t* timer) { ++static_cast<Loop*>(timer->data)->fired; }, ms, 0);
  }

  void cancel(std::size_t i) { uv_timer_stop(&timers_[i]); }

  void run() { uv_run(&loop_, UV_RUN_DEFAULT); }

  std::size_t fired = 0;

 private:
  uv_loop_t loop_{};
  uv_idle_t idle_{};
  std::vector<uv_timer_t> timers_;
};

}  // namespace

int main(int count, char** values) {
  bench::Timers timers{bench::Options(count, values)};
  Loop loop(timers.count());
  return timers.measure(loop);
}
