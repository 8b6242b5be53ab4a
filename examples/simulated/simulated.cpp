// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <cstdio>
#include <cstdlib>

#include <bobbin/memory/simulation.hpp>

#include "../echo/echo.hpp"

// usage: simulated [SEED]
//
// Tries the echo on a thousand networks that are drawn: slow, narrow, in pieces, with connections
// that break in every way. With a seed it tries that one and prints all that happened.

namespace {

constexpr bobbin::ConnectionSizes served{.connections = 2, .receive = 32, .send = 32};
constexpr bobbin::ConnectionSizes asking{.connections = 1, .receive = 32, .send = 64};
constexpr bobbin::SimulationSizes hosts{.hosts = 2, .network = {.links = 4, .window = 100}};
constexpr std::string_view sentence = "the quick brown fox jumps over the lazy dog";

// What the client and the scenario both know.
struct Expected {
  bobbin::SimulationBase& simulation;
  std::size_t heard = 0;
};

// Says the sentence and leaves when it has heard all of it.
class Caller final : public bobbin::Protocol {
 public:
  explicit Caller(Expected& expected) : expected_(expected) {}

  void connection_made() override {
    if (!transport().write_all(bobbin::bytes_of(sentence))) {
      expected_.simulation.fail("a new connection has no room");
    }
  }

  std::size_t data_received(bobbin::Bytes data) override {
    if (bobbin::text_of(data) != sentence.substr(expected_.heard, data.size())) {
      expected_.simulation.fail("the echo is wrong");
    }
    expected_.heard += data.size();
    if (expected_.heard == sentence.size()) transport().lose_connection();
    return data.size();
  }

 private:
  Expected& expected_;
};

// Whether everything held that must hold on the network of this seed.
bool holds(std::uint64_t seed, bool show) {
  bobbin::Simulation<hosts> simulation(seed);
  if (show) simulation.trace_to(stdout);
  simulation.draw_behaviours();
  Expected expected{simulation};
  EchoServer<served> server;
  bobbin::TcpClient<Caller, asking, Expected> client(expected);
  if (simulation.host(0).listen_tcp(bobbin::Address::any(7), server)) return false;
  if (simulation.host(1).connect_tcp(simulation.address(0, 7), client)) return false;

  // Until nothing can ever happen again. Then all is given back, and nothing lost without a reason.
  const auto ending = simulation.run();
  const char* wrong = simulation.failure();
  if (wrong == nullptr) wrong = simulation.left_over();
  const bool all_heard = expected.heard == sentence.size();
  if (simulation.between(0, 1).faithful() && !all_heard) wrong = "something was lost";
  if (ending != bobbin::SimulationBase::Ending::idle) wrong = "it comes to no end";

  if (!show && wrong != nullptr) simulation.print_trace(stdout);
  if (wrong != nullptr) std::printf("%s\n", wrong);
  return wrong == nullptr;
}

}  // namespace

int main(int count, char** arguments) {
  if (count > 1) return holds(std::strtoull(arguments[1], nullptr, 0), true) ? 0 : 1;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    if (holds(seed, false)) continue;
    std::printf("replay with: simulated %llu\n", static_cast<unsigned long long>(seed));
    return 1;
  }
  std::printf("a thousand networks, and all held\n");
  return 0;
}
