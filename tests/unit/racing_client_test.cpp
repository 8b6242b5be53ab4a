// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/racing_client.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/memory/simulation.hpp>

#include "memory_party.hpp"
#include "support/seed.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using memory::PortCall;
using test::Losses;
using test::Party;
using test::Side;
using State = ConnectionRace::State;
using Hints = std::vector<ConnectionHint>;

constexpr ConnectionSizes three{.connections = 3, .receive = 64, .send = 64};

template <ConnectionSizes sizes>
class Racer final : public RacingClient<Party, sizes, Side> {
 public:
  explicit Racer(Side& side) : RacingClient<Party, sizes, Side>(side), side_(side) {}
  ~Racer() { this->abandon(); }

  Protocol* build_protocol(const Address& peer) override {
    if (on_build) on_build();
    return RacingClient<Party, sizes, Side>::build_protocol(peer);
  }
  void client_connection_failed(Error reason) override {
    EXPECT_EQ(this->state(), State::idle);
    EXPECT_EQ(this->under_way(), 0U);
    side_.failures.push_back(reason.code);
    if (on_end) on_end();
  }
  void client_connection_lost(Error) override {
    EXPECT_EQ(this->state(), State::idle);
    ++losses;
    if (on_end) on_end();
  }

  std::function<void()> on_build;
  std::function<void()> on_end;
  int losses = 0;

 private:
  Side& side_;
};

// Host 0 has the client, the others a server each, which may listen.
class ARace : public testing::Test {
 protected:
  static constexpr std::size_t server_count = 3;

  ARace() { simulation_.behave({.latency = 10ms}); }
  ~ARace() override {
    client_side_.improvise();
    client_.on_build = client_.on_end = nullptr;
    simulation_.network().fail = {};
    client_.cancel();
    for (std::size_t i = 0; i < server_count; ++i) {
      sides_[i].improvise();
      servers_[i].stop_listening();
      for (Party* party : std::vector(sides_[i].open)) party->transport().abort_connection();
    }
    run_for(1min);
    EXPECT_EQ(client_.state(), State::idle);
    EXPECT_EQ(simulation_.left_over(), nullptr);
    EXPECT_EQ(simulation_.failure(), nullptr);
  }

  MemoryReactorBase& reactor() { return simulation_.host(0); }
  Instant now() { return simulation_.network().now(); }
  std::uint32_t attempts() { return simulation_.network().traffic().connections; }

  // A server and how far away it is: half a round trip.
  Address server(std::size_t index) { return simulation_.address(index + 1, 4000); }
  void listen(std::size_t index, Duration latency = 10ms) {
    simulation_.between(0, index + 1).latency = latency;
    ASSERT_FALSE(simulation_.host(index + 1).listen_tcp(server(index), servers_[index]));
  }
  static Address silent() { return Address::ip4({192, 0, 2, 1}, 80); }
  static Address unreachable() { return Address::ip4({198, 51, 100, 1}, 80); }

  Error start(const RaceOptions& options = {}) { return client_.start(reactor(), hints_, options); }
  bool run_until(SimulationBase::Done done) {
    simulation_.run({.until = done});
    return done();
  }
  void run_for(Duration length) { simulation_.run({.limit = length}); }
  bool run_until_won() {
    return run_until([this] { return client_side_.connected(); });
  }
  // How long the race took, and how it failed.
  struct Failure {
    Duration after;
    Errc reason;
  };
  Failure failure(const Hints& hints, const RaceOptions& options = {}) {
    const Instant start_time = now();
    client_side_.failures.clear();
    hints_ = hints;
    EXPECT_FALSE(start(options));
    EXPECT_TRUE(run_until([this] { return !client_side_.failures.empty(); }));
    EXPECT_EQ(client_side_.failures.size(), 1U);
    EXPECT_EQ(reactor().timer_use().in_use, 0U);
    EXPECT_EQ(client_.connections().use().in_use, 0U);
    return {now() - start_time, client_side_.failures.front()};
  }

  Simulation<SimulationSizes{.hosts = 4, .reactor = {.timers = 8}}> simulation_{1};
  Hints hints_;
  Side sides_[server_count];
  Side client_side_;
  test::PartyServer<contract::four_small> servers_[server_count]{
      test::PartyServer<contract::four_small>(sides_[0]),
      test::PartyServer<contract::four_small>(sides_[1]),
      test::PartyServer<contract::four_small>(sides_[2])};
  Racer<three> client_{client_side_};
};

