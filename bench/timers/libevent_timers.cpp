// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <event2/event.h>
#include <event2/event_struct.h>

#include <functional>
#include <vector>

#include "timers.hpp"

namespace {

class Loop {
 public:
  explicit Loop(std::size_t count) : base_(event_base_new()), timers_(count) {
    for (event& timer : timers_) {
      evtimer_assign(
          &timer, base_,
          [](evutil_socket_t, short, void* loop) { ++static_cast<Loop*>(loop)->fired; }, this);
    }
  }

  template <class F>
  void in_callback(F work) {
    std::function<void()> call = work;
    event_base_once(
        base_, -1, EV_TIMEOUT,
        [](evutil_socket_t, short, void* context) {
          (*static_cast<std::function<void()>*>(context))();
        },
        &call, nullptr);
    event_base_loop(base_, EVLOOP_ONCE | EVLOOP_NONBLOCK);
  }

  void start(std::size_t i, unsigned ms) {
    const timeval delay{.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    event_add(&timers_[i], &delay);
  }

  void cancel(std::size_t i) { event_del(&timers_[i]); }

  void run() { event_base_dispatch(base_); }

  std::size_t fired = 0;

 private:
  event_base* base_;
  std::vector<event> timers_;
};

}  // namespace

int main(int count, char** values) {
  bench::Timers timers{bench::Options(count, values)};
  Loop loop(timers.count());
  return timers.measure(loop);
}
