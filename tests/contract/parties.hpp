// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "world.hpp"

namespace bobbin::contract {

// What is carried where much is: less on a board, which is slow and has not the memory to hold it,
// and from thread to thread.
#ifndef BOBBIN_CONTRACT_BULK
#define BOBBIN_CONTRACT_BULK (10 * 1024 * 1024)
#endif
inline constexpr std::size_t bulk = BOBBIN_CONTRACT_BULK;

class Party;

// What a party does; what is empty is what Protocol does.
struct Script {
  std::function<void(Party&)> on_made;
  std::function<std::size_t(Party&, Bytes)> on_data;
  std::function<void(Party&)> on_end;
  std::function<void(Party&, Error)> on_lost;
};

// One side of a test: what its connections do, and what happened to them. It outlives them.
struct Side : Script {
  // The end of a test: the script may speak of what is gone.
  void improvise() { static_cast<Script&>(*this) = Script{}; }

  std::vector<Party*> open;
  std::vector<Errc> losses;
  std::vector<Errc> failures;
  std::vector<std::string> trace;  // made, data, end, lost
  std::string received;            // what was used, of all connections together
  int inside = 0;                  // callbacks running now: never more than one

  bool connected() const { return !open.empty(); }
  bool lost() const { return !losses.empty(); }
  Party& party() {
    EXPECT_EQ(open.size(), 1U);
    return *open.front();
  }
};

// A protocol that does what its side says and writes down what happens to it.
class Party final : public Protocol {
 public:
  explicit Party(Side& side) : side_(side) {}

  void connection_made() override {
    const Inside inside(side_);
    side_.open.push_back(this);
    note("made");
    if (side_.on_made) side_.on_made(*this);
  }

  std::size_t data_received(Bytes data) override {
    const Inside inside(side_);
    EXPECT_FALSE(data.empty());
    note("data");
    const std::size_t used = side_.on_data ? side_.on_data(*this, data) : data.size();
    side_.received += text_of(data.first(used));
    return used;
  }

  void read_connection_lost() override {
    const Inside inside(side_);
    note("end");
    if (side_.on_end) return side_.on_end(*this);
    Protocol::read_connection_lost();
  }

  void connection_lost(Error reason) override {
    const Inside inside(side_);
    EXPECT_EQ(std::erase(side_.open, this), 1U) << "lost twice";
    side_.losses.push_back(reason.code);
    note("lost");
    if (side_.on_lost) side_.on_lost(*this, reason);
  }

  std::size_t write(std::string_view text) { return transport().write(bytes_of(text)); }

 private:
  // No callback of a side may begin while another runs.
  struct Inside {
    explicit Inside(Side& side) : side_(side) { EXPECT_EQ(++side_.inside, 1); }
    ~Inside() { --side_.inside; }
    Side& side_;
  };

  // Repeated data is one entry: how often bytes come is not part of the contract.
  void note(const char* what) {
    if (side_.trace.empty() || side_.trace.back() != what) side_.trace.emplace_back(what);
  }

  Side& side_;
};

template <ConnectionSizes sizes>
class PartyServer final : public TcpServer<Party, sizes, Side> {
 public:
  using TcpServer<Party, sizes, Side>::TcpServer;
};

template <ConnectionSizes sizes>
class PartyClient final : public TcpClient<Party, sizes, Side> {
 public:
  explicit PartyClient(Side& side) : TcpClient<Party, sizes, Side>(side), side_(side) {}
  ~PartyClient() { this->shut_down(); }

  void client_connection_failed(Error reason) override {
    side_.failures.push_back(reason.code);
    if (on_failed) on_failed();
  }
  void client_connection_lost(Error reason) override {
    EXPECT_EQ(side_.losses.back(), reason.code);
    if (on_lost) on_lost();
  }

  std::function<void()> on_failed;
  std::function<void()> on_lost;

 private:
  Side& side_;
};

inline constexpr ConnectionSizes one_small{.connections = 1, .receive = 64, .send = 64};
inline constexpr ConnectionSizes two_small{.connections = 2, .receive = 64, .send = 64};
inline constexpr ConnectionSizes large_send{.connections = 1, .receive = 64, .send = 64 * 1024};
inline constexpr ConnectionSizes four_small{.connections = 4, .receive = 64, .send = 64};
inline constexpr ConnectionSizes smallest{
    .connections = 1, .receive = connection_buffer_min, .send = connection_buffer_min};

// A server and a client on one reactor. At the end of each test everything must have been given
// back, whatever the test did.
template <ConnectionSizes server_sizes = one_small, ConnectionSizes client_sizes = one_small>
class Pair : public testing::Test {
 protected:
  ~Pair() override {
    server_side_.improvise();
    client_side_.improvise();
    client_.on_failed = client_.on_lost = nullptr;
    server_.stop_listening();
    for (Party* party : std::vector(server_side_.open)) party->transport().abort_connection();
    for (Party* party : std::vector(client_side_.open)) party->transport().abort_connection();
    client_.stop_connecting();
    EXPECT_TRUE(world_.run_until([&] { return everything_given_back(); }, std::chrono::seconds(5)));
  }

  bool everything_given_back() {
    return server_.connections().use().in_use == 0 && client_.connections().use().in_use == 0 &&
           world_.reactor().timer_use().in_use == 0;
  }

  void listen() { ASSERT_FALSE(world_.reactor().listen_tcp(world_.anywhere(), server_)); }

  void connect() {
    listen();
    ASSERT_FALSE(world_.reactor().connect_tcp(server_.host(), client_));
    ASSERT_TRUE(run_until([&] { return server_side_.connected() && client_side_.connected(); }));
  }

  template <class Done>
  bool run_until(Done done) {
    return world_.run_until(done);
  }
  bool run_until_both_lost() {
    return run_until([&] { return server_side_.lost() && client_side_.lost(); });
  }

  // Long enough for anything that is on its way to arrive.
  void settle() { world_.run_for(std::chrono::milliseconds(200)); }

  Party& server() { return server_side_.party(); }
  Party& client() { return client_side_.party(); }

  World world_;
  Side server_side_;
  Side client_side_;
  PartyServer<server_sizes> server_{server_side_};
  PartyClient<client_sizes> client_{client_side_};
};

using Trace = std::vector<std::string>;
using Losses = std::vector<Errc>;

}  // namespace bobbin::contract
