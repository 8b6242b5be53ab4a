// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "posix_support.hpp"
#include "system_calls.hpp"

namespace bobbin::test {
namespace {

using system_calls::sends_without_memory;

TEST_F(PosixPair, what_the_system_had_no_memory_for_is_sent_again) {
  sends_without_memory = 20;
  EXPECT_EQ(record_.transport->write(bytes_of("patience")), 8U);
  const std::uint32_t before = reactor_.statistics().turns;
  std::string received;
  bool ended = false;
  EXPECT_TRUE(turn_until(reactor_, [&] {
    received += peer_.receive_all(ended);
    return received == "patience";
  }));
  EXPECT_EQ(sends_without_memory, 0);
  EXPECT_GE(reactor_.statistics().turns - before, 5U);  // a few attempts in each
}

TEST(Posix, without_descriptors_a_reactor_says_so_and_what_it_is_asked_fails) {
  rlimit limits{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limits), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = limits.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  TestedReactor<> reactor;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limits), 0);
  TcpServer<Echo, small> server;
  EXPECT_EQ(reactor.status(), Errc::no_capacity);
  EXPECT_EQ(reactor.listen_tcp(Address::loopback(0), server), Errc::no_capacity);
}

TEST(Posix, accepting_goes_on_when_there_are_descriptors_again) {
  TestedReactor<> reactor;
  TcpServer<Echo, small> server;
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
  RawSocket client;
  ASSERT_TRUE(client.connect(server.host().port()));
  rlimit limits{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limits), 0);
  const int lowest_free = dup(0);
  close(lowest_free);
  const rlimit no_more{.rlim_cur = static_cast<rlim_t>(lowest_free), .rlim_max = limits.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &no_more), 0);
  reactor.turn(milliseconds(10));
  reactor.turn(milliseconds(0));
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limits), 0);
  EXPECT_EQ(reactor.statistics().accept_errors, 1U);
  EXPECT_TRUE(turn_until(reactor, [&] { return reactor.statistics().connections_opened == 1; }));
}

}  // namespace
}  // namespace bobbin::test
