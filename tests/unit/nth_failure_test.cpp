// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/memory.hpp>

// One scenario, in which each thing that can fail fails once, at its first use, its second, and so
// on until there is no such use: whatever fails, everything ends in order and is given back.

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using memory::PortCall;

constexpr std::size_t message_size = 6000;
constexpr std::size_t client_count = 3;

char byte_at(std::size_t position) { return static_cast<char>('!' + position % 89); }

// What all parties of one run have in common, and what went on there.
struct Events {
  explicit Events(Clock& clock_in) : clock(clock_in) {}
  Clock& clock;
  int made = 0;
  int lost = 0;
  int failed = 0;
  int whole = 0;  // messages that came back complete
  bool orderly = true;
};

// Echoes, and every now and then does not read for a while.
class Echo final : public Protocol {
 public:
  explicit Echo(Events& events) : events_(events) {}

  void connection_made() override { ++events_.made; }
  std::size_t data_received(Bytes data) override {
    const std::size_t used = transport().write(data);
    rest_ += used;
    if (rest_ < 1000) return used;
    rest_ = 0;
    transport().pause_producing();
    const auto call = events_.clock.call_later(5ms, [this] { transport().resume_producing(); });
    if (call) {
      resume_ = *call;
    } else {
      transport().resume_producing();
    }
    return used;
  }
  void read_connection_lost() override { transport().lose_write_connection(); }
  void connection_lost(Error) override {
    resume_.cancel();
    ++events_.lost;
  }

 private:
  Events& events_;
  DelayedCall resume_;
  std::size_t rest_ = 0;
};

// Produces the message as fast as it may, ends its side, and compares what comes back.
class Sender final : public Protocol, private PushProducer {
 public:
  explicit Sender(Events& events) : events_(events) {}

  void connection_made() override {
    ++events_.made;
    if (transport().register_producer(*this)) return transport().abort_connection();
    producing_ = true;
    produce();
  }
  std::size_t data_received(Bytes data) override {
    for (const char c : text_of(data)) {
      events_.orderly = events_.orderly && c == byte_at(received_++);
    }
    return data.size();
  }
  void read_connection_lost() override {
    if (received_ == message_size) ++events_.whole;
    transport().lose_connection();
  }
  void connection_lost(Error) override { ++events_.lost; }

 private:
  void resume_producing() override {
    events_.orderly = events_.orderly && !producing_;
    producing_ = true;
    produce();
  }
  void pause_producing() override {
    events_.orderly = events_.orderly && producing_;
    producing_ = false;
  }
  void stop_producing() override { producing_ = false; }

  void produce() {
    while (producing_ && sent_ < message_size) {
      const char byte = byte_at(sent_);
      if (transport().write(bytes_of({&byte, 1})) == 0) return;
      ++sent_;
    }
    if (sent_ < message_size) return;
    transport().unregister_producer();
    transport().lose_write_connection();
  }

  Events& events_;
  std::size_t sent_ = 0;
  std::size_t received_ = 0;
  bool producing_ = false;
};

// Protocols for the server, of which the n-th cannot be had.
class EchoFactory final : public Factory {
 public:
  EchoFactory(Events& events, std::size_t slots) : events_(events), slots_(slots) {}

  Protocol* build_protocol(const Address&) override {
    if (fail_at > 0 && --fail_at == 0) {
      fired = true;
      return nullptr;
    }
    return pool_.emplace(events_);
  }
  void protocol_done(Protocol& protocol) override { pool_.release(static_cast<Echo&>(protocol)); }
  bool has_room() const override { return pool_.use().in_use < slots_; }

  const PoolUse& use() const { return pool_.use(); }
  int fail_at = 0;
  bool fired = false;

 private:
  Events& events_;
  std::size_t slots_;
  Pool<Echo, client_count> pool_;
};

struct Port final : ListeningPort {
  using ListeningPort::ListeningPort;
};

constexpr ConnectionSizes client_sizes{.connections = 1, .receive = 64, .send = 256};

struct Client final : TcpClient<Sender, client_sizes, Events> {
  explicit Client(Events& events_in) : TcpClient(events_in), events(events_in) {}
  ~Client() { shut_down(); }
  void client_connection_failed(Error) override { ++events.failed; }
  Events& events;
};

// What is short in one run.
struct Shortage {
  std::size_t connections = 2;  // of the server
  std::size_t slots = client_count;
  int fail_build = 0;
  std::size_t timers = 16;
  std::size_t links = 8;
  std::size_t posted_calls = 8;
  std::size_t triggers = 8;
};

