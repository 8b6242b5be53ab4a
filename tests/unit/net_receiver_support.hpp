// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/memory.hpp>
#include <bobbin/net.hpp>

#include "contract/parties.hpp"

namespace bobbin::test {

using Events = std::vector<std::string>;

// What a receiver under test does, and what happened to it. It outlives the connection.
template <class Receiver>
struct Watched {
  std::function<Taken(Receiver&, std::string_view)> on_message;
  std::function<std::size_t(Receiver&, std::string_view)> on_raw;
  std::function<void(Receiver&)> on_refused;
  Events events;
  contract::Losses losses;
  Receiver* receiver = nullptr;

  Taken message(Receiver& self, Bytes bytes) {
    EXPECT_TRUE(self.transport().reading()) << "given to one who has paused or closed";
    const std::string text(text_of(bytes));
    const Taken taken = on_message ? on_message(self, text) : Taken::yes;
    if (taken != Taken::not_now) events.push_back(text);
    return taken;
  }
  std::size_t raw(Receiver& self, Bytes bytes) {
    const std::string_view text = text_of(bytes);
    const std::size_t used = on_raw ? on_raw(self, text) : text.size();
    if (events.empty() || !events.back().starts_with("raw ")) events.emplace_back("raw ");
    events.back() += text.substr(0, used);
    return used;
  }
  void refused(Receiver& self, const std::string& what) {
    events.push_back(what);
    if (on_refused) on_refused(self);
  }
};

inline constexpr LineFormat short_lines{.length_max = 20};

class Lines final : public LineReceiver<short_lines> {
 public:
  explicit Lines(Watched<Lines>& watched) : watched_(watched) {}
  void connection_made() override { watched_.receiver = this; }
  Taken line_received(Bytes line) override { return watched_.message(*this, line); }
  std::size_t raw_data_received(Bytes data) override { return watched_.raw(*this, data); }
  void line_length_exceeded(Bytes beginning) override {
    watched_.refused(*this, "too long " + std::string(text_of(beginning)));
    if (!watched_.on_refused) LineReceiver::line_length_exceeded(beginning);
  }
  void connection_lost(Error reason) override { watched_.losses.push_back(reason.code); }

 private:
  Watched<Lines>& watched_;
};

class Netstrings final : public NetstringReceiver<20> {
 public:
  explicit Netstrings(Watched<Netstrings>& watched) : watched_(watched) {}
  Taken string_received(Bytes string) override { return watched_.message(*this, string); }
  void parse_error() override { watched_.refused(*this, "parse error"); }
  void connection_lost(Error reason) override { watched_.losses.push_back(reason.code); }

 private:
  Watched<Netstrings>& watched_;
};

template <class Base>
class Strings final : public Base {
 public:
  explicit Strings(Watched<Strings>& watched) : watched_(watched) {}
  Taken string_received(Bytes string) override { return watched_.message(*this, string); }
  void length_limit_exceeded(std::size_t length) override {
    watched_.refused(*this, "too long " + std::to_string(length));
    if (!watched_.on_refused) Base::length_limit_exceeded(length);
  }
  void connection_lost(Error reason) override { watched_.losses.push_back(reason.code); }

 private:
  Watched<Strings>& watched_;
};

using Strings8 = Strings<Int8StringReceiver<20>>;
using Strings16 = Strings<Int16StringReceiver<20>>;
using Strings32 = Strings<Int32StringReceiver<20>>;

class Records final : public RecordReceiver<4> {
 public:
  explicit Records(Watched<Records>& watched) : watched_(watched) {}
  Taken record_received(Record record) override { return watched_.message(*this, record); }
  void connection_lost(Error reason) override { watched_.losses.push_back(reason.code); }

 private:
  Watched<Records>& watched_;
};

struct Network {
  const char* name;
  memory::Behaviour behaviour;
};

inline std::vector<Network> networks() {
  return {{"plain", {}},
          {"lends", {.lends = true}},
          {"bytewise", {.segment_max = 1, .read_max = 1}},
          {"bytewise, lends", {.segment_max = 1, .read_max = 1, .lends = true}},
          {"ragged",
           {.latency = std::chrono::milliseconds(5),
            .jitter = std::chrono::milliseconds(9),
            .segment_max = 7,
            .short_reads = 3,
            .short_writes = 3,
            .refused_writes = 3}}};
}

inline constexpr ConnectionSizes client_sizes{.connections = 1, .receive = 4096, .send = 4096};

// A receiver with the smallest buffers it may have, and a client that says what it is told to.
template <class Receiver, std::size_t room = 0>
class World {
 public:
  static constexpr ConnectionSizes sizes{
      .connections = 1,
      .receive = std::max(Receiver::receive_min, connection_buffer_min) + room,
      .send = std::max(Receiver::send_min, connection_buffer_min) + room};

  explicit World(const memory::Behaviour& behaviour = {}) {
    network_.behaviour = behaviour;
    EXPECT_FALSE(reactor.listen_tcp(Address::loopback(0), server_));
    EXPECT_FALSE(reactor.connect_tcp(server_.host(), client_));
    EXPECT_TRUE(reactor.run_until([this] { return server_.connections().use().in_use == 1; }));
    EXPECT_TRUE(reactor.run_until([this] { return peer.connected(); }));
    reactor.run_for(std::chrono::milliseconds(100));
  }
  ~World() {
    peer.improvise();
    watched.on_message = nullptr;
    watched.on_raw = nullptr;
    watched.on_refused = nullptr;
  }

  // All at once, and then whatever follows from it.
  void hear(std::string_view text) {
    EXPECT_EQ(peer.party().write(text), text.size());
    reactor.run_for(std::chrono::seconds(2));
  }
  Transport& transport() { return watched.receiver->transport(); }
  const std::string& answer() const { return peer.received; }
  bool over() const { return !watched.losses.empty(); }

  Watched<Receiver> watched;
  contract::Side peer;

 private:
  MemoryNetwork<memory::NetworkSizes{.links = 4, .window = 256}> network_;

 public:
  MemoryReactor<> reactor{network_};

 private:
  TcpServer<Receiver, sizes, Watched<Receiver>> server_{watched};
  contract::PartyClient<client_sizes> client_{peer};
};

template <class Test>
void on_each_network(Test test) {
  for (const Network& network : networks()) {
    SCOPED_TRACE(network.name);
    test(network.behaviour);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace bobbin::test
