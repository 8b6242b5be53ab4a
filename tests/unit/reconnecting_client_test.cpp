// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/reconnecting_client.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "memory_party.hpp"
#include "support/seed.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using memory::PortCall;
using test::Losses;
using test::Party;
using test::Side;
using Event = Reconnector::Event;
using Report = Reconnector::Report;
using State = Reconnector::State;

constexpr BackoffOptions doubling{
    .initial = 1s, .max = 60s, .factor_permille = 2000, .jitter_permille = 0};

std::string name_of(Event event) {
  static constexpr const char* names[] = {"connecting", "connected", "failed",
                                          "lost",       "gave up",   "stopped"};
  return names[static_cast<int>(event)];
}

using Client = ReconnectingClient<Party, contract::one_small, Side>;

class AReconnectingClient : public testing::Test {
 protected:
  AReconnectingClient() {
    network_.behaviour.latency = 10ms;
    client_.on_event([this](const Report& report) { heard(report); });
  }
  ~AReconnectingClient() override {
    server_side_.improvise();
    client_side_.improvise();
    react_ = nullptr;
    network_.fail = {};
    client_.stop();
    cut();
    server_.stop_listening();
    reactor_.run_until([this] { return everything_given_back(); });
    EXPECT_EQ(client_.state(), State::stopped);
    EXPECT_EQ(reactor_.timer_use().in_use, 0U);
    EXPECT_EQ(client_.connections().use().in_use, 0U);
  }

  bool everything_given_back() {
    return reactor_.timer_use().in_use == 0 && client_.connections().use().in_use == 0 &&
           server_.connections().use().in_use == 0;
  }

  void heard(const Report& report) {
    reports_.push_back(name_of(report.event));
    times_.push_back(network_.now());
    last_ = report;
    if (react_) react_(report);
  }

  Error start(ReconnectOptions options = {.backoff = doubling}) {
    return client_.start(reactor_, address_, options);
  }
  void listen() { ASSERT_FALSE(reactor_.listen_tcp(address_, server_)); }
  void cut() {
    for (Party* party : std::vector(server_side_.open)) party->transport().abort_connection();
  }
  void begin_if_stopped() {
    if (client_.state() != State::stopped) return;
    EXPECT_FALSE(start());
  }
  bool run_until_connected() {
    return reactor_.run_until([this] { return server_side_.connected() && connected(); }, 24h);
  }
  bool connected() const { return client_.state() == State::connected; }
  void connect() {
    listen();
    ASSERT_FALSE(start());
    ASSERT_TRUE(run_until_connected());
  }
  std::vector<std::string> reports() { return std::exchange(reports_, {}); }

  using Words = std::vector<std::string>;

  MemoryNetwork<memory::NetworkSizes{.links = 8, .window = 4096}> network_;
  MemoryReactor<ReactorSizes{.timers = 8}> reactor_{network_};
  Address address_ = Address::loopback(4000);
  Side server_side_;
  Side client_side_;
  test::PartyServer<contract::four_small> server_{server_side_};
  bobbin::Random random_{1};
  std::function<void(const Report&)> react_;
  std::vector<std::string> reports_;
  std::vector<Instant> times_;
  Report last_;
  Client client_{random_, client_side_};
};

TEST_F(AReconnectingClient, connects_and_says_so) {
  listen();
  EXPECT_EQ(client_.state(), State::stopped);
  react_ = [this](const Report&) { EXPECT_TRUE(client_side_.connected()) << "made before told"; };
  ASSERT_FALSE(start());
  EXPECT_EQ(client_.state(), State::connecting);
  EXPECT_EQ(reactor_.timer_use().in_use, 2U) << "its own and the attempt's";
  EXPECT_TRUE(reports_.empty()) << "never from inside start";
  ASSERT_TRUE(run_until_connected());
  EXPECT_EQ(reports(), Words{"connected"});
  EXPECT_EQ(client_.retries(), 0U);
  EXPECT_EQ(client_.next_attempt(), never);
  EXPECT_EQ(reactor_.timer_use().in_use, 1U);
}

