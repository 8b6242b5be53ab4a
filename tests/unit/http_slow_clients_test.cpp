// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>
#include <bobbin/memory.hpp>

// A hundred clients that send their requests a byte at a time and never to the end, beside one that
// is served ("slow loris"). Time is virtual.
namespace bobbin::http {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t slow_count = 100;
constexpr ConnectionSizes client_sizes{.connections = 1, .receive = 1024, .send = 1024};
// For how long one of them can have a place.
constexpr Duration place_kept = default_server_limits.head_time + default_server_limits.linger;
constexpr std::string_view hello =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n";

// The deadlines are those that a server has that says nothing of them.
struct Page final : Responder<> {
  void request_received(const RequestHead&) override {
    EXPECT_FALSE(respond({.type = "text/plain"}, "Hello, world\n"));
  }
};

// What became of a client; it outlives the connection.
struct Fate {
  bool is_slow = false;
  bool stays = false;  // it goes on when the server has ended its side
  struct Caller* connected = nullptr;
  std::string received;
  bool lost = false;
};

struct Caller : Protocol {
  explicit Caller(Fate& fate_in) : fate(fate_in) {}

  void connection_made() override {
    fate.connected = this;
    if (fate.is_slow) send_one_byte();
  }
  void send_one_byte() {
    [[maybe_unused]] const std::size_t sent = transport().write(bytes_of("G"));
  }
  std::size_t data_received(Bytes data) override {
    fate.received += text_of(data);
    return data.size();
  }
  void read_connection_lost() override {
    if (!fate.stays) Protocol::read_connection_lost();
  }
  void connection_lost(Error) override {
    fate.connected = nullptr;
    fate.lost = true;
  }
  Fate& fate;
};

// A server with so many connections, and the clients.
template <std::size_t connections>
class World {
 public:
  explicit World(WhenFull::Answer when_full = WhenFull::wait) {
    EXPECT_FALSE(reactor_.listen_tcp(Address::loopback(0), server_, {.when_full = when_full}));
  }

  // As many slow ones more, who begin now; every other one stays until it is thrown out.
  void connect_slow() {
    for (std::size_t i = 0; i < slow_count; ++i) {
      slow_.push_back(std::make_unique<One>());
      slow_.back()->fate.is_slow = true;
      slow_.back()->fate.stays = i % 2 == 0;
      EXPECT_FALSE(reactor_.connect_tcp(server_.host(), slow_.back()->client));
    }
    run_for(1ms);
  }
  void connect_good() {
    EXPECT_FALSE(reactor_.connect_tcp(server_.host(), good_.client));
    run_for(1ms);
  }

  void ask() { write(good_, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"); }
  const std::string& answers() const { return good_.fate.received; }

  // Every three seconds each slow client that is still there sends one more byte.
  void run_for(Duration length) {
    const Instant end = after(reactor_.now(), length);
    while (reactor_.now() < end) {
      if (reactor_.now() >= next_byte_) send_slowly();
      reactor_.run_for(std::min(end, next_byte_) - reactor_.now());
    }
  }

  std::size_t in_use() const { return server_.connections().use().in_use; }
  std::size_t refused() const {
    return count([](const Fate& fate) { return fate.received.starts_with("HTTP/1.1 408 "); });
  }
  std::size_t lost() const {
    return count([](const Fate& fate) { return fate.lost; });
  }

 private:
  struct One {
    Fate fate;
    TcpClient<Caller, client_sizes, Fate> client{fate};
  };

  static void write(One& one, std::string_view text) {
    ASSERT_NE(one.fate.connected, nullptr);
    EXPECT_EQ(one.fate.connected->transport().write(bytes_of(text)), text.size());
  }
  void send_slowly() {
    next_byte_ = after(reactor_.now(), 3s);
    for (const auto& one : slow_) {
      if (one->fate.connected != nullptr) one->fate.connected->send_one_byte();
    }
  }
  template <class Wanted>
  std::size_t count(Wanted wanted) const {
    return static_cast<std::size_t>(std::count_if(
        slow_.begin(), slow_.end(), [&](const auto& one) { return wanted(one->fate); }));
  }

  MemoryNetwork<memory::NetworkSizes{.links = 3 * slow_count, .window = 4096}> network_;
  MemoryReactor<ReactorSizes{.timers = 4 * slow_count}> reactor_{network_};
  TcpServer<Page, ConnectionSizes{.connections = connections, .receive = 2048, .send = 1024}>
      server_;
  std::vector<std::unique_ptr<One>> slow_;
  Instant next_byte_{};
  One good_;
};

std::string times(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += hello;
  return text;
}

TEST(SlowClients, do_not_disturb_one_that_is_served) {
  World<slow_count + 1> world;
  world.connect_slow();
  world.connect_good();
  ASSERT_EQ(world.in_use(), slow_count + 1);
  for (std::size_t asked = 1; asked <= 30; ++asked) {
    world.ask();
    world.run_for(1s);
    ASSERT_EQ(world.answers(), times(asked));
  }
}

TEST(SlowClients, are_refused_when_the_head_s_time_is_over) {
  World<slow_count> world;
  world.connect_slow();
  world.run_for(default_server_limits.head_time - 2ms);
  EXPECT_EQ(world.lost(), 0U);
  EXPECT_EQ(world.in_use(), slow_count);
  world.run_for(2ms);
  // Half of them have understood.
  EXPECT_EQ(world.in_use(), slow_count / 2);
  world.run_for(default_server_limits.linger);
  EXPECT_EQ(world.in_use(), 0U);
  EXPECT_EQ(world.refused(), slow_count);
}

TEST(SlowClients, leave_their_places_to_the_next) {
  World<slow_count> world;
  for (std::size_t wave = 1; wave <= 3; ++wave) {
    world.connect_slow();
    EXPECT_EQ(world.in_use(), slow_count);
    world.run_for(place_kept);
    EXPECT_EQ(world.in_use(), 0U);
    EXPECT_EQ(world.refused(), wave * slow_count);
  }
}

TEST(SlowClients, cannot_keep_a_small_server_for_ever) {
  constexpr std::size_t places = 8;
  World<places> world;
  world.connect_slow();
  world.connect_good();
  world.ask();
  // The good one has to wait for all who came before it.
  world.run_for(place_kept * ((slow_count + places - 1) / places));
  EXPECT_EQ(world.answers(), hello);
}

TEST(SlowClients, give_way_sooner_where_who_is_idle_ends_for_who_waits) {
  World<8> world(WhenFull::evict);
  world.connect_slow();
  world.connect_good();
  world.ask();
  // Eight are spared for a second each time.
  world.run_for(2 * default_server_limits.head_time);
  EXPECT_EQ(world.answers(), hello);
}

}  // namespace
}  // namespace bobbin::http
