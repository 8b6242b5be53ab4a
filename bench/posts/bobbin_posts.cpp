// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/bobbin.hpp>
#include <bobbin/posix.hpp>

#include "posts.hpp"

namespace {

constexpr bobbin::ReactorSizes sizes{.posted_calls = 1024};

class Loop {
 public:
  void post(const bench::Call& call) {
    if (!reactor_.call_from_thread([&call] { call(); })) bench::fail("call_from_thread");
  }
  void run() {
    if (reactor_.run()) bench::fail("run");
  }
  void stop() {
    if (reactor_.stop()) bench::fail("stop");
  }

 private:
  bobbin::EpollReactor<sizes> reactor_;
};

}  // namespace

int main(int count, char** values) {
  const bench::Options options(count, values);
  Loop loop;
  return bench::measure_posts(loop, options);
}