TEST_F(AReconnectingClient, tries_again_at_growing_distances) {
  ASSERT_FALSE(start());
  const Instant start_time = network_.now();
  ASSERT_TRUE(reactor_.run_until([this] { return client_.retries() == 7; }, 24h));
  std::vector<Duration> failures;
  for (std::size_t i = 0; i < reports_.size(); ++i) {
    if (reports_[i] == "failed") failures.push_back(times_[i] - start_time);
  }
  // A refusal takes one round trip.
  const std::vector<Duration> expected{20ms, 1040ms, 3060ms, 7080ms, 15100ms, 31120ms, 63140ms};
  EXPECT_EQ(failures, expected);
  EXPECT_EQ(last_.reason, Errc::connection_refused);
  EXPECT_EQ(last_.delay, 60s);
  EXPECT_EQ(client_.state(), State::waiting);
  EXPECT_EQ(client_.next_attempt(), network_.now() + 60s);
  EXPECT_EQ(reactor_.timer_use().in_use, 1U);
  listen();
  ASSERT_TRUE(run_until_connected());
  EXPECT_EQ(network_.now() - start_time, 123140ms + 20ms);
}

TEST_F(AReconnectingClient, connects_again_after_a_loss_and_begins_anew_with_its_waits) {
  ASSERT_FALSE(start());
  ASSERT_TRUE(reactor_.run_until([this] { return client_.retries() == 3; }, 24h));
  listen();
  ASSERT_TRUE(run_until_connected());
  reports();
  cut();
  ASSERT_TRUE(reactor_.run_until([this] { return !reports_.empty(); }));
  EXPECT_EQ(reports(), Words{"lost"});
  EXPECT_EQ(last_.reason, Errc::connection_lost);
  EXPECT_EQ(last_.delay, 1s);
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_lost});
  ASSERT_TRUE(run_until_connected());
  EXPECT_EQ(reports(), (Words{"connecting", "connected"}));
  EXPECT_EQ(client_.connections().use().high_water, 1U);
}

// Each connection is cut as soon as it is there.
TEST_F(AReconnectingClient, waits_longer_for_one_who_accepts_and_hangs_up) {
  listen();
  server_side_.on_made = [](Party& party) { party.transport().abort_connection(); };
  std::vector<Duration> delays;
  react_ = [&](const Report& report) {
    if (report.event == Event::lost) delays.push_back(report.delay);
  };
  ASSERT_FALSE(start({.backoff = doubling, .reset_after = 10s}));
  ASSERT_TRUE(reactor_.run_until([&] { return delays.size() == 4; }, 24h));
  EXPECT_EQ(delays, (std::vector<Duration>{1s, 2s, 4s, 8s}));
  server_side_.on_made = nullptr;
  ASSERT_TRUE(run_until_connected());
  reactor_.run_for(10s);
  cut();
  ASSERT_TRUE(reactor_.run_until([&] { return delays.size() == 5; }));
  EXPECT_EQ(delays.back(), 1s) << "it had been up for ten seconds";
}

TEST_F(AReconnectingClient, begins_anew_only_when_told_if_that_is_what_was_asked_for) {
  listen();
  ASSERT_FALSE(start({.backoff = doubling, .reset_after = forever}));
  std::vector<Duration> delays;
  react_ = [&](const Report& report) {
    if (report.event == Event::lost) delays.push_back(report.delay);
  };
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(run_until_connected());
    reactor_.run_for(1h);
    cut();
    ASSERT_TRUE(reactor_.run_until([this] { return client_.state() == State::waiting; }));
  }
  ASSERT_TRUE(run_until_connected());
  EXPECT_EQ(client_.retries(), 3U);
  client_.reset_delay();
  EXPECT_EQ(client_.retries(), 0U);
  cut();
  ASSERT_TRUE(reactor_.run_until([this] { return client_.state() == State::waiting; }));
  EXPECT_EQ(delays, (std::vector<Duration>{1s, 2s, 4s, 1s}));
}