TEST_F(ARace, tries_nobody_else_when_the_first_answers_in_time) {
  listen(0, 100ms);
  listen(1);
  hints_ = {{server(0)}, {server(1)}};
  ASSERT_FALSE(start());
  EXPECT_EQ(client_.state(), State::racing);
  EXPECT_EQ(client_.winner(), nullptr);
  EXPECT_EQ(reactor().timer_use().in_use, 2U) << "its own and the attempt's";
  ASSERT_TRUE(run_until_won());
  EXPECT_EQ(client_.state(), State::won);
  ASSERT_NE(client_.winner(), nullptr);
  EXPECT_EQ(*client_.winner(), server(0));
  EXPECT_EQ(reactor().timer_use().in_use, 0U);
  run_for(1min);
  EXPECT_EQ(attempts(), 1U);
  EXPECT_TRUE(client_side_.connected());
}

TEST_F(ARace, E7_10_leaves_the_relay_alone_when_the_direct_way_leads_there_before) {
  listen(0, 500ms);
  listen(1);
  hints_ = {{server(0)}, {.address = server(1), .delay = 2s}};
  ASSERT_FALSE(start());
  const Instant start_time = now();
  ASSERT_TRUE(run_until_won());
  EXPECT_EQ(now() - start_time, 1s);
  run_for(1min);
  EXPECT_EQ(attempts(), 1U);
  EXPECT_TRUE(sides_[1].trace.empty());
}

TEST_F(ARace, E7_10_takes_the_relay_from_two_seconds_on_when_the_direct_way_fails) {
  listen(1);
  hints_ = {{server(0)}, {.address = server(1), .delay = 2s}};
  ASSERT_FALSE(start());
  const Instant start_time = now();
  ASSERT_TRUE(run_until_won());
  EXPECT_EQ(now() - start_time, 2020ms);
  EXPECT_EQ(*client_.winner(), server(1));
}

TEST_F(ARace, goes_on_while_nobody_has_answered_yet) {
  listen(0);
  hints_ = {{silent()}, {silent()}, {server(0)}};
  ASSERT_FALSE(start());
  const Instant start_time = now();
  ASSERT_TRUE(run_until_won());
  EXPECT_EQ(now() - start_time, 250ms + 250ms + 20ms);
  EXPECT_EQ(client_.connections().use().high_water, 3U);
  EXPECT_EQ(client_.connections().use().in_use, 1U) << "the others are given up at once";
  EXPECT_EQ(reactor().timer_use().in_use, 0U);
  run_for(1min);
  EXPECT_TRUE(client_side_.failures.empty());
}

TEST_F(ARace, is_won_by_whoever_answers_first_and_not_by_who_was_asked_first) {
  listen(0, 300ms);
  listen(1, 100ms);
  hints_ = {{server(0)}, {server(1)}};
  ASSERT_FALSE(start());
  const Instant start_time = now();
  ASSERT_TRUE(run_until_won());
  EXPECT_EQ(now() - start_time, 450ms);
  EXPECT_EQ(*client_.winner(), server(1));
  run_for(1min);
  EXPECT_EQ(client_side_.trace, test::Trace{"made"}) << "one protocol in all";
  EXPECT_FALSE(sides_[0].connected());
}

TEST_F(ARace, may_still_be_won_by_the_first_when_others_have_begun) {
  listen(0, 200ms);
  listen(1, 100ms);
  hints_ = {{server(0)}, {server(1)}};
  ASSERT_FALSE(start());
  ASSERT_TRUE(run_until_won());
  EXPECT_EQ(*client_.winner(), server(0));
  EXPECT_EQ(attempts(), 2U);
  run_for(1min);
  EXPECT_FALSE(sides_[1].connected());
}

TEST_F(ARace, waits_for_nobody_who_has_failed) {
  listen(2);
  hints_ = {{server(0)}, {server(1)}, {server(2)}};
  ASSERT_FALSE(start());
  const Instant start_time = now();
  ASSERT_TRUE(run_until_won());
  EXPECT_EQ(now() - start_time, 3 * 20ms) << "two were refused, after one round trip each";
}

