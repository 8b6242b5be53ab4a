// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "nameplate/nameplate.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/memory.hpp>

#include "support/seed.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using State = Allocator::State;
using Words = std::vector<std::string>;

struct Recorded final : Allocator {
  void ask() override { words.emplace_back("ask"); }
  void tell(int nameplate) override { words.push_back("tell " + std::to_string(nameplate)); }

  Words words;
};

TEST(AnAllocator, E7_6_asks_at_once_when_it_is_connected) {
  Recorded allocator;
  allocator.connected();
  EXPECT_EQ(allocator.words, Words{});
  allocator.allocate();
  EXPECT_EQ(allocator.words, Words{"ask"});
}

TEST(AnAllocator, E7_6_asks_when_it_is_connected_if_it_was_not) {
  Recorded allocator;
  allocator.allocate();
  EXPECT_EQ(allocator.words, Words{});
  allocator.connected();
  EXPECT_EQ(allocator.words, Words{"ask"});
}

TEST(AnAllocator, E7_6_asks_again_after_a_loss_and_tells_once) {
  Recorded allocator;
  allocator.connected();
  allocator.allocate();
  allocator.lost();
  allocator.connected();
  EXPECT_EQ(allocator.words, (Words{"ask", "ask"}));
  allocator.allocated(4);
  allocator.allocated(4);
  EXPECT_EQ(allocator.words, (Words{"ask", "ask", "tell 4"}));
}

TEST(AnAllocator, E7_6_asks_no_more_once_it_has_what_it_wanted) {
  Recorded allocator;
  allocator.connected();
  allocator.allocate();
  allocator.allocated(4);
  allocator.words.clear();
  for (int i = 0; i < 3; ++i) {
    allocator.lost();
    allocator.connected();
    allocator.allocate();
    allocator.allocated(5);
  }
  EXPECT_EQ(allocator.words, Words{});
  EXPECT_EQ(allocator.state(), State::done);
}

// Each event in each state: what it leads to, and what is done.
TEST(AnAllocator, E7_6_moves_through_its_two_columns) {
  struct Row {
    State from;
    State allocate, connected, lost, allocated;
    const char* done[4];
  };
  constexpr State away = State::idle_away;
  constexpr State here = State::idle_here;
  constexpr State asking_away = State::asking_away;
  constexpr State asking_here = State::asking_here;
  constexpr State done = State::done;
  const Row rows[] = {
      {away, asking_away, here, away, away, {"", "", "", ""}},
      {here, asking_here, here, away, here, {"ask", "", "", ""}},
      {asking_away, asking_away, asking_here, asking_away, asking_away, {"", "ask", "", ""}},
      {asking_here, asking_here, asking_here, asking_away, done, {"", "", "", "tell 9"}},
      {done, done, done, done, done, {"", "", "", ""}},
  };
  for (const Row& row : rows) {
    for (int event = 0; event < 4; ++event) {
      SCOPED_TRACE(std::to_string(static_cast<int>(row.from)) + " " + std::to_string(event));
      Recorded allocator;
      if (row.from == here || row.from == asking_here || row.from == done) allocator.connected();
      if (row.from != away && row.from != here) allocator.allocate();
      if (row.from == done) allocator.allocated(1);
      ASSERT_EQ(allocator.state(), row.from);
      allocator.words.clear();
      if (event == 0) allocator.allocate();
      if (event == 1) allocator.connected();
      if (event == 2) allocator.lost();
      if (event == 3) allocator.allocated(9);
      const State to[] = {row.allocate, row.connected, row.lost, row.allocated};
      EXPECT_EQ(allocator.state(), to[event]);
      const std::string expected = row.done[event];
      EXPECT_EQ(allocator.words, expected.empty() ? Words{} : Words{expected});
    }
  }
}

// Over a network.

constexpr ConnectionSizes one{.receive = 64, .send = 64};
constexpr ConnectionSizes four{.connections = 4, .receive = 64, .send = 64};

struct Recorder final : NameplateLog {
  void asks() override { ++asked; }
  void hangs_up() override { ++hung_up; }
  void got(int nameplate) override { nameplates.push_back(nameplate); }

  int asked = 0;
  int hung_up = 0;
  std::vector<int> nameplates;
};

TEST(ANameplate, is_the_same_however_often_it_was_asked_for) {
  MemoryNetwork<> network;
  network.behaviour.latency = 10ms;
  MemoryReactor<> reactor(network);
  Recorder log;
  Nameplates nameplates{.log = log, .hang_ups = 5};
  TcpServer<NameplateServer, four, Nameplates> server(nameplates);
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
  NameplateClient ada("ada", log);
  Random random(1);
  ReconnectingClient<NameplateLine, one, NameplateClient> client(random, ada);
  ASSERT_FALSE(client.start(reactor, server.host()));
  ada.allocate();
  ASSERT_TRUE(reactor.run_until([&] { return !log.nameplates.empty(); }, 1h));
  EXPECT_EQ(log.hung_up, 5);
  EXPECT_EQ(log.asked, 6);
  EXPECT_EQ(log.nameplates, std::vector<int>{1});
  EXPECT_EQ(nameplates.count, 1U);
  // Whoever comes next has the next one; a name that has one, the same again.
  for (const auto& [name, expected] : {std::pair("grace", 2), {"ada", 1}}) {
    NameplateClient other(name, log);
    ReconnectingClient<NameplateLine, one, NameplateClient> line(random, other);
    ASSERT_FALSE(line.start(reactor, server.host()));
    other.allocate();
    const std::size_t before = log.nameplates.size();
    ASSERT_TRUE(reactor.run_until([&] { return log.nameplates.size() > before; }));
    EXPECT_EQ(log.nameplates.back(), expected);
  }
}

// Connections that break at any byte, either way: each client is told once, and no two the same.
TEST(ANameplate, comes_through_whatever_the_network_does) {
  test::for_each_seed([](test::Random& random) {
    MemoryNetwork<> network;
    network.seed(random.bits());
    network.behaviour.latency = 1ms;
    network.behaviour.segment_max = 3;
    MemoryReactor<> reactor(network);
    Recorder log;
    Nameplates nameplates{.log = log};
    TcpServer<NameplateServer, four, Nameplates> server(nameplates);
    ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
    NameplateClient ada("ada", log);
    NameplateClient grace("grace", log);
    bobbin::Random waits(random.bits());
    ReconnectingClient<NameplateLine, one, NameplateClient> first(waits, ada);
    ReconnectingClient<NameplateLine, one, NameplateClient> second(waits, grace);
    ada.allocate();
    grace.allocate();
    const ReconnectOptions often{.backoff = {.initial = 10ms, .max = 10ms}};
    ASSERT_FALSE(first.start(reactor, server.host(), often));
    ASSERT_FALSE(second.start(reactor, server.host(), often));
    for (int cuts = 0; cuts < 20; ++cuts) {
      reactor.run_for(Duration(random.below(30'000)));
      (random.one_in(2) ? first : second).connector().disconnect();
    }
    ASSERT_TRUE(reactor.run_until([&] { return log.nameplates.size() == 2; }, 1h));
    reactor.run_for(1min);
    EXPECT_EQ(log.nameplates.size(), 2U);
    EXPECT_EQ(log.nameplates[0] + log.nameplates[1], 3);
  });
}

}  // namespace
}  // namespace bobbin