class Scenario {
 public:
  Scenario(bool lends, const Shortage& shortage)
      : shortage_(shortage),
        region_(ConnectionRegion::bytes_needed(server_sizes()) / 8 + 1),
        pool_(std::as_writable_bytes(std::span(region_)), server_sizes()),
        factory_(events_, shortage.slots) {
    factory_.fail_at = shortage.fail_build;
    network.behaviour = {.latency = 2ms, .segment_max = 100, .lends = lends};
  }

  // Runs until nothing can ever happen, and then expects everything to be in order.
  void run() {
    take_what_is_short();
    const auto start = [this] {
      if (reactor_.listen_tcp(Address::loopback(80), *port_)) refuse();
      for (std::size_t i = 0; i < client_count; ++i) {
        clients_.emplace_back(events_);
        if (reactor_.connect_tcp(Address::loopback(80), clients_.back())) refuse();
      }
    };
    if (reactor_.call_when_running(start)) refuse();
    if (reactor_.add_system_event_trigger(SystemEvent::shutdown, Phase::before,
                                          [this] { ++shutdowns_; })) {
      refuse();
    }
    for (int i = 0; i < 3; ++i) {
      if (reactor_.call_from_thread([this] { ++posted_; })) {
        ++asked_;
      } else {
        refuse();
      }
    }
    // Long after everything else has ended.
    reactor_.run_for(10min);
    expect_everything_given_back();
    // As it is without a connection, only the port is left.
    port_.reset();
    (void)reactor_.stop();
    reactor_.turn({});
    EXPECT_EQ(shutdowns_, shortage_.triggers >= 2 ? 1 : 0);
  }

  bool complete() const { return events_.whole == client_count; }
  std::size_t refusals() const { return refusals_; }
  bool build_failed() const { return factory_.fired; }
  const Events& events() const { return events_; }

  MemoryNetwork<memory::NetworkSizes{.links = 8, .window = 512}> network;

 private:
  ConnectionSizes server_sizes() const {
    return {.connections = shortage_.connections, .receive = 64, .send = 128};
  }

  void refuse() { ++refusals_; }

  void take_what_is_short() {
    for (std::size_t i = shortage_.timers; i < 16; ++i) {
      taken_.push_back(*reactor_.call_later(24h, [] {}));
    }
    for (std::size_t i = shortage_.posted_calls; i < 8; ++i) {
      EXPECT_TRUE(reactor_.call_from_thread([] {}));
    }
    for (std::size_t i = shortage_.triggers; i < 8; ++i) {
      EXPECT_FALSE(reactor_.add_system_event_trigger(SystemEvent::startup, Phase::before, [] {}));
    }
    for (std::size_t i = shortage_.links; i < 8; ++i) {
      held_.push_back(network.open(Address::loopback(0), Address::ip4({192, 0, 2, 1}, 9)));
    }
  }

  void expect_everything_given_back() {
    EXPECT_EQ(events_.made, events_.lost);
    EXPECT_TRUE(events_.orderly);
    EXPECT_EQ(pool_.use().in_use, 0U);
    EXPECT_EQ(factory_.use().in_use, 0U);
    for (const Client& client : clients_) {
      EXPECT_EQ(client.connections().use().in_use, 0U);
      EXPECT_EQ(client.state(), Connector::State::disconnected);
    }
    EXPECT_EQ(reactor_.timer_use().in_use, taken_.size());
    EXPECT_EQ(reactor_.posted_use().in_use, 0U);
    EXPECT_EQ(posted_, asked_);
    EXPECT_EQ(network.links_in_use().in_use, held_.size());
    EXPECT_EQ(network.timer_use().in_use, 0U);
    const Statistics& statistics = reactor_.statistics();
    EXPECT_EQ(statistics.connections_opened, static_cast<std::uint32_t>(events_.made));
    EXPECT_EQ(statistics.connections_failed, static_cast<std::uint32_t>(events_.failed));
    EXPECT_EQ(statistics.errors, 0U);
    for (DelayedCall& call : taken_) EXPECT_TRUE(call.cancel());
  }

  Shortage shortage_;
  MemoryReactor<ReactorSizes{.timers = 16, .posted_calls = 8, .triggers = 8}> reactor_{network};
  Events events_{reactor_};
  std::vector<std::uint64_t> region_;
  ConnectionRegion pool_;
  EchoFactory factory_;
  std::optional<Port> port_{std::in_place, factory_, pool_};
  std::deque<Client> clients_;
  std::vector<DelayedCall> taken_;
  std::vector<memory::Link*> held_;
  std::size_t refusals_ = 0;
  int shutdowns_ = 0;
  int posted_ = 0;
  int asked_ = 0;
};