TEST_F(ARace, begins_all_at_once_if_it_is_told_to) {
  listen(2, 50ms);
  hints_ = {{silent()}, {silent()}, {server(2)}};
  ASSERT_FALSE(start({.stagger = 0s}));
  EXPECT_EQ(client_.under_way(), 3U);
  const Instant start_time = now();
  ASSERT_TRUE(run_until_won());
  EXPECT_EQ(now() - start_time, 100ms);
}

TEST_F(ARace, has_no_more_attempts_under_way_than_connections) {
  listen(0);
  Side side;
  Racer<contract::one_small> client(side);
  hints_ = {{silent()}, {server(1)}, {server(0)}};
  ASSERT_FALSE(client.start(reactor(), hints_, {.attempt_timeout = 1s}));
  const Instant start_time = now();
  ASSERT_TRUE(run_until([&] { return side.connected(); }));
  EXPECT_EQ(now() - start_time, 1s + 20ms + 20ms);
  EXPECT_EQ(client.connections().use().high_water, 1U);
}

TEST_F(ARace, fails_with_the_error_of_who_got_farthest) {
  const RaceOptions quick{.attempt_timeout = 2s};
  EXPECT_EQ(failure({{unreachable()}, {server(0)}, {silent()}}, quick).reason,
            Errc::connection_refused);
  EXPECT_EQ(failure({{silent()}, {unreachable()}}, quick).reason, Errc::timed_out);
  EXPECT_EQ(failure({{unreachable()}, {unreachable()}}, quick).reason, Errc::unreachable);
  simulation_.network().fail.fail(PortCall::connect, 1);
  EXPECT_EQ(failure({{server(0)}, {unreachable()}}, quick).reason, Errc::unreachable)
      << "the first could not even begin";
}

TEST_F(ARace, fails_when_the_last_attempt_has) {
  const Failure failed = failure({{server(0)}, {silent()}, {silent()}}, {.attempt_timeout = 2s});
  EXPECT_EQ(failed.after, 20ms + 250ms + 2s);
  EXPECT_EQ(failed.reason, Errc::connection_refused);
}

TEST_F(ARace, ends_at_its_deadline) {
  Failure failed = failure({{server(0)}, {silent()}}, {.timeout = 5s});
  EXPECT_EQ(failed.after, 5s);
  EXPECT_EQ(failed.reason, Errc::timed_out);
  failed = failure({{.address = server(0), .delay = 10s}}, {.timeout = 5s});
  EXPECT_EQ(failed.after, 5s);
  EXPECT_EQ(failed.reason, Errc::timed_out);
  EXPECT_EQ(attempts(), 2U) << "the one with the delay never began";
}

TEST_F(ARace, may_be_cancelled) {
  listen(0, 1s);
  hints_ = {{server(0)}, {silent()}};
  ASSERT_FALSE(start());
  run_for(400ms);
  client_.cancel();
  client_.cancel();
  EXPECT_TRUE(client_side_.failures.empty()) << "never from inside the call";
  EXPECT_EQ(client_.state(), State::ending);
  EXPECT_EQ(start(), Errc::already_running);
  run_for(1min);
  EXPECT_EQ(client_side_.failures, Losses{Errc::cancelled});
  EXPECT_EQ(reactor().timer_use().in_use, 0U);
  EXPECT_TRUE(client_side_.trace.empty());
}

TEST_F(ARace, may_be_cancelled_before_anybody_was_tried) {
  hints_ = {{.address = server(0), .delay = 1h}};
  ASSERT_FALSE(start({.timeout = 2h}));
  client_.cancel();
  EXPECT_TRUE(client_side_.failures.empty());
  run_for(1s);
  EXPECT_EQ(client_side_.failures, Losses{Errc::cancelled});
  EXPECT_EQ(attempts(), 0U);
}

TEST_F(ARace, ends_the_connection_in_order_when_it_is_cancelled_after_it_was_won) {
  client_.cancel();
  listen(0);
  hints_ = {{server(0)}};
  ASSERT_FALSE(start());
  ASSERT_TRUE(run_until_won());
  client_side_.party().write("flushed");
  client_.cancel();
  run_for(1min);
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_done});
  EXPECT_EQ(client_.losses, 1);
  EXPECT_EQ(sides_[0].received, "flushed");
  EXPECT_TRUE(client_side_.failures.empty());
}

