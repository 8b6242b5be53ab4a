// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/client_service.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <bobbin/supervisor.hpp>

#include "memory_party.hpp"
#include "service_support.hpp"

namespace bobbin::test {
namespace {

using namespace std::chrono_literals;
using Event = Reconnector::Event;
using Link = Reconnector::State;
using State = Service::State;

using Client = ReconnectingClient<Party, contract::one_small, Side>;
using TestReactor = MemoryReactor<ReactorSizes{.timers = 8}>;
using TestService = ClientService<TestReactor, Client>;
using Wanted = Deferred<Party*>;
using Bounded = BoundedConnection<Party>;

// Attempts fail 20 ms after they began; the next one comes a second later.
constexpr BackoffOptions each_second{
    .initial = 1s, .max = 1s, .factor_permille = 1000, .jitter_permille = 0};
constexpr ReconnectOptions patient{.backoff = each_second};

std::string result_of(Deferred<Party*>& deferred) {
  const auto taken = take_result(deferred);
  if (!taken) return "nothing yet";
  return *taken ? "connected" : std::string(describe(taken->failure()));
}
using test::result_of;

struct ClientServiceTest : DeferredTest {
  ClientServiceTest() { network.behaviour.latency = 10ms; }
  ~ClientServiceTest() override {
    server_side.improvise();
    client_side.improvise();
    cut();
    server.stop_listening();
    Deferred<void> last;
    service.stop(last);
    reactor.run_for(1min);
    EXPECT_EQ(test::result_of(last), "done");
    EXPECT_EQ(reactor.timer_use().in_use, 0U);
    EXPECT_TRUE(client_side.open.empty());
  }

  TestService::Options quick(RunsFrom runs_from = RunsFrom::start) {
    return {.reconnect = patient, .runs_from = runs_from, .drain = 5s};
  }
  void listen() { ASSERT_FALSE(reactor.listen_tcp(address, server)); }
  void cut() {
    for (Party* party : std::vector(server_side.open)) party->transport().abort_connection();
  }
  void start() {
    service.start(started);
    EXPECT_EQ(result_of(started), "done");
  }
  void connect() {
    listen();
    start();
    EXPECT_TRUE(run_until_connected());
  }
  bool run_until_connected() {
    return reactor.run_until(
        [this] { return service.protocol() != nullptr && server_side.connected(); }, 1h);
  }
  bool run_until(Link state) {
    return reactor.run_until([this, state] { return service.connection_state() == state; }, 1h);
  }
  bool run_until_stopped() {
    return reactor.run_until([this] { return service.state() == State::stopped; }, 1h);
  }