class TheNthFailure : public testing::TestWithParam<bool> {
 protected:
  // How many runs it took until there was no n-th use.
  int of(PortCall call) {
    for (std::uint32_t n = 1;; ++n) {
      SCOPED_TRACE("the use number " + std::to_string(n));
      Scenario scenario(GetParam(), {});
      scenario.network.fail.fail(call, n);
      scenario.run();
      if (!scenario.network.fail.fired()) {
        EXPECT_TRUE(scenario.complete()) << "nothing failed";
        return static_cast<int>(n);
      }
      if (HasFailure()) return -1;
    }
  }

  // Runs with 0, 1, 2… of something up to `enough`: what is short of that is refused.
  template <class Short>
  void with(std::size_t enough, Short set) {
    for (std::size_t count = 0; count <= enough; ++count) {
      SCOPED_TRACE("with " + std::to_string(count));
      Shortage shortage;
      set(shortage, count);
      Scenario scenario(GetParam(), shortage);
      scenario.run();
      EXPECT_TRUE(scenario.complete() || count < enough);
      EXPECT_EQ(scenario.refusals(), enough - count);
    }
  }
};

TEST_P(TheNthFailure, of_nothing_leaves_every_message_whole) {
  Scenario scenario(GetParam(), {});
  scenario.run();
  EXPECT_TRUE(scenario.complete());
  EXPECT_EQ(scenario.events().made, 6);
}

TEST_P(TheNthFailure, of_listening_ends_in_order) { EXPECT_EQ(of(PortCall::listen), 2); }

TEST_P(TheNthFailure, of_accepting_ends_in_order) { EXPECT_EQ(of(PortCall::accept), 4); }

TEST_P(TheNthFailure, of_connecting_ends_in_order) { EXPECT_EQ(of(PortCall::connect), 4); }

TEST_P(TheNthFailure, of_the_end_of_connecting_ends_in_order) {
  EXPECT_GE(of(PortCall::finish_connect), 4);
}

TEST_P(TheNthFailure, of_reading_ends_in_order) { EXPECT_GT(of(PortCall::read), 6); }

TEST_P(TheNthFailure, of_writing_ends_in_order) { EXPECT_GT(of(PortCall::write), 100); }

TEST_P(TheNthFailure, of_a_protocol_to_be_had_ends_in_order) {
  for (int n = 1; n <= 4; ++n) {
    Scenario scenario(GetParam(), {.fail_build = n});
    scenario.run();
    EXPECT_EQ(scenario.build_failed(), n <= 3);
    EXPECT_EQ(scenario.events().whole, n <= 3 ? 2 : 3);
  }
}

TEST_P(TheNthFailure, for_want_of_timers_ends_in_order) {
  with(3, [](Shortage& shortage, std::size_t count) { shortage.timers = count; });
}

TEST_P(TheNthFailure, for_want_of_connections_ends_in_order) {
  for (std::size_t count = 1; count <= 3; ++count) {
    Scenario scenario(GetParam(), {.connections = count});
    scenario.run();
    EXPECT_TRUE(scenario.complete()) << "the others waited, and were served";
  }
}

TEST_P(TheNthFailure, for_want_of_protocols_ends_in_order) {
  for (std::size_t count = 1; count <= 3; ++count) {
    Scenario scenario(GetParam(), {.slots = count});
    scenario.run();
    EXPECT_TRUE(scenario.complete()) << "the others waited, and were served";
  }
}

TEST_P(TheNthFailure, for_want_of_links_ends_in_order) {
  with(3, [](Shortage& shortage, std::size_t count) { shortage.links = count; });
}

TEST_P(TheNthFailure, for_want_of_posted_calls_ends_in_order) {
  with(3, [](Shortage& shortage, std::size_t count) { shortage.posted_calls = count; });
}

TEST_P(TheNthFailure, for_want_of_triggers_ends_in_order) {
  with(2, [](Shortage& shortage, std::size_t count) { shortage.triggers = count; });
}

INSTANTIATE_TEST_SUITE_P(OnANetworkThat, TheNthFailure, testing::Bool(), [](const auto& lends) {
  return std::string(lends.param ? "lends" : "copies");
});

}  // namespace
}  // namespace bobbin