TEST_F(ARace, may_be_cancelled_where_its_protocol_is_built_or_made) {
  listen(0);
  hints_ = {{server(0)}, {server(0)}};
  client_.on_build = [this] { client_.cancel(); };
  ASSERT_FALSE(start());
  run_for(1min);
  EXPECT_EQ(client_side_.failures, Losses{Errc::cancelled});
  EXPECT_TRUE(client_side_.trace.empty());
  client_.on_build = nullptr;
  client_side_.on_made = [this](Party&) { client_.cancel(); };
  ASSERT_FALSE(start());
  run_for(1min);
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_done});
  EXPECT_EQ(client_side_.failures.size(), 1U);
}

TEST_F(ARace, may_be_run_again_from_where_it_ended) {
  int ends = 0;
  client_.on_end = [&] {
    if (++ends == 3) return;
    EXPECT_FALSE(start());
  };
  hints_ = {{server(0)}};
  ASSERT_FALSE(start());
  run_for(1min);
  EXPECT_EQ(client_side_.failures.size(), 3U);
  listen(0);
  ends = 0;
  ASSERT_FALSE(start());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(run_until([this] { return client_side_.connected() && sides_[0].connected(); }));
    sides_[0].party().transport().abort_connection();
    ASSERT_TRUE(run_until([&] { return ends == i + 1; }));
  }
  EXPECT_EQ(client_.losses, 3);
}

TEST_F(ARace, begins_nothing_that_makes_no_sense) {
  EXPECT_EQ(start(), Errc::invalid_argument) << "no hints";
  hints_ = {{server(0)}};
  EXPECT_EQ(start({.stagger = -1us}), Errc::invalid_argument);
  EXPECT_EQ(start({.attempt_timeout = 0s}), Errc::invalid_argument);
  EXPECT_EQ(start({.timeout = 0s}), Errc::invalid_argument);
  EXPECT_EQ(client_.state(), State::idle);
  EXPECT_EQ(attempts(), 0U);
  ASSERT_FALSE(start());
  EXPECT_EQ(start(), Errc::already_running);
}

TEST_F(ARace, says_at_once_when_nothing_can_begin) {
  std::vector<DelayedCall> calls;
  while (const auto call = reactor().call_later(1h, [] {})) calls.push_back(*call);
  hints_ = {{server(0)}, {server(1)}};
  EXPECT_EQ(start(), Errc::no_capacity);
  calls.back().cancel();
  calls.pop_back();
  EXPECT_EQ(start(), Errc::no_capacity) << "a timer for the race, none for an attempt";
  for (DelayedCall& call : calls) call.cancel();
  EXPECT_EQ(client_.state(), State::idle);
  EXPECT_EQ(reactor().timer_use().in_use, 0U);
}

TEST_F(ARace, goes_on_without_those_for_whom_there_is_no_timer) {
  listen(1);
  hints_ = {{silent()}, {server(1)}, {.address = server(1), .delay = 1s}};
  ASSERT_FALSE(start());
  std::vector<DelayedCall> calls;
  while (const auto call = reactor().call_later(1h, [] {})) calls.push_back(*call);
  run_for(500ms);
  EXPECT_FALSE(client_side_.connected());
  for (DelayedCall& call : calls) call.cancel();
  EXPECT_TRUE(run_until_won());
}

// With a handshake: the server's first byte.

class ANegotiatingRace : public ARace {
 protected:
  ANegotiatingRace() {
    client_side_.on_data = [this](Party& party, Bytes data) {
      won_.push_back(client_.win(party.transport()));
      return data.size();
    };
    for (Side& side : sides_) {
      side.on_made = [](Party& party) { party.write("welcome"); };
    }
  }

  std::vector<bool> won_;
};

TEST_F(ANegotiatingRace, is_won_by_who_has_finished_its_handshake) {
  listen(0);
  listen(1);
  sides_[0].on_made = nullptr;
  hints_ = {{server(0)}, {server(1)}};
  ASSERT_FALSE(start({.negotiates = true}));
  const Instant start_time = now();
  ASSERT_TRUE(run_until([this] { return !won_.empty(); }));
  EXPECT_EQ(now() - start_time, 250ms + 30ms);
  EXPECT_EQ(won_, std::vector<bool>{true});
  EXPECT_EQ(*client_.winner(), server(1));
  run_for(1min);
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_aborted}) << "the one that said nothing";
  EXPECT_EQ(sides_[0].losses, Losses{Errc::connection_lost});
  EXPECT_TRUE(sides_[1].connected());
  EXPECT_EQ(client_.losses, 0) << "it was none of the race's any more";
  sides_[1].party().write("again");
  run_for(1s);
  EXPECT_EQ(won_, (std::vector<bool>{true, false})) << "it had won already";
}

