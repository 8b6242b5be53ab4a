// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>

#include <gtest/gtest.h>

#include "memory_party.hpp"

namespace bobbin::test {

using namespace std::chrono_literals;

struct Port final : ListeningPort {
  using ListeningPort::ListeningPort;
};

// Builds parties of its side in up to `capacity` slots, or refuses.
struct PartyFactory final : Factory {
  PartyFactory(Side& side_in, std::size_t capacity_in = 32)
      : side(side_in), capacity(capacity_in) {}
  Protocol* build_protocol(const Address&) override {
    if (on_build) on_build();
    return refuses ? nullptr : slots.emplace(side);
  }
  void protocol_done(Protocol& protocol) override { slots.release(static_cast<Party&>(protocol)); }
  bool has_room() const override { return slots.use().in_use < capacity; }

  Side& side;
  std::size_t capacity;
  bool refuses = false;
  std::function<void()> on_build;
  Pool<Party, 32> slots;
};

inline constexpr ConnectionSizes two{.connections = 2, .receive = 64, .send = 64};

// Listening ports in memory, and any number of clients.
class Listening : public testing::Test {
 protected:
  ~Listening() override {
    for (Side& side : client_sides_) side.improvise();
    for (auto& client : clients_) {
      client.on_failed = client.on_lost = nullptr;
      client.stop_connecting();
    }
    for (Side& side : client_sides_) {
      if (side.connected()) side.party().transport().abort_connection();
    }
    reactor_.run_until([this] { return nothing_in_use(); });
    EXPECT_TRUE(nothing_in_use());
  }

  bool nothing_in_use() const {
    return network_.links_in_use().in_use == 0 && reactor_.timer_use().in_use == 0;
  }

  // A client's number.
  std::size_t connect(const ListeningPort& port) {
    client_sides_.emplace_back();
    clients_.emplace_back(client_sides_.back());
    EXPECT_FALSE(reactor_.connect_tcp(port.host(), clients_.back()));
    return clients_.size() - 1;
  }
  void disconnect(std::size_t client) {
    client_sides_[client].party().transport().abort_connection();
  }
  void settle() { reactor_.run_for(1ms); }

  MemoryNetwork<memory::NetworkSizes{.links = 40, .window = 256}> network_;
  MemoryReactor<ReactorSizes{.timers = 48}> reactor_{network_};
  std::deque<Side> client_sides_;
  std::deque<PartyClient<contract::one_small>> clients_;
};

}  // namespace bobbin::test
