// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

#include <gtest/gtest.h>

#include <bobbin/posix.hpp>

#include "support/waits.hpp"

// What a program does to its reactor's descriptors behind its back must not keep the processor
// busy.

namespace bobbin::test {
namespace {

using namespace std::chrono_literals;

// A wait and a nap for each turn; a turn that does not wait does not nap.
template <class R>
void expect_naps(R& reactor) {
  waits.clear();
  for (int i = 0; i < 5; ++i) reactor.turn(1h);
  EXPECT_EQ(waits.blocking, 10);
  waits.clear();
  for (int i = 0; i < 5; ++i) reactor.turn(0s);
  EXPECT_EQ(waits.blocking, 0);
}

TEST(FailedWait, of_epoll_is_followed_by_a_nap) {
  EpollReactor<> reactor;
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(dup2(nothing, reactor.descriptor()), reactor.descriptor());
  close(nothing);
  expect_naps(reactor);
}

TEST(FailedWait, of_poll_is_followed_by_a_nap) {
  PollReactor<ReactorSizes{}, 4> reactor;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  expect_naps(reactor);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

struct Lost final : Protocol {
  explicit Lost(int& times) : times_(times) {}
  void connection_lost(Error reason) override {
    EXPECT_TRUE(reason);
    ++times_;
  }
  int& times_;
};

// Linux's epoll forgets such a descriptor without a word; poll(2) tells, at once and for ever.
TEST(FailedWait, a_descriptor_that_was_closed_ends_its_connection_and_does_not_spin) {
  constexpr ConnectionSizes sizes{.connections = 1, .receive = 64, .send = 64};
  int lost = 0;
  TcpClient<Lost, sizes, int> client(lost);
  PollReactor<ReactorSizes{}, 4> reactor;
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  ASSERT_FALSE(reactor.adopt_connection(pair[0], client));
  for (int i = 0; i < 3; ++i) reactor.turn(0s);
  EXPECT_EQ(lost, 0);
  close(pair[0]);
  waits.clear();
  ASSERT_TRUE(reactor.call_later(300ms, [&reactor] { return reactor.stop(); }));
  EXPECT_FALSE(reactor.run());
  EXPECT_EQ(lost, 1);
  EXPECT_LE(waits.all, 20);
  close(pair[1]);
}

}  // namespace
}  // namespace bobbin::test