TEST_F(AReconnectingClient, gives_up_after_as_many_tries_as_it_is_allowed) {
  ASSERT_FALSE(start({.backoff = doubling, .retries_max = 2}));
  ASSERT_TRUE(reactor_.run_until([this] { return client_.state() == State::stopped; }));
  EXPECT_EQ(reports(), (Words{"failed", "connecting", "failed", "connecting", "gave up"}));
  EXPECT_EQ(last_.reason, Errc::connection_refused);
  EXPECT_EQ(reactor_.timer_use().in_use, 0U);
  reactor_.run_for(24h);
  EXPECT_TRUE(reports().empty());
  listen();
  ASSERT_FALSE(start()) << "it may begin again";
  EXPECT_TRUE(run_until_connected());
}

TEST_F(AReconnectingClient, may_be_started_again_from_where_it_gave_up) {
  int starts = 0;
  react_ = [&](const Report& report) {
    if (report.event != Event::gave_up || ++starts == 3) return;
    EXPECT_FALSE(start({.backoff = doubling, .retries_max = 0}));
  };
  ASSERT_FALSE(start({.backoff = doubling, .retries_max = 0}));
  ASSERT_TRUE(reactor_.run_until([&] { return starts == 3; }));
  EXPECT_EQ(reports(), (Words{"gave up", "gave up", "gave up"}));
}

TEST_F(AReconnectingClient, stops_at_once_while_it_waits) {
  ASSERT_FALSE(start());
  ASSERT_TRUE(reactor_.run_until([this] { return client_.state() == State::waiting; }));
  reports();
  client_.stop();
  EXPECT_EQ(client_.state(), State::stopped);
  EXPECT_EQ(reactor_.timer_use().in_use, 0U);
  client_.stop();
  listen();
  reactor_.run_for(24h);
  EXPECT_TRUE(reports().empty());
  EXPECT_FALSE(server_side_.connected());
}

TEST_F(AReconnectingClient, gives_up_the_attempt_when_it_is_stopped) {
  listen();
  ASSERT_FALSE(start());
  reactor_.run_for(5ms);
  client_.stop();
  EXPECT_EQ(client_.state(), State::stopping);
  EXPECT_EQ(start(), Errc::already_running);
  client_.stop();
  EXPECT_TRUE(reports_.empty()) << "never from inside stop";
  reactor_.run_for(1h);
  EXPECT_EQ(reports(), Words{"stopped"});
  EXPECT_EQ(last_.reason, Errc::cancelled);
  EXPECT_TRUE(client_side_.trace.empty());
}

TEST_F(AReconnectingClient, closes_its_connection_in_order_when_it_is_stopped) {
  connect();
  client_side_.party().write("flushed");
  reports();
  client_.stop();
  client_.stop();
  EXPECT_EQ(client_.state(), State::stopping);
  reactor_.run_for(1h);
  EXPECT_EQ(reports(), Words{"stopped"});
  EXPECT_EQ(last_.reason, Errc::connection_done);
  EXPECT_EQ(server_side_.received, "flushed");
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_done});
  ASSERT_FALSE(start());
  EXPECT_TRUE(run_until_connected());
}

TEST_F(AReconnectingClient, may_be_stopped_from_whatever_it_tells) {
  for (const Event event : {Event::connecting, Event::connected, Event::failed, Event::lost}) {
    SCOPED_TRACE(name_of(event));
    react_ = [this, event](const Report& report) {
      if (report.event == event) client_.stop();
    };
    ASSERT_FALSE(start());
    reactor_.run_for(10s);
    if (client_.state() != State::stopped) {
      listen();
      reactor_.run_for(100s);
      cut();
      reactor_.run_for(100s);
      server_.stop_listening();
    }
    EXPECT_EQ(client_.state(), State::stopped);
    EXPECT_EQ(reactor_.timer_use().in_use, 0U);
    reports();
    reactor_.run_for(24h);
    EXPECT_TRUE(reports().empty());
  }
}

