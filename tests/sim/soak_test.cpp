// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <gtest/gtest.h>
#include <bobbin/memory/simulation.hpp>

// A day in the life of a server: a million connections that are made, used and lost in every way
// there is, without anything being used up. BOBBIN_SOAK_HOURS makes it shorter, or longer.

namespace bobbin {
namespace {

using namespace std::chrono_literals;

constexpr ConnectionSizes served{.connections = 6, .receive = 64, .send = 64};
constexpr ConnectionSizes asking{.connections = 1, .receive = 64, .send = 64};
constexpr std::size_t client_count = 8;
constexpr double connections_an_hour = 1e6 / 24;

class Echo final : public Protocol {
 public:
  std::size_t data_received(Bytes data) override { return transport().write(data); }
};

struct Shared {
  SimulationBase& simulation;
  std::uint64_t made = 0;
  std::uint64_t lost = 0;
  std::uint64_t failed = 0;
  std::uint64_t echoed = 0;
};

// Says a word, hears it, and leaves: in order, at once, or without waiting for the answer.
class Visitor final : public Protocol {
 public:
  explicit Visitor(Shared& shared) : shared_(shared) {}

  void connection_made() override {
    ++shared_.made;
    EXPECT_TRUE(transport().write_all(bytes_of("a word")));
    if (shared_.simulation.random().one_in(16)) transport().lose_connection();
  }
  std::size_t data_received(Bytes data) override {
    if (data.size() < 6) return 0;
    EXPECT_EQ(text_of(data), "a word");
    ++shared_.echoed;
    if (shared_.simulation.random().one_in(4)) {
      transport().abort_connection();
    } else {
      transport().lose_connection();
    }
    return data.size();
  }
  void connection_lost(Error) override { ++shared_.lost; }

 private:
  Shared& shared_;
};

class Client final : public TcpClient<Visitor, asking, Shared> {
 public:
  explicit Client(Shared& shared) : TcpClient(shared), shared_(shared) {}
  ~Client() { shut_down(); }

  void connect() {
    MemoryReactorBase& host = shared_.simulation.host(1);
    if (!host.connect_tcp(shared_.simulation.address(0, 7), *this)) return;
    ++shared_.failed;
    connect_later();
  }
  void client_connection_failed(Error) override {
    ++shared_.failed;
    connect_later();
  }
  void client_connection_lost(Error) override { connect_later(); }

  bool open = true;

 private:
  void connect_later() {
    if (!open) return;
    const Duration pause(static_cast<std::int64_t>(shared_.simulation.random().below(1'000'000)));
    const auto call = shared_.simulation.host(1).call_later(pause, [this] { connect(); });
    EXPECT_TRUE(call);
  }

  Shared& shared_;
};

using Day =
    Simulation<SimulationSizes{.hosts = 2, .network = {.links = 16, .window = 128}, .trace = 200}>;

TEST(ADay, of_a_million_connections_uses_nothing_up) {
  const char* const given = std::getenv("BOBBIN_SOAK_HOURS");
  const double hours = given == nullptr ? 24 : std::strtod(given, nullptr);
  const auto simulation = std::make_unique<Day>(20240229);
  simulation->behave({.latency = 20ms,
                      .jitter = 5ms,
                      .resets = 500,
                      .refusals = 100,
                      .black_holes = 20'000,
                      .half_opens = 5'000,
                      .stalls = 10'000,
                      .fate_within = 12});
  simulation->network().fail.fail_one_in(memory::PortCall::accept, 1000);
  Shared shared{.simulation = *simulation};
  TcpServer<Echo, served> server;
  ASSERT_FALSE(simulation->host(0).listen_tcp(Address::any(7), server));
  std::array<Client, client_count> clients{Client(shared), Client(shared), Client(shared),
                                           Client(shared), Client(shared), Client(shared),
                                           Client(shared), Client(shared)};
  for (Client& client : clients) client.connect();

  const auto ending =
      simulation->run({.limit = Duration(static_cast<std::int64_t>(hours * 3.6e9))});
  if (ending != SimulationBase::Ending::limit) simulation->print_trace(stderr);
  ASSERT_EQ(ending, SimulationBase::Ending::limit) << simulation->failure();
  const std::uint64_t wanted = static_cast<std::uint64_t>(hours * connections_an_hour);
  EXPECT_GE(shared.made, wanted);
  EXPECT_GT(shared.echoed, wanted * 9 / 10);
  EXPECT_GT(shared.failed, wanted / 200);

  for (Client& client : clients) client.open = false;
  EXPECT_EQ(simulation->run(), SimulationBase::Ending::idle);
  EXPECT_EQ(shared.made, shared.lost);
  EXPECT_EQ(server.connections().use().in_use, 0U);
  EXPECT_EQ(simulation->left_over(), nullptr);
  EXPECT_EQ(simulation->host(0).statistics().errors, 0U);
  RecordProperty("connections", std::to_string(shared.made));
  std::printf("%llu connections made and lost in %.1f hours\n",
              static_cast<unsigned long long>(shared.made), hours);
}

}  // namespace
}  // namespace bobbin
