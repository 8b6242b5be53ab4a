// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <bobbin/posix.hpp>

#include "blocking_client.hpp"
#include "support/waits.hpp"

// What connections cost on which nothing happens.

namespace bobbin::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t idle = 1000;
constexpr ConnectionSizes sizes{.connections = idle + 1, .receive = 64, .send = 64};

struct Echo final : Protocol {
  std::size_t data_received(Bytes data) override { return transport().write(data); }
};

template <class R>
class Idle : public testing::Test {
 protected:
  void SetUp() override {
    if (!allow_descriptors(2 * idle + 50)) {
      GTEST_SKIP() << "2,050 open files are not permitted here";
    }
    ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), server_, {.backlog = 128}));
  }

  // Connects, and sends and receives once, so that nothing is left of the beginning.
  void add_clients(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      clients_.push_back(std::make_unique<Client>(server_.host()));
      clients_.back()->send("x");
      echo(*clients_.back(), 1);
    }
  }

  void echo(Client& client, std::size_t size) {
    const std::uint64_t before = reactor_.statistics().bytes_sent;
    while (reactor_.statistics().bytes_sent < before + size) reactor_.turn(1s);
    ASSERT_EQ(client.receive(size).size(), size);
  }

  // The events and turns that a hundred messages of the latest client take.
  struct Work {
    int events;
    std::uint32_t turns;
    friend bool operator==(const Work&, const Work&) = default;
  };
  Work of_a_hundred_messages() {
    waits.clear();
    const std::uint32_t turns = reactor_.statistics().turns;
    for (int i = 0; i < 100; ++i) {
      clients_.back()->send("hello");
      echo(*clients_.back(), 5);
    }
    return {.events = waits.events, .turns = reactor_.statistics().turns - turns};
  }

  TcpServer<Echo, sizes> server_;
  R reactor_;
  std::vector<std::unique_ptr<Client>> clients_;
};

using Reactors = testing::Types<EpollReactor<>, PollReactor<ReactorSizes{}, idle + 4>>;

struct Names {
  template <class R>
  static std::string GetName(int number) {
    return number == 0 ? "epoll" : "poll";
  }
};

TYPED_TEST_SUITE(Idle, Reactors, Names);

// The one wait that `run` goes into is still the same when we look again.
TYPED_TEST(Idle, a_thousand_connections_do_not_wake_the_reactor) {
  constexpr std::chrono::seconds looked_for{3};
  this->add_clients(idle);
  this->reactor_.turn(0s);
  EXPECT_EQ(this->reactor_.next_deadline(), never);
  EXPECT_EQ(this->reactor_.longest_wait(), forever);
  waits.clear();
  std::thread watch([&] {
    while (waits.endless == 0) std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(looked_for);
    EXPECT_EQ(waits.all, 1);
    EXPECT_EQ(waits.endless, 1);
    std::printf("%zu idle connections: %d wake-ups in %d s\n", idle, waits.all - 1,
                static_cast<int>(looked_for.count()));
    EXPECT_TRUE(this->reactor_.call_from_thread([&] { return this->reactor_.stop(); }));
  });
  EXPECT_FALSE(this->reactor_.run());
  watch.join();
}

// Its answers find no room, and it goes on sending until its own find none.
TYPED_TEST(Idle, a_peer_that_does_not_read_does_not_keep_the_reactor_busy) {
  this->add_clients(1);
  std::uint64_t before = 0;
  do {
    before = this->reactor_.statistics().bytes_sent;
    this->clients_.back()->fill();
    for (int i = 0; i < 100; ++i) this->reactor_.turn(1ms);
  } while (this->reactor_.statistics().bytes_sent != before);
  EXPECT_EQ(this->reactor_.next_deadline(), never);
  waits.clear();
  ASSERT_TRUE(this->reactor_.call_later(300ms, [this] { return this->reactor_.stop(); }));
  EXPECT_FALSE(this->reactor_.run());
  // One that tried again and again would do so thousands of times.
  EXPECT_LE(waits.all, 20);
}

TYPED_TEST(Idle, a_thousand_connections_add_no_event_and_no_turn_to_the_work_of_another) {
  this->add_clients(1);
  const auto alone = this->of_a_hundred_messages();
  EXPECT_EQ(alone.events, 100);
  this->add_clients(idle);
  const auto among_idle = this->of_a_hundred_messages();
  EXPECT_EQ(among_idle, alone) << among_idle.events << " events in " << among_idle.turns
                               << " turns, alone " << alone.events << " in " << alone.turns;
}

}  // namespace
}  // namespace bobbin::test
