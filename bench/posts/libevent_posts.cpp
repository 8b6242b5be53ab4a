// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <event2/event.h>
#include <event2/thread.h>

#include "posts.hpp"

// event_base_once without a time: what libevent has for "call this from the loop".
namespace {

class Loop {
 public:
  void post(const bench::Call& call) {
    const auto run = [](evutil_socket_t, short, void* posted) {
      (*static_cast<const bench::Call*>(posted))();
    };
    if (event_base_once(base_, -1, EV_TIMEOUT, run, const_cast<bench::Call*>(&call), nullptr) != 0)
      bench::fail("event_base_once");
  }
  void run() { event_base_loop(base_, EVLOOP_NO_EXIT_ON_EMPTY); }
  void stop() { event_base_loopbreak(base_); }

 private:
  event_base* base_ = event_base_new();
};

}  // namespace

int main(int count, char** values) {
  const bench::Options options(count, values);
  evthread_use_pthreads();
  Loop loop;
  return bench::measure_posts(loop, options);
}
