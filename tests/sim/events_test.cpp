// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/memory/simulation.hpp>

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using Ending = SimulationBase::Ending;

constexpr ConnectionSizes sizes{.connections = 1, .receive = 64, .send = 64};

// Uses one byte of each offer.
struct Nibbler final : Protocol {
  explicit Nibbler(std::size_t& total) : used(total) {}
  std::size_t data_received(Bytes) override { return ++used, 1; }
  std::size_t& used;
};

struct Speaker final : Protocol {
  void connection_made() override { EXPECT_TRUE(transport().write_all(bytes_of("stressed"))); }
  std::size_t data_received(Bytes data) override { return data.size(); }
};

struct EventsTest : testing::Test {
  using Hosts = Simulation<SimulationSizes{.hosts = 2, .network = {.links = 2}, .trace = 1}>;

  // Something that is broken by one call and mended by the next, both in one turn.
  void break_and_mend() {
    ASSERT_TRUE(simulation->host(0).call_later(1s, [this] { broken = true; }));
    ASSERT_TRUE(simulation->host(0).call_later(1s, [this] { broken = false; }));
  }
  const char* what_is_broken() const { return broken ? "it is broken" : nullptr; }

  std::unique_ptr<Hosts> simulation = std::make_unique<Hosts>(1);
  bool broken = false;
};

TEST_F(EventsTest, what_breaks_and_is_mended_in_one_turn_is_seen) {
  break_and_mend();
  simulation->after_each_event([this] { return what_is_broken(); });
  EXPECT_EQ(simulation->run(), Ending::broken);
  EXPECT_STREQ(simulation->failure(), "it is broken");
  EXPECT_FALSE(broken) << "the turn goes on to its end";
}

TEST_F(EventsTest, after_each_turn_it_is_not) {
  break_and_mend();
  simulation->after_each_turn([this] { return what_is_broken(); });
  EXPECT_EQ(simulation->run(), Ending::idle);
}

TEST_F(EventsTest, each_offer_is_an_event) {
  std::size_t used = 0;
  TcpServer<Nibbler, sizes, std::size_t> server(used);
  TcpClient<Speaker, sizes> client;
  std::vector<std::size_t> seen;
  simulation->after_each_event([&] {
    if (seen.empty() || seen.back() != used) seen.push_back(used);
    return static_cast<const char*>(nullptr);
  });
  ASSERT_FALSE(simulation->host(0).listen_tcp(Address::any(80), server));
  ASSERT_FALSE(simulation->host(1).connect_tcp(simulation->address(0, 80), client));
  EXPECT_EQ(simulation->run(), Ending::idle);
  EXPECT_EQ(seen, (std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
}

// Two arrive at one instant, and nobody has a turn between them.
TEST_F(EventsTest, each_arrival_is_an_event) {
  simulation->between(0, 1).segment_max = 4;
  simulation->between(0, 1).latency = 1s;
  std::size_t used = 0;
  TcpServer<Nibbler, sizes, std::size_t> server(used);
  TcpClient<Speaker, sizes> client;
  std::vector<std::uint64_t> seen;
  simulation->after_each_event([&] {
    const std::uint64_t arrived = simulation->network().traffic().bytes_arrived;
    if (seen.empty() || seen.back() != arrived) seen.push_back(arrived);
    return static_cast<const char*>(nullptr);
  });
  ASSERT_FALSE(simulation->host(0).listen_tcp(Address::any(80), server));
  ASSERT_FALSE(simulation->host(1).connect_tcp(simulation->address(0, 80), client));
  EXPECT_EQ(simulation->run(), Ending::idle);
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{0, 4, 8}));
}

TEST_F(EventsTest, nothing_is_looked_at_when_the_run_is_over) {
  std::size_t looks = 0;
  simulation->after_each_event([&] { return ++looks, static_cast<const char*>(nullptr); });
  ASSERT_TRUE(simulation->host(0).call_later(1s, [] {}));
  EXPECT_EQ(simulation->run(), Ending::idle);
  EXPECT_EQ(looks, 1U);
  ASSERT_TRUE(simulation->host(0).call_later(0s, [] {}));
  simulation->host(0).turn({});
  EXPECT_EQ(looks, 1U);
}

// However few are remembered.
TEST_F(EventsTest, a_trace_of_all_is_printed_as_it_happens) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* const file = open_memstream(&text, &size);
  simulation->trace_to(file);
  for (std::size_t i = 1; i <= 3; ++i) simulation->note(0, "note", i);
  simulation->trace_to(nullptr);
  simulation->note(0, "note", 4);
  std::fclose(file);
  EXPECT_EQ(std::string(text, size),
            "       0.000000  host 1  note 1\n"
            "       0.000000  host 1  note 2\n"
            "       0.000000  host 1  note 3\n");
  std::free(text);
}

}  // namespace
}  // namespace bobbin