TEST_F(AReconnectingClient, may_be_stopped_by_its_protocol) {
  listen();
  client_side_.on_made = [this](Party&) { client_.stop(); };
  ASSERT_FALSE(start());
  reactor_.run_for(1h);
  EXPECT_EQ(reports(), Words{"stopped"});
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_done});
  client_side_.on_made = nullptr;
  client_side_.on_lost = [this](Party&, Error) { client_.stop(); };
  ASSERT_FALSE(start());
  ASSERT_TRUE(run_until_connected());
  cut();
  reactor_.run_for(1h);
  EXPECT_EQ(reports(), (Words{"connected", "stopped"}));
  EXPECT_EQ(last_.reason, Errc::connection_lost);
}

TEST_F(AReconnectingClient, begins_nothing_with_options_that_make_no_sense) {
  EXPECT_EQ(start({.backoff = {.initial = 0s}}), Errc::invalid_argument);
  EXPECT_EQ(start({.connect = {.timeout = 0s}}), Errc::invalid_argument);
  EXPECT_EQ(client_.state(), State::stopped);
  EXPECT_EQ(reactor_.timer_use().in_use, 0U);
  ASSERT_FALSE(start());
  EXPECT_EQ(start(), Errc::already_running);
}

TEST_F(AReconnectingClient, begins_nothing_without_its_timers) {
  std::vector<DelayedCall> calls;
  while (const Result<DelayedCall> call = reactor_.call_later(1h, [] {})) calls.push_back(*call);
  EXPECT_EQ(start(), Errc::no_capacity);
  calls.back().cancel();
  calls.pop_back();
  EXPECT_EQ(start(), Errc::no_capacity) << "the attempt has none";
  EXPECT_EQ(client_.state(), State::stopped);
  calls.back().cancel();
  calls.pop_back();
  EXPECT_FALSE(start());
  for (DelayedCall& call : calls) call.cancel();
}

TEST_F(AReconnectingClient, never_stops_for_want_of_timers_once_it_runs) {
  connect();
  std::vector<DelayedCall> calls;
  while (const Result<DelayedCall> call = reactor_.call_later(24h, [] {})) calls.push_back(*call);
  cut();
  ASSERT_TRUE(reactor_.run_until([this] { return client_.retries() == 5; }, 1h));
  EXPECT_EQ(last_.reason, Errc::no_capacity);
  EXPECT_EQ(client_.state(), State::waiting);
  for (DelayedCall& call : calls) call.cancel();
  EXPECT_TRUE(run_until_connected());
}

TEST_F(AReconnectingClient, takes_an_attempt_that_cannot_begin_for_one_that_failed) {
  ASSERT_FALSE(start());
  ASSERT_TRUE(reactor_.run_until([this] { return client_.state() == State::waiting; }));
  listen();
  reports();
  network_.fail.fail(PortCall::connect, 1);
  ASSERT_TRUE(run_until_connected());
  EXPECT_EQ(reports(), (Words{"failed", "connecting", "connected"}));
}

TEST_F(AReconnectingClient, ends_with_its_reactor) {
  for (const bool waits : {true, false}) {
    SCOPED_TRACE(waits);
    MemoryReactor<> reactor(network_);
    Side side;
    bobbin::Random random(1);
    Client client(random, side);
    std::vector<std::string> heard;
    client.on_event([&](const Report& report) { heard.push_back(name_of(report.event)); });
    if (!waits) listen();
    ASSERT_FALSE(client.start(reactor, address_, {.backoff = doubling}));
    const State state = waits ? State::waiting : State::connected;
    ASSERT_TRUE(reactor.run_until([&] {
      reactor_.turn({});
      return client.state() == state;
    }));
    ASSERT_FALSE(reactor.stop());
    reactor.turn({});
    EXPECT_EQ(client.state(), State::stopped);
    EXPECT_EQ(heard.back(), "stopped");
    EXPECT_EQ(reactor.timer_use().in_use, 0U);
    EXPECT_EQ(client.start(reactor, address_), Errc::not_running);
  }
}

TEST_F(AReconnectingClient, may_outlive_its_reactor) {
  Side side;
  bobbin::Random random(1);
  Client client(random, side);
  {
    MemoryReactor<> reactor(network_);
    ASSERT_FALSE(client.start(reactor, address_, {.backoff = doubling}));
    ASSERT_TRUE(reactor.run_until([&] { return client.state() == State::waiting; }));
  }
  EXPECT_EQ(client.state(), State::stopped);
}

