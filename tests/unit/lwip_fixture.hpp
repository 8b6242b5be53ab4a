// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/lwip.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <lwip/memp.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/stats.h>

#include "loopback_host.hpp"

namespace bobbin {

using namespace std::chrono_literals;

// What a connection does, and what became of it.
struct Script {
  std::string greeting;  // written when the connection is made
  bool starts_paused = false;
  bool echoes = false;
  bool closes_at_end = true;
  std::size_t message = 1;  // uses nothing before this many bytes are there

  Transport* transport = nullptr;  // of the latest connection, while it is open
  std::string received;
  int made = 0;
  int ended = 0;
  std::vector<Errc> lost;
};

class Scripted final : public Protocol {
 public:
  explicit Scripted(Script& script) : script_(script) {}

  void connection_made() override {
    ++script_.made;
    script_.transport = &transport();
    if (script_.starts_paused) transport().pause_producing();
    EXPECT_TRUE(transport().write_all(bytes_of(script_.greeting)));
  }

  std::size_t data_received(Bytes data) override {
    if (data.size() < script_.message) return 0;
    const std::size_t used = script_.echoes ? transport().write(data) : data.size();
    script_.received += text_of(data.first(used));
    return used;
  }

  void read_connection_lost() override {
    ++script_.ended;
    if (script_.closes_at_end) transport().lose_connection();
  }

  void connection_lost(Error reason) override {
    script_.lost.push_back(reason.code);
    if (script_.transport == &transport()) script_.transport = nullptr;
  }

 private:
  Script& script_;
};

constexpr ConnectionSizes small{.connections = 1, .receive = 256, .send = 512};
constexpr ConnectionSizes whole_window{.connections = 1, .receive = TCP_WND, .send = 64};
constexpr ConnectionSizes too_large{.connections = 1, .receive = TCP_WND + 1, .send = 64};
constexpr ConnectionSizes much_to_send{
    .connections = 1, .receive = TCP_WND, .send = 3 * TCP_SND_BUF};
constexpr ConnectionSizes beyond_backlog{BOBBIN_LWIP_BACKLOG + 2, 64, 64};
constexpr ConnectionSizes twice_backlog{2 * BOBBIN_LWIP_BACKLOG, 64, 64};
constexpr ConnectionSizes too_many{BOBBIN_LWIP_CONNECTIONS + 1, 64, 64};
constexpr ConnectionSizes roomy{.connections = 1, .receive = 256, .send = 4096};
constexpr ConnectionSizes two{.connections = 2, .receive = 256, .send = 256};

template <ConnectionSizes sizes = small>
struct Server final : Script, TcpServer<Scripted, sizes, Script> {
  Server() : TcpServer<Scripted, sizes, Script>(static_cast<Script&>(*this)) {}
};

template <ConnectionSizes sizes = small>
struct Client final : Script, TcpClient<Scripted, sizes, Script> {
  Client() : TcpClient<Scripted, sizes, Script>(static_cast<Script&>(*this)) {}
  void client_connection_failed(Error reason) override { failed = reason; }

  Error failed;
};

// Writes a text as fast as it is taken, then ends its side.
struct Sending final : PullProducer {
  Sending(Script& peer, std::string what) : script(peer), text(std::move(what)) {}

  void start() { EXPECT_FALSE(script.transport->register_producer(*this)); }
  void resume_producing() override {
    sent += script.transport->write(bytes_of(text).subspan(sent));
    if (sent < text.size()) return;
    script.transport->unregister_producer();
    script.transport->lose_write_connection();
  }
  void stop_producing() override {}

  Script& script;
  std::string text;
  std::size_t sent = 0;
};

inline std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  std::uint32_t state = 1;
  for (char& c : text) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return text;
}

// Holds every free object of one of lwIP's pools.
class Exhausted {
 public:
  explicit Exhausted(memp_t type) : type_(type) {
    while (void* object = memp_malloc(type_)) held_.push_back(object);
  }
  ~Exhausted() { give_back(); }
  void give_back() {
    for (void* object : held_) memp_free(type_, object);
    held_.clear();
  }
  void give_back_one() {
    memp_free(type_, held_.back());
    held_.pop_back();
  }

 private:
  memp_t type_;
  std::vector<void*> held_;
};

class Lwip : public ::testing::Test {
 protected:
  static constexpr std::uint16_t port = 7000;

  // Interfaces hold groups of their own, where lwIP was built for them.
  Lwip() {
    for (int type = 0; type < MEMP_MAX; ++type) used_before[type] = lwip_stats.memp[type]->used;
  }

  // Everything must have gone back to lwIP's pools, once the last TIME_WAIT is over.
  void TearDown() override {
    host.unplug(false);
    host.starve(false);
    LwipReactor<> rest(host);
    for (int seconds = 0; seconds < 300; ++seconds) rest.turn(1s);
    EXPECT_EQ(tcp_active_pcbs, nullptr);
    EXPECT_EQ(tcp_tw_pcbs, nullptr);
    EXPECT_EQ(tcp_bound_pcbs, nullptr);
    EXPECT_EQ(tcp_listen_pcbs.pcbs, nullptr);
    EXPECT_TRUE(pools_are_as_before());
    EXPECT_EQ(lwip_stats.memp[MEMP_SYS_TIMEOUT]->err, 0);
  }

  // But for lwIP's own timers.
  testing::AssertionResult pools_are_as_before() const {
    for (int type = 0; type < MEMP_MAX; ++type) {
      const auto used = lwip_stats.memp[type]->used;
      if (type == MEMP_SYS_TIMEOUT || used == used_before[type]) continue;
      return testing::AssertionFailure() << used << " of pool " << type << " are in use";
    }
    return testing::AssertionSuccess();
  }

  template <class Done>
  bool run_until(Done done, Duration limit = 60s) {
    const Instant end = host.now() + limit;
    while (!done()) {
      if (host.now() >= end) return false;
      reactor.turn(end - host.now());
    }
    return true;
  }

  void run_for(Duration length) {
    run_until([] { return false; }, length);
  }

  template <class S>
  void listen(S& server) {
    ASSERT_FALSE(reactor.listen_tcp(Address::loopback(port), server));
  }

  template <class C>
  void connect(C& client) {
    ASSERT_FALSE(reactor.connect_tcp(Address::loopback(port), client));
  }

  template <class S, class C>
  void open(S& server, C& client) {
    listen(server);
    connect(client);
    ASSERT_TRUE(run_until([&] { return server.transport && client.transport; }));
  }

  test::LoopbackHost host;
  LwipReactor<> reactor{host};
  mem_size_t used_before[MEMP_MAX];
};

using Lost = std::vector<Errc>;

}  // namespace bobbin