  MemoryNetwork<memory::NetworkSizes{.links = 8, .window = 4096}> network;
  TestReactor reactor{network};
  Address address = Address::loopback(4000);
  Side server_side, client_side;
  PartyServer<contract::four_small> server{server_side};
  bobbin::Random random{1};
  TestService service{"client", reactor, address, quick(), random, client_side};
  Deferred<void> started, stopped;
  Wanted wanted;
};

TEST_F(ClientServiceTest, runs_at_once_and_connects_meanwhile) {
  listen();
  start();
  EXPECT_TRUE(service.running());
  EXPECT_EQ(service.connection_state(), Link::connecting);
  EXPECT_EQ(service.protocol(), nullptr);
  ASSERT_TRUE(run_until_connected());
  EXPECT_EQ(service.protocol(), &client_side.party());
  EXPECT_EQ(reactor.timer_use().in_use, 2U) << "its own and the client's";
}

TEST_F(ClientServiceTest, connects_again_when_the_connection_is_lost) {
  connect();
  cut();
  ASSERT_TRUE(run_until(Link::waiting));
  EXPECT_EQ(service.protocol(), nullptr);
  EXPECT_TRUE(service.running());
  EXPECT_TRUE(run_until_connected());
  EXPECT_EQ(client_side.trace, (Trace{"made", "lost", "made"}));
}

TEST_F(ClientServiceTest, ends_its_connection_in_order) {
  connect();
  EXPECT_EQ(client_side.party().write("farewell"), 8U);
  service.stop(stopped);
  EXPECT_EQ(service.state(), State::stopping);
  EXPECT_EQ(service.protocol(), nullptr);
  EXPECT_EQ(result_of(stopped), "nothing yet");
  ASSERT_TRUE(run_until_stopped());
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(client_side.losses, Losses{Errc::connection_done});
  EXPECT_EQ(server_side.received, "farewell");
  EXPECT_LT(network.now() - Instant(), 1s);
  EXPECT_EQ(reactor.timer_use().in_use, 0U);
}

TEST_F(ClientServiceTest, aborts_a_connection_that_has_not_ended_in_time) {
  server_side.on_made = [](Party& party) { party.transport().pause_producing(); };
  connect();
  while (client_side.party().write(std::string(64, 'x')) > 0) reactor.run_for(1s);
  const Instant then = network.now();
  Duration length{};
  stopped.add_callback([&length, then, this] { length = network.now() - then; });
  service.stop(stopped);
  ASSERT_TRUE(run_until_stopped());
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(length, 5s);
  EXPECT_EQ(client_side.losses, Losses{Errc::connection_aborted});
}

TEST_F(ClientServiceTest, gives_up_the_attempt_when_it_is_stopped) {
  start();
  service.when_connected(wanted);
  service.stop(stopped);
  EXPECT_EQ(result_of(wanted), "cancelled") << "at once";
  ASSERT_TRUE(run_until_stopped());
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_TRUE(client_side.trace.empty());
  EXPECT_EQ(reactor.timer_use().in_use, 0U);
}

TEST_F(ClientServiceTest, has_stopped_at_once_when_it_only_waited) {
  start();
  ASSERT_TRUE(run_until(Link::waiting));
  service.when_connected(wanted);
  service.stop(stopped);
  EXPECT_EQ(result_of(wanted), "cancelled");
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(reactor.timer_use().in_use, 0U);
}

TEST_F(ClientServiceTest, may_be_stopped_by_its_protocol) {
  client_side.on_data = [this](Party&, Bytes data) {
    service.stop(stopped);
    return data.size();
  };
  connect();
  EXPECT_EQ(server_side.party().write("enough"), 6U);
  ASSERT_TRUE(run_until_stopped());
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(client_side.losses, Losses{Errc::connection_done});
}

TEST_F(ClientServiceTest, is_started_again) {
  connect();
  service.stop(stopped);
  ASSERT_TRUE(run_until_stopped());
  Deferred<void> again;
  service.start(again);
  EXPECT_EQ(result_of(again), "done");
  EXPECT_TRUE(run_until_connected());
}

TEST_F(ClientServiceTest, gives_its_protocol_to_all_who_ask_before_there_is_one) {
  Wanted later, late;
  service.when_connected(wanted);
  EXPECT_EQ(result_of(wanted), "nothing yet");
  listen();
  start();
  service.when_connected(later);
  ASSERT_TRUE(reactor.run_until([&] { return later.has_result(); }));
  Party* const there = &client_side.party();
  EXPECT_EQ(success_result_of(wanted), there);
  EXPECT_EQ(success_result_of(later), there);
  service.when_connected(late);
  EXPECT_EQ(success_result_of(late), there) << "at once";
}

TEST_F(ClientServiceTest, gives_the_next_protocol_once_one_is_lost) {
  connect();
  cut();
  client_side.on_lost = [this](Party&, Error) { service.when_connected(wanted); };
  ASSERT_TRUE(run_until(Link::waiting));
  EXPECT_EQ(result_of(wanted), "nothing yet");
  ASSERT_TRUE(run_until_connected());
  reactor.run_for(1ms);
  EXPECT_EQ(success_result_of(wanted), &client_side.party());
}

TEST_F(ClientServiceTest, gives_no_protocol_whose_connection_was_ended) {
  int made = 0;
  client_side.on_made = [&made](Party& party) {
    if (++made == 1) party.transport().abort_connection();
    if (made == 2) party.transport().lose_connection();
  };
  listen();
  service.when_connected(wanted);
  start();
  ASSERT_TRUE(run_until_connected());
  EXPECT_EQ(made, 3);
  reactor.run_for(1ms);
  EXPECT_EQ(success_result_of(wanted), &client_side.party());
}

TEST_F(ClientServiceTest, lets_those_wait_whose_turn_comes_after_the_connection_was_ended) {
  Wanted next;
  wanted.add_callback([](Party* party) { party->transport().abort_connection(); });
  service.when_connected(wanted);
  service.when_connected(next);
  listen();
  start();
  ASSERT_TRUE(reactor.run_until([this] { return client_side.lost(); }));
  EXPECT_EQ(result_of(next), "nothing yet");
  ASSERT_TRUE(reactor.run_until([&next] { return next.has_result(); }));
  EXPECT_EQ(success_result_of(next), &client_side.party());
}

TEST_F(ClientServiceTest, forgets_who_no_longer_wants_its_protocol) {
  Wanted other;
  service.when_connected(wanted);
  service.when_connected(other);
  wanted.cancel();
  EXPECT_EQ(result_of(wanted), "cancelled");
  connect();
  reactor.run_for(1ms);
  EXPECT_EQ(result_of(other), "connected");
}

TEST_F(ClientServiceTest, forgets_who_no_longer_wants_it_since_another_got_it) {
  Wanted other;
  wanted.add_callback([&other](Party*) { other.cancel(); });
  service.when_connected(wanted);
  service.when_connected(other);
  connect();
  reactor.run_for(1ms);
  EXPECT_EQ(result_of(other), "cancelled");
}

TEST_F(ClientServiceTest, can_be_waited_for_for_a_time) {
  wanted.add_timeout(reactor, 90s);
  service.when_connected(wanted);
  start();
  reactor.run_for(89s);
  EXPECT_EQ(result_of(wanted), "nothing yet");
  reactor.run_for(2s);
  EXPECT_EQ(result_of(wanted), "timed out");
  EXPECT_TRUE(service.running());
}

TEST_F(ClientServiceTest, can_be_waited_for_until_so_many_attempts_have_failed) {
  Bounded first(1), third(3), later(1);
  service.when_connected(wanted);
  service.when_connected(third);
  service.when_connected(first);
  start();
  reactor.run_for(500ms);
  EXPECT_EQ(result_of(first), "connection refused");
  EXPECT_EQ(result_of(third), "nothing yet");
  reactor.run_for(1s);
  service.when_connected(later);
  EXPECT_EQ(result_of(third), "nothing yet") << "after two";
  reactor.run_for(1s);
  EXPECT_EQ(result_of(third), "connection refused");
  EXPECT_EQ(result_of(later), "connection refused") << "counted since it was asked for";
  EXPECT_EQ(result_of(wanted), "nothing yet");
}

TEST_F(ClientServiceTest, forgets_who_no_longer_waits_since_another_heard_of_a_failure) {
  Bounded first(1), second(1);
  first.add_errback([&second](const Failure&) -> Party* {
    second.cancel();
    return nullptr;
  });
  service.when_connected(first);
  service.when_connected(second);
  start();
  reactor.run_for(500ms);
  EXPECT_EQ(result_of(second), "cancelled");
}

TEST_F(ClientServiceTest, gives_its_protocol_to_who_waits_for_attempts_that_do_not_fail) {
  Bounded second(2), again(1);
  service.when_connected(second);
  start();
  reactor.run_for(500ms);
  listen();
  ASSERT_TRUE(reactor.run_until([&second] { return second.has_result(); }));
  EXPECT_EQ(success_result_of(second), &client_side.party());
  cut();
  ASSERT_TRUE(run_until(Link::waiting));
  service.when_connected(again);
  ASSERT_TRUE(reactor.run_until([&again] { return again.has_result(); }));
  EXPECT_EQ(result_of(again), "connected") << "a connection that is lost is no attempt that failed";
}

TEST_F(ClientServiceTest, refuses_all_who_wait_when_it_is_stopped_and_who_comes_then) {
  Wanted late, next;
  Bounded tenth(10);
  connect();
  cut();
  ASSERT_TRUE(run_until(Link::waiting));
  service.when_connected(wanted);
  service.when_connected(tenth);
  ASSERT_TRUE(run_until(Link::connecting));
  service.stop(stopped);
  service.when_connected(late);
  EXPECT_EQ(result_of(wanted), "cancelled");
  EXPECT_EQ(result_of(tenth), "cancelled");
  EXPECT_EQ(result_of(late), "cancelled");
  ASSERT_TRUE(run_until_stopped());
  service.when_connected(next);
  EXPECT_EQ(result_of(next), "nothing yet") << "until it is started again";
}

TEST_F(ClientServiceTest, fails_when_the_client_gives_up) {
  TestService::Options options = quick();
  options.reconnect.retries_max = 2;
  TestService other("other", reactor, address, options, random, client_side);
  MultiService parent("parent");
  ASSERT_FALSE(parent.add(other));
  Deferred<void> ended;
  parent.start(started);
  EXPECT_EQ(result_of(started), "done");
  parent.when_stopped(ended);
  other.when_connected(wanted);
  reactor.run_for(2s);
  EXPECT_EQ(result_of(ended), "nothing yet");
  reactor.run_for(1s);
  EXPECT_EQ(result_of(ended), "connection refused");
  EXPECT_EQ(parent.culprit(), &other);
  EXPECT_EQ(result_of(wanted), "connection refused");
}

TEST_F(ClientServiceTest, is_restarted_by_a_supervisor) {
  TestService::Options options = quick();
  options.reconnect.retries_max = 0;
  TestService other("other", reactor, address, options, random, client_side);
  Supervisor<3> supervisor("supervisor", reactor, {.delay = 10s});
  ASSERT_FALSE(supervisor.add(other));
  supervisor.start(started);
  reactor.run_for(1s);
  EXPECT_EQ(other.state(), State::stopped);
  listen();
  reactor.run_for(10s);
  EXPECT_TRUE(other.running());
  EXPECT_NE(other.protocol(), nullptr);
  EXPECT_EQ(result_of(started), "done");
}

TEST_F(ClientServiceTest, says_why_it_cannot_start) {
  std::vector<DelayedCall> calls;
  while (const Result<DelayedCall> call = reactor.call_later(24h, [] {})) calls.push_back(*call);
  // Its own timer, the client's, the attempt's.
  for (int free = 0; free < 3; ++free) {
    started.reset();
    service.start(started);
    EXPECT_EQ(result_of(started), "out of capacity") << free;
    EXPECT_EQ(service.state(), State::stopped);
    EXPECT_EQ(reactor.timer_use().in_use, calls.size()) << "what it took is given back";
    calls.back().cancel();
    calls.pop_back();
  }
  started.reset();
  start();
  for (DelayedCall& call : calls) call.cancel();
}

struct RunsOnceConnected : ClientServiceTest {
  TestService late{"late", reactor,    address, quick(RunsFrom::first_connection),
                   random, client_side};
  Part next{"next"};
  MultiService all{"all"};
  Deferred<void> ended;

