// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>
#include <string>

#include <gtest/gtest.h>
#include <bobbin/bobbin.hpp>
#include <bobbin/memory.hpp>

// What a build without assertions does where one would be.

#ifndef BOBBIN_NO_ASSERTIONS
#error "this program is built without assertions"
#endif

namespace bobbin {
namespace {

using namespace std::chrono_literals;

constexpr ConnectionSizes sizes{.connections = 1, .receive = 64, .send = 64};
constexpr ConnectionSizes larger{.connections = 1, .receive = 2000, .send = 64};

// Says it used more than it was given, the first time.
struct Greedy final : Protocol {
  struct Log {
    std::size_t too_many;
    std::string heard;
    Errc lost = Errc::ok;
  };
  explicit Greedy(Log& to) : log(to) {}
  std::size_t data_received(Bytes data) override {
    const bool first = log.heard.empty();
    log.heard += text_of(data);
    return first ? data.size() + log.too_many : data.size();
  }
  void connection_lost(Error reason) override { log.lost = reason.code; }
  Log& log;
};

// Says two things, one after the other was heard.
struct Speaker final : Protocol {
  void connection_made() override {
    EXPECT_TRUE(transport().write_all(bytes_of("first ")));
    later = *transport().reactor().call_later(1s, [this] {
      EXPECT_TRUE(transport().write_all(bytes_of("second")));
      transport().lose_connection();
    });
  }
  DelayedCall later;
};

struct NoAssertions : testing::TestWithParam<bool> {
  NoAssertions() { network.behaviour.lends = GetParam(); }

  template <ConnectionSizes of_server>
  void expect_all_is_heard(std::size_t too_many) {
    Greedy::Log log{.too_many = too_many, .heard = {}};
    TcpServer<Greedy, of_server, Greedy::Log> server(log);
    TcpClient<Speaker, sizes> client;
    ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
    ASSERT_FALSE(reactor.connect_tcp(server.host(), client));
    const std::uint64_t before = reactor.statistics().bytes_received;
    reactor.run_for(2s);
    EXPECT_EQ(log.heard, "first second");
    EXPECT_EQ(log.lost, Errc::connection_done);
    EXPECT_EQ(reactor.statistics().bytes_received - before, 12U);
  }

  MemoryNetwork<> network;
  MemoryReactor<> reactor{network};
};

// By way of the place that all connections share, and of the connection's own buffer.
TEST_P(NoAssertions, who_uses_more_than_there_is_used_all_of_it) {
  for (const std::size_t too_many : {std::size_t{1}, std::size_t{1000}, SIZE_MAX - 6}) {
    expect_all_is_heard<sizes>(too_many);
    expect_all_is_heard<larger>(too_many);
  }
}

INSTANTIATE_TEST_SUITE_P(By, NoAssertions, testing::Bool());

}  // namespace
}  // namespace bobbin