TEST_F(ANegotiatingRace, counts_a_connection_lost_in_its_handshake_as_an_attempt_that_failed) {
  for (std::size_t i = 0; i < 2; ++i) {
    listen(i);
    sides_[i].on_made = [](Party& party) { party.transport().abort_connection(); };
  }
  const Failure failed = failure({{server(0)}, {unreachable()}, {server(1)}}, {.negotiates = true});
  EXPECT_EQ(failed.reason, Errc::connection_lost);
  EXPECT_EQ(client_side_.losses.size(), 2U);
  EXPECT_EQ(client_.losses, 0);
}

TEST_F(ANegotiatingRace, ends_at_its_deadline_whatever_has_connected) {
  listen(0);
  sides_[0].on_made = nullptr;
  const Failure failed = failure({{server(0)}}, {.timeout = 3s, .negotiates = true});
  EXPECT_EQ(failed.after, 3s);
  EXPECT_EQ(failed.reason, Errc::timed_out);
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_aborted});
}

// Its end.

TEST_F(ARace, ends_with_its_reactor) {
  for (const bool begins : {true, false}) {
    SCOPED_TRACE(begins);
    MemoryNetwork<memory::NetworkSizes{.links = 2, .window = 64}> network;
    MemoryReactor<> reactor(network);
    Side side;
    Racer<three> client(side);
    const Hints hints{{.address = silent(), .delay = begins ? 0s : 1h}};
    ASSERT_FALSE(client.start(reactor, hints, {.timeout = 2h}));
    reactor.turn({});
    ASSERT_FALSE(reactor.stop());
    reactor.turn({});
    EXPECT_EQ(side.failures, Losses{Errc::connection_aborted});
    EXPECT_EQ(reactor.timer_use().in_use, 0U);
    EXPECT_EQ(client.start(reactor, hints), Errc::not_running);
  }
}

TEST_F(ARace, says_nothing_when_it_is_destroyed) {
  listen(0);
  for (const State state : {State::racing, State::won}) {
    Side side;
    hints_ = {{server(0)}, {silent()}};
    {
      Racer<three> client(side);
      client.on_end = [] { ADD_FAILURE() << "told of its own destruction"; };
      ASSERT_FALSE(client.start(reactor(), hints_, {.stagger = 0s}));
      ASSERT_TRUE(run_until([&] { return client.state() == state; }));
    }
    EXPECT_EQ(side.lost(), state == State::won);
    EXPECT_EQ(reactor().timer_use().in_use, 0U);
  }
}

// Whatever becomes of the attempts: somebody wins if anybody can, else it fails once; and nothing
// is left behind.
TEST_F(ARace, is_won_or_lost_once_whatever_happens) {
  test::for_each_seed([this](test::Random& random) {
    bool listens[server_count] = {};
    for (std::size_t i = 0; i < server_count; ++i) {
      listens[i] = random.one_in(2);
      if (listens[i]) listen(i, Duration(random.below(2'000'000)));
    }
    for (int round = 0; round < 50; ++round) {
      bool reachable = false;
      hints_.clear();
      for (std::size_t left = 1 + random.below(5U); left > 0; --left) {
        const std::size_t who = random.below(server_count + 2);
        if (who < server_count && listens[who]) reachable = true;
        const Address address = who < server_count    ? server(who)
                                : who == server_count ? silent()
                                                      : unreachable();
        hints_.push_back({.address = address, .delay = Duration(random.below(3'000'000))});
      }
      client_side_.failures.clear();
      ASSERT_FALSE(start({.stagger = Duration(random.below(500'000))}));
      ASSERT_TRUE(run_until([this] { return client_.state() != State::racing; }));
      EXPECT_EQ(client_.state() == State::won, reachable);
      EXPECT_EQ(client_side_.failures.size(), reachable ? 0U : 1U);
      EXPECT_EQ(reactor().timer_use().in_use, 0U);
      client_.cancel();
      run_for(10s);
      EXPECT_EQ(client_.state(), State::idle);
    }
    for (std::size_t i = 0; i < server_count; ++i) {
      if (listens[i]) servers_[i].stop_listening();
    }
    run_for(10s);
  });
}

}  // namespace
}  // namespace bobbin