  RunsOnceConnected() {
    EXPECT_FALSE(all.add(late));
    EXPECT_FALSE(all.add(next));
  }
};

TEST_F(RunsOnceConnected, so_that_who_comes_behind_finds_a_connection) {
  all.start(started);
  EXPECT_EQ(late.state(), State::starting);
  reactor.run_for(3s);
  EXPECT_EQ(said(), Lines{"prepare next"});
  listen();
  ASSERT_TRUE(reactor.run_until([this] { return all.running(); }));
  EXPECT_NE(late.protocol(), nullptr);
  EXPECT_EQ(said(), Lines{"start next"});
  EXPECT_EQ(result_of(started), "done");
  cut();
  ASSERT_TRUE(reactor.run_until([this] { return client_side.lost(); }));
  EXPECT_TRUE(late.running()) << "from the first one";
  all.stop(stopped);
  EXPECT_EQ(result_of(stopped), "done");
}

TEST_F(RunsOnceConnected, and_can_be_stopped_before) {
  all.start(started);
  reactor.run_for(3s);
  all.stop(stopped);
  EXPECT_EQ(result_of(started), "cancelled");
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(reactor.timer_use().in_use, 0U);
}

TEST_F(RunsOnceConnected, and_fails_when_the_client_gives_up_before) {
  TestService::Options options = quick(RunsFrom::first_connection);
  options.reconnect.retries_max = 1;
  TestService other("other", reactor, address, options, random, client_side);
  other.start(started);
  reactor.run_for(3s);
  EXPECT_EQ(result_of(started), "connection refused");
  EXPECT_EQ(other.state(), State::stopped);
}

TEST_F(RunsOnceConnected, and_may_be_destroyed_by_who_hears_that) {
  auto other = std::make_unique<TestService>(
      "other", reactor, address, quick(RunsFrom::first_connection), random, client_side);
  started.add_callback([&other] { other.reset(); });
  other->start(started);
  other->when_connected(wanted);
  listen();
  ASSERT_TRUE(reactor.run_until([this] { return client_side.lost(); }));
  EXPECT_FALSE(other);
  EXPECT_EQ(result_of(wanted), "cancelled");
}

TEST_F(ClientServiceTest, tells_how_it_goes) {
  std::vector<Event> heard;
  service.on_event([&heard](const Reconnector::Report& report) { heard.push_back(report.event); });
  start();
  ASSERT_TRUE(run_until(Link::waiting));
  listen();
  ASSERT_TRUE(run_until_connected());
  service.stop(stopped);
  ASSERT_TRUE(run_until_stopped());
  EXPECT_EQ(heard,
            (std::vector{Event::failed, Event::connecting, Event::connected, Event::stopped}));
}

// On the heap, where a sanitizer sees who uses it afterwards.
struct Destroyed : ClientServiceTest {
  std::unique_ptr<TestService> other;

