// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/top_service.hpp>

#include <chrono>
#include <string>

#include <bobbin/memory.hpp>

#include "log_recorder.hpp"
#include "service_support.hpp"

namespace bobbin::test {
namespace {

using namespace std::chrono_literals;
using State = Service::State;

struct TopServiceTest : DeferredTest {
  MemoryNetwork<> network;
  MemoryReactor<> reactor{network};
  LogPublisher publisher{reactor};
  Recorder recorder;
  TopService top{reactor, Logger(publisher, "test"), {.stop_within = 10s}};
  Part a{"a"}, b{"b"};

  TopServiceTest() {
    publisher.add(recorder);
    EXPECT_FALSE(top.add(a));
    EXPECT_FALSE(top.add(b));
    // A network on which nothing can happen any more ends its reactor.
    EXPECT_TRUE(reactor.call_later(24h, [] {}));
  }

  void after(Duration delay, Callback callback) {
    EXPECT_TRUE(reactor.call_later(delay, callback));
  }
  std::string outcome() {
    const Outcome<void> outcome = top.run();
    return outcome ? "done" : std::string(describe(outcome.failure()));
  }
  Lines logged() {
    Lines texts;
    for (const std::string& line : recorder.heard) texts.push_back(line.substr(line.find('[')));
    return texts;
  }
};

TEST_F(TopServiceTest, runs_until_it_is_to_end) {
  after(1s, [this] {
    EXPECT_TRUE(top.running());
    top.end();
  });
  EXPECT_EQ(outcome(), "done");
  EXPECT_EQ(said(), (Lines{"prepare a", "prepare b", "start a", "start b", "stop b", "stop a"}));
  EXPECT_EQ(logged(), (Lines{"[test#info] a runs", "[test#info] b runs",
                             "[test#info] the program runs", "[test#info] b has stopped",
                             "[test#info] a has stopped", "[test#info] the program has stopped"}));
  EXPECT_EQ(network.now() - Instant(), 1s);
}

TEST_F(TopServiceTest, stops_the_reactor_when_a_service_does_not_start) {
  b.start_failure = Failure(Errc::address_in_use);
  EXPECT_EQ(outcome(), "address already in use");
  EXPECT_EQ(said(), (Lines{"prepare a", "prepare b", "start a", "start b", "stop b", "stop a"}));
  EXPECT_EQ(logged(),
            (Lines{"[test#info] a runs", "[test#critical] b failed: address already in use",
                   "[test#info] a has stopped", "[test#info] the program has stopped"}));
  EXPECT_EQ(top.culprit(), &b);
}

// E10.4: the failure is logged, the reactor stops, and nobody has to handle it.
TEST_F(TopServiceTest, has_no_failure_left_unhandled) {
  b.prepare_failure = Errc::permission_denied;
  EXPECT_EQ(outcome(), "permission denied");
  EXPECT_EQ(unhandled_errors(), Lines{});
}

TEST_F(TopServiceTest, stops_the_reactor_when_a_service_cannot_go_on) {
  after(1s, [this] { a.fail(Oops::oops); });
  EXPECT_EQ(outcome(), "oops");
  EXPECT_FALSE(b.running());
  EXPECT_EQ(logged().at(3), "[test#critical] a failed, oops: application error (1)");
}

TEST_F(TopServiceTest, starts_nothing_when_it_is_to_end_before_it_runs) {
  top.end();
  EXPECT_EQ(outcome(), "done");
  EXPECT_EQ(said(), Lines{});
}

TEST_F(TopServiceTest, waits_for_who_stops_late) {
  a.stops_late = true;
  after(1s, [this] { top.end(); });
  after(5s, [this] { a.end_stop(); });
  EXPECT_EQ(outcome(), "done");
  EXPECT_EQ(network.now() - Instant(), 5s);
}

TEST_F(TopServiceTest, does_not_wait_for_ever) {
  a.stops_late = true;
  after(1s, [this] { top.end(); });
  EXPECT_EQ(outcome(), "timed out");
  EXPECT_EQ(network.now() - Instant(), 11s);
  EXPECT_EQ(logged().back(), "[test#error] a has not stopped within 10s");
}

TEST_F(TopServiceTest, can_be_ended_while_it_starts) {
  a.starts_late = true;
  after(1s, [this] { top.end(); });
  EXPECT_EQ(outcome(), "done");
  EXPECT_EQ(said(), (Lines{"prepare a", "prepare b", "start a", "stop b", "cancel a", "stop a"}));
}

TEST_F(TopServiceTest, says_so_when_somebody_else_stops_the_reactor) {
  after(1s, [this] { return reactor.stop(); });
  EXPECT_EQ(outcome(), "cancelled");
}

TEST_F(TopServiceTest, gives_up_privileges_between_preparing_and_starting) {
  top.on_prepared([] { say("drop"); });
  after(1s, [this] { top.end(); });
  EXPECT_EQ(outcome(), "done");
  EXPECT_EQ(said(),
            (Lines{"prepare a", "prepare b", "drop", "start a", "start b", "stop b", "stop a"}));
}

TEST_F(TopServiceTest, starts_nothing_with_privileges_that_cannot_be_given_up) {
  top.on_prepared([] { return Errc::permission_denied; });
  EXPECT_EQ(outcome(), "permission denied");
  EXPECT_EQ(said(), (Lines{"prepare a", "prepare b", "stop b", "stop a"}));
  EXPECT_EQ(logged().back(), "[test#critical] the program failed: permission denied");
}

TEST_F(TopServiceTest, does_not_begin_without_a_timer_for_the_end) {
  while (reactor.call_later(1h, [] {})) {
  }
  EXPECT_EQ(outcome(), "out of capacity");
  EXPECT_EQ(said(), Lines{});
}

TEST_F(TopServiceTest, runs_once) {
  after(1s, [this] { top.end(); });
  EXPECT_EQ(outcome(), "done");
  EXPECT_EQ(outcome(), "not running");
}

}  // namespace
}  // namespace bobbin::test
