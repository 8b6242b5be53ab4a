// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/memory.hpp>

#include "contract/parties.hpp"

namespace bobbin::test {

using contract::Losses;
using contract::Party;
using contract::PartyClient;
using contract::PartyServer;
using contract::Side;
using contract::Trace;

inline constexpr memory::NetworkSizes narrow{.links = 4, .window = 8};

inline std::string text_of_length(std::size_t length) {
  std::string text;
  for (std::size_t i = 0; i < length; ++i) text += static_cast<char>('!' + i % 89);
  return text;
}

// A server and a client of the contract suite, on a network that the test may shape.
template <ConnectionSizes server_sizes = contract::four_small,
          ConnectionSizes client_sizes = contract::one_small,
          memory::NetworkSizes network_sizes = memory::NetworkSizes{.links = 32, .window = 4096},
          ReactorSizes reactor_sizes = ReactorSizes{.timers = 32}>
class MemoryPair : public testing::Test {
 protected:
  ~MemoryPair() override {
    server_side_.improvise();
    client_side_.improvise();
    client_.on_failed = client_.on_lost = nullptr;
    network_.fail = {};
    server_.stop_listening();
    for (Party* party : std::vector(server_side_.open)) party->transport().abort_connection();
    for (Party* party : std::vector(client_side_.open)) party->transport().abort_connection();
    client_.stop_connecting();
    reactor_.run_until([this] { return everything_given_back(); });
    EXPECT_EQ(server_.connections().use().in_use, 0U);
    EXPECT_EQ(client_.connections().use().in_use, 0U);
    EXPECT_EQ(reactor_.timer_use().in_use, 0U);
  }

  bool everything_given_back() const {
    return server_.connections().use().in_use == 0 && client_.connections().use().in_use == 0 &&
           reactor_.timer_use().in_use == 0;
  }

  void listen() { ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), server_)); }

  void connect() {
    listen();
    ASSERT_FALSE(reactor_.connect_tcp(server_.host(), client_));
    ASSERT_TRUE(run_until([this] { return server_side_.connected() && client_side_.connected(); }));
  }

  template <class Done>
  bool run_until(Done done) {
    return reactor_.run_until(done);
  }
  bool run_until_both_lost() {
    return run_until([this] { return server_side_.lost() && client_side_.lost(); });
  }
  void settle() { reactor_.run_for(std::chrono::milliseconds(200)); }

  Party& server() { return server_side_.party(); }
  Party& client() { return client_side_.party(); }

  MemoryNetwork<network_sizes> network_;
  MemoryReactor<reactor_sizes> reactor_{network_};
  Side server_side_;
  Side client_side_;
  PartyServer<server_sizes> server_{server_side_};
  PartyClient<client_sizes> client_{client_side_};
};

}  // namespace bobbin::test