TEST_F(AReconnectingClient, says_nothing_when_it_is_destroyed) {
  listen();
  for (const State state : {State::connecting, State::connected, State::waiting}) {
    Side side;
    auto client = std::make_unique<Client>(random_, side);
    if (state == State::waiting) {
      server_.stop_listening();
      cut();
    }
    ASSERT_FALSE(client->start(reactor_, address_, {.backoff = doubling}));
    ASSERT_TRUE(reactor_.run_until([&] { return client->state() == state; }));
    client->on_event([](const Report&) { ADD_FAILURE() << "told of its own destruction"; });
    client.reset();
    EXPECT_EQ(reactor_.timer_use().in_use, 0U);
  }
}

// For a connector and a factory of one's own: that factory passes on what it hears.
struct OwnFactory final : ClientFactory {
  explicit OwnFactory(Side& side_in) : side(side_in) {}
  Protocol* build_protocol(const Address&) override {
    reconnector->connected();
    return &party.emplace(side);
  }
  void client_connection_failed(Error reason) override { reconnector->failed(reason); }
  void client_connection_lost(Error reason) override { reconnector->lost(reason); }

  Side& side;
  std::optional<Party> party;
  Reconnector* reconnector = nullptr;
};

TEST_F(AReconnectingClient, is_there_without_its_sizes) {
  Side side;
  OwnFactory factory(side);
  Connections<contract::one_small> pool;
  {
    Connector connector(factory, pool);
    Reconnector reconnector(connector, random_);
    factory.reconnector = &reconnector;
    ASSERT_FALSE(reconnector.start(reactor_, {.backoff = doubling}, [this, &connector] {
      return reactor_.connect_tcp(address_, connector);
    }));
    reactor_.run_for(2s);
    EXPECT_EQ(reconnector.state(), State::waiting);
    listen();
    ASSERT_TRUE(reactor_.run_until([&] { return reconnector.state() == State::connected; }, 1h));
    reactor_.run_for(1s);
    cut();
    ASSERT_TRUE(reactor_.run_until([&] { return side.lost(); }, 1h));
    EXPECT_EQ(reconnector.state(), State::waiting);
    reconnector.stop();
  }
  EXPECT_EQ(reactor_.timer_use().in_use, 0U);
}

TEST_F(AReconnectingClient, comes_back_at_another_time_than_others_do) {
  bobbin::Random other_random(2);
  Side other_side;
  Client other(other_random, other_side);
  ASSERT_FALSE(client_.start(reactor_, address_));
  ASSERT_FALSE(other.start(reactor_, address_));
  ASSERT_TRUE(reactor_.run_until([&] { return other.retries() == 1 && client_.retries() == 1; }));
  EXPECT_NE(other.next_attempt(), client_.next_attempt());
  other.stop();
}

// Whatever befalls the two ends, and whoever stops and starts it: it is connected soon after it
// could be, and holds no more than it says.
TEST_F(AReconnectingClient, finds_back_whatever_happens) {
  test::for_each_seed([this](test::Random& random) {
    bool listens = false;
    for (int step = 0; step < 300; ++step) {
      switch (random.below(6)) {
        case 0: client_.stop(); break;
        case 1: cut(); break;
        case 2:
          if (!std::exchange(listens, true)) listen();
          break;
        case 3:
          if (std::exchange(listens, false)) server_.stop_listening();
          break;
        default: begin_if_stopped();
      }
      reactor_.run_for(Duration(random.below(3'000'000)));
      ASSERT_LE(reactor_.timer_use().in_use, 2U);
      ASSERT_LE(client_side_.open.size(), 1U);
      ASSERT_EQ(reactor_.timer_use().in_use == 0,
                client_.state() == State::stopped || client_.state() == State::stopping);
    }
    if (!listens) listen();
    reactor_.run_for(1s);
    begin_if_stopped();
    EXPECT_TRUE(run_until_connected());
    client_.stop();
    reactor_.run_for(1s);
    server_.stop_listening();
  });
}

}  // namespace
}  // namespace bobbin