  Destroyed() {
    other = std::make_unique<TestService>("other", reactor, address, quick(), random, client_side);
    other->start(started);
    EXPECT_EQ(result_of(started), "done");
  }
};

TEST_F(Destroyed, by_who_gets_the_connection) {
  Wanted second;
  wanted.add_callback([this](Party*) { other.reset(); });
  other->when_connected(wanted);
  other->when_connected(second);
  listen();
  ASSERT_TRUE(reactor.run_until([this] { return client_side.lost(); }));
  EXPECT_FALSE(other);
  EXPECT_EQ(result_of(second), "cancelled");
  EXPECT_EQ(client_side.losses, Losses{Errc::connection_aborted});
}

TEST_F(Destroyed, by_who_hears_that_there_is_none) {
  Bounded first(1), second(1);
  first.add_errback([this](const Failure&) { other.reset(); });
  other->when_connected(first);
  other->when_connected(second);
  reactor.run_for(1s);
  EXPECT_FALSE(other);
  EXPECT_EQ(result_of(second), "cancelled");
}

TEST_F(Destroyed, by_who_hears_that_it_stops) {
  Wanted second;
  wanted.add_errback([this](const Failure&) -> Party* {
    other.reset();
    return nullptr;
  });
  other->when_connected(wanted);
  other->when_connected(second);
  other->stop(stopped);
  EXPECT_FALSE(other);
  EXPECT_EQ(result_of(second), "cancelled");
  EXPECT_EQ(result_of(stopped), "cancelled");
}

TEST_F(Destroyed, by_who_hears_that_it_has_stopped) {
  listen();
  ASSERT_TRUE(reactor.run_until([this] { return other->protocol() != nullptr; }));
  stopped.add_callback([this] { other.reset(); });
  other->stop(stopped);
  ASSERT_TRUE(reactor.run_until([this] { return !other; }));
  EXPECT_EQ(client_side.losses, Losses{Errc::connection_done});
}

TEST_F(Destroyed, whatever_it_does) {
  for (const Link state : {Link::connecting, Link::waiting, Link::connected}) {
    SCOPED_TRACE(static_cast<int>(state));
    if (state == Link::connected) listen();
    Wanted waiting;
    {
      TestService third("third", reactor, address, quick(), random, client_side);
      Deferred<void> third_started;
      third.start(third_started);
      ASSERT_TRUE(reactor.run_until([&] { return third.connection_state() == state; }));
      if (state != Link::connected) third.when_connected(waiting);
    }
    if (state != Link::connected) {
      EXPECT_EQ(result_of(waiting), "cancelled");
    }
  }
  EXPECT_EQ(client_side.losses, Losses{Errc::connection_aborted});
}

}  // namespace
}  // namespace bobbin::test
