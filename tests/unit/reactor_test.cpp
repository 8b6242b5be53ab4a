// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/reactor.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/memory.hpp>

#include "reactor_fixture.hpp"
#include "support/seed.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using test::AReactor;
using test::at;
using test::Side;
using test::Trace;

// Life.

TEST_F(AReactor, runs_until_it_is_stopped_and_returns) {
  ASSERT_TRUE(reactor_.call_later(10s, [this] { return reactor_.stop(); }));
  EXPECT_FALSE(reactor_.running());
  EXPECT_FALSE(reactor_.run());
  EXPECT_FALSE(reactor_.running());
  EXPECT_EQ(network_.now(), at(10s));
}

TEST_F(AReactor, sleeps_while_it_has_nothing_to_do) {
  ASSERT_TRUE(reactor_.call_later(24h * 365, [this] { return reactor_.stop(); }));
  EXPECT_FALSE(reactor_.run());
  EXPECT_EQ(reactor_.statistics().turns, 2U);
  EXPECT_EQ(reactor_.statistics().sleeps, 1U);
}

TEST_F(AReactor, finishes_the_turn_it_is_stopped_in) {
  items_[0].on_read = noting("read");
  ASSERT_TRUE(reactor_.call_from_thread([this] {
    reactor_.mark_readable(items_[0]);
    return reactor_.stop();
  }));
  ASSERT_TRUE(reactor_.call_later(0s, note("timer")));
  ASSERT_TRUE(reactor_.call_later(1h, note("too late")));
  EXPECT_FALSE(reactor_.run());
  EXPECT_EQ(trace_, (Trace{"timer", "read"}));
  EXPECT_EQ(network_.now(), at(0s));
}

TEST_F(AReactor, cannot_be_started_twice) {
  ASSERT_FALSE(reactor_.call_when_running([this] { return reactor_.stop(); }));
  EXPECT_FALSE(reactor_.run());
  EXPECT_EQ(reactor_.run(), Errc::not_restartable);
  const auto turns = reactor_.statistics().turns;
  reactor_.turn(1h);
  EXPECT_EQ(reactor_.statistics().turns, turns);
}

TEST_F(AReactor, cannot_be_stopped_when_it_does_not_run_nor_twice) {
  EXPECT_EQ(reactor_.stop(), Errc::not_running);
  Errc first = Errc::system_error;
  Errc second = Errc::ok;
  ASSERT_TRUE(reactor_.call_later(0s, [this, &first, &second] {
    first = reactor_.stop().code;
    second = reactor_.stop().code;
  }));
  EXPECT_FALSE(reactor_.run());
  EXPECT_EQ(first, Errc::ok);
  EXPECT_EQ(second, Errc::not_running);
  EXPECT_EQ(reactor_.stop(), Errc::not_running);
}

TEST_F(AReactor, can_be_stopped_between_turns) {
  start();
  EXPECT_FALSE(reactor_.stop());
  EXPECT_EQ(reactor_.stop(), Errc::not_running);
  EXPECT_EQ(reactor_.next_deadline(), reactor_.now()) << "the turn that ends it is due";
  reactor_.turn(1h);
  EXPECT_EQ(network_.now(), at(0s));
  EXPECT_EQ(reactor_.run(), Errc::not_restartable);
}

TEST_F(AReactor, that_was_never_run_goes_without_a_word) {
  ASSERT_FALSE(reactor_.add_system_event_trigger(SystemEvent::shutdown, Phase::before,
                                                 [] { ADD_FAILURE() << "was never started"; }));
  ASSERT_TRUE(reactor_.call_later(0s, [] { ADD_FAILURE() << "never"; }));
}

// Errors.

TEST_F(AReactor, reports_the_error_of_a_callback_and_gets_up_again) {
  std::vector<Errc> errors;
  reactor_.on_error([&errors](Error error, CallSource) { errors.push_back(error.code); });
  ASSERT_FALSE(reactor_.call_when_running([] { return Errc::unreachable; }));
  ASSERT_TRUE(reactor_.call_from_thread([] { return Errc::no_capacity; }));
  ASSERT_TRUE(reactor_.call_later(0s, [] { return Errc::invalid_argument; }));
  ASSERT_TRUE(reactor_.call_later(0s, [this] {
    trace_.emplace_back("But I get up again.");
    return reactor_.stop();
  }));
  EXPECT_FALSE(reactor_.run());
  EXPECT_EQ(trace_, Trace{"But I get up again."});
  EXPECT_EQ(errors, (std::vector{Errc::unreachable, Errc::no_capacity, Errc::invalid_argument}));
  EXPECT_EQ(reactor_.statistics().errors, 3U);
}

TEST_F(AReactor, counts_errors_that_nobody_hears) {
  start();
  ASSERT_TRUE(reactor_.call_later(0s, [] { return Errc::timed_out; }));
  reactor_.turn({});
  EXPECT_EQ(reactor_.statistics().errors, 1U);
}

TEST_F(AReactor, keeps_the_number_of_the_platform_in_the_error_it_reports) {
  start();
  std::int32_t native = 0;
  reactor_.on_error([&native](Error error, CallSource) { native = error.native; });
  ASSERT_TRUE(reactor_.call_later(0s, [] { return Error(Errc::system_error, 42); }));
  reactor_.turn({});
  EXPECT_EQ(native, 42);
}

// Time.

TEST_F(AReactor, runs_timers_at_their_time_and_in_order_whatever_it_is_asked) {
  test::for_each_seed([](test::Random& random) {
    MemoryNetwork<memory::NetworkSizes{.links = 1, .window = 64}> network;
    MemoryReactor<ReactorSizes{.timers = 64}> reactor(network);
    std::vector<Instant> ran;
    struct Timer {
      Reactor& reactor;
      std::vector<Instant>& ran;
      DelayedCall call;
      Instant due;
    };
    std::vector<Timer> timers(64, Timer{.reactor = reactor, .ran = ran, .call = {}, .due = {}});
    std::vector<Instant> expected;
    for (Timer& timer : timers) {
      timer.due = at(Duration(random.below(1000)));
      timer.call = *reactor.call_at(timer.due, [&timer] {
        EXPECT_EQ(timer.reactor.now(), timer.due);
        timer.ran.push_back(timer.reactor.now());
      });
    }
    for (Timer& timer : timers) {
      const auto what = random.below(4);
      if (what == 0) {
        EXPECT_TRUE(timer.call.cancel());
        continue;
      }
      if (what == 1) {
        const Duration longer(random.below(500));
        EXPECT_TRUE(timer.call.delay(longer));
        timer.due += longer;
      }
      expected.push_back(timer.due);
    }
    EXPECT_FALSE(reactor.run()) << "it stops itself when nothing is left";
    std::ranges::sort(expected);
    EXPECT_EQ(ran, expected);
  });
}

TEST_F(AReactor, runs_a_timer_late_when_another_took_long_and_never_early) {
  std::vector<Instant> ran;
  ASSERT_TRUE(reactor_.call_later(1s, [this, &ran] {
    ran.push_back(reactor_.now());
    network_.advance(5s);
    EXPECT_EQ(reactor_.now(), at(1s)) << "the clock stands still while a callback runs";
  }));
  ASSERT_TRUE(reactor_.call_later(2s, [this, &ran] { ran.push_back(reactor_.now()); }));
  ASSERT_TRUE(reactor_.call_later(6500ms, [this, &ran] { ran.push_back(reactor_.now()); }));
  EXPECT_FALSE(reactor_.run());
  EXPECT_EQ(ran, (std::vector{at(1s), at(6s), at(6500ms)}));
}

TEST_F(AReactor, waits_no_longer_than_it_was_told) {
  start();
  ASSERT_TRUE(reactor_.call_later(10s, note("timer")));
  reactor_.turn(3s);
  EXPECT_EQ(reactor_.now(), at(3s));
  EXPECT_EQ(trace_, Trace{});
  reactor_.turn(30s);
  EXPECT_EQ(reactor_.now(), at(10s));
}

TEST_F(AReactor, waits_for_as_long_as_it_was_told_however_long_ago_its_last_turn_was) {
  start();
  network_.advance(10s);
  reactor_.turn(3s);
  EXPECT_EQ(reactor_.now(), at(13s));
}

TEST_F(AReactor, runs_a_timer_of_the_last_instant_and_never_what_would_lie_behind_it) {
  static constexpr Instant last = never - Duration(1);
  ASSERT_TRUE(reactor_.call_at(last, [this] {
    trace_.emplace_back("last");
    EXPECT_EQ(reactor_.now(), last);
    const Result<DelayedCall> beyond = reactor_.call_later(1h, note("beyond"));
    EXPECT_EQ(beyond->time(), never);
    EXPECT_TRUE(reactor_.call_later(0s, note("at once")));
  }));
  ASSERT_TRUE(reactor_.call_at(never, note("never")));
  ASSERT_TRUE(reactor_.call_later(forever, note("never")));
  EXPECT_FALSE(reactor_.run());
  EXPECT_EQ(trace_, (Trace{"last", "at once"}));
}

// Being told to run, and triggers.

TEST_F(AReactor, calls_when_running_in_the_order_of_asking_and_at_once_when_it_runs) {
  for (const char* name : {"a", "b"}) ASSERT_FALSE(reactor_.call_when_running(note(name)));
  ASSERT_FALSE(reactor_.call_when_running([this] {
    trace_.emplace_back("before");
    EXPECT_FALSE(reactor_.call_when_running(note("at once")));
    trace_.emplace_back("behind");
  }));
  ASSERT_FALSE(reactor_.call_when_running(note("c")));
  EXPECT_EQ(trace_, Trace{});
  EXPECT_EQ(turn(), (Trace{"a", "b", "before", "at once", "behind", "c"}));
  EXPECT_FALSE(reactor_.call_when_running(note("now")));
  EXPECT_EQ(trace_.back(), "now");
  EXPECT_EQ(turn(), Trace{});
}

TEST_F(AReactor, tells_of_its_start_and_its_end_in_phases) {
  constexpr auto startup = SystemEvent::startup;
  constexpr auto shutdown = SystemEvent::shutdown;
  const auto trigger = [this](SystemEvent event, Phase phase, const char* name) {
    EXPECT_FALSE(reactor_.add_system_event_trigger(event, phase, note(name)));
  };
  trigger(shutdown, Phase::after, "gone");
  trigger(shutdown, Phase::during, "going");
  trigger(shutdown, Phase::before, "will go");
  trigger(startup, Phase::after, "has come");
  trigger(startup, Phase::during, "coming");
  trigger(startup, Phase::before, "will come");
  ASSERT_FALSE(reactor_.call_when_running(note("runs")));
  ASSERT_TRUE(reactor_.call_later(1s, [this] { return reactor_.stop(); }));
  EXPECT_FALSE(reactor_.run());
  EXPECT_EQ(trace_, (Trace{"will come", "coming", "has come", "runs", "will go", "going", "gone"}));
}

TEST_F(AReactor, refuses_a_trigger_when_it_has_no_place_for_it) {
  for (int i = 0; i < 8; ++i) ASSERT_FALSE(reactor_.call_when_running(note("a")));
  EXPECT_EQ(reactor_.call_when_running(note("b")), Errc::no_capacity);
  EXPECT_EQ(reactor_.add_system_event_trigger(SystemEvent::shutdown, Phase::before, note("b")),
            Errc::no_capacity);
  EXPECT_EQ(turn(), Trace(8, "a"));
  EXPECT_FALSE(reactor_.call_when_running(note("c"))) << "needs no place once it runs";
}

TEST_F(AReactor, hears_of_the_errors_of_triggers) {
  ASSERT_FALSE(reactor_.add_system_event_trigger(SystemEvent::shutdown, Phase::after,
                                                 [] { return Errc::timed_out; }));
  ASSERT_FALSE(reactor_.call_when_running([this] { return reactor_.stop(); }));
  EXPECT_FALSE(reactor_.run());
  EXPECT_EQ(reactor_.statistics().errors, 1U);
}

// For loops of somebody else's.

TEST_F(AReactor, tells_a_foreign_loop_when_it_is_next_needed) {
  EXPECT_EQ(reactor_.next_deadline(), reactor_.now()) << "its first turn starts it";
  start();
  EXPECT_EQ(reactor_.next_deadline(), never);
  ASSERT_TRUE(reactor_.call_later(5s, note("timer")));
  EXPECT_EQ(reactor_.next_deadline(), at(5s));
  items_[0].on_read = noting("read");
  reactor_.mark_readable(items_[0]);
  EXPECT_EQ(reactor_.next_deadline(), reactor_.now());
  reactor_.turn({});
  EXPECT_EQ(reactor_.next_deadline(), at(5s));
  reactor_.mark_writable(items_[0]);
  EXPECT_EQ(reactor_.next_deadline(), reactor_.now());
  reactor_.turn({});
  EXPECT_EQ(reactor_.next_deadline(), at(5s));
}

TEST_F(AReactor, does_in_a_foreign_loop_what_came_due_between_its_turns) {
  start();
  ASSERT_TRUE(reactor_.call_later(1s, [this] {
    trace_.emplace_back("timer");
    EXPECT_EQ(reactor_.now(), at(10s));
  }));
  network_.advance(10s);
  EXPECT_EQ(turn(), Trace{"timer"});
}

TEST_F(AReactor, tells_a_foreign_loop_how_long_it_may_wait_by_the_clock_as_it_is) {
  EXPECT_EQ(reactor_.longest_wait(), 0s) << "its first turn starts it";
  start();
  EXPECT_EQ(reactor_.longest_wait(), forever);
  ASSERT_TRUE(reactor_.call_later(5s, [this] { EXPECT_EQ(reactor_.longest_wait(), forever); }));
  EXPECT_EQ(reactor_.longest_wait(), 5s);
  network_.advance(3s);
  EXPECT_EQ(reactor_.longest_wait(), 2s);
  network_.advance(3s);
  EXPECT_EQ(reactor_.longest_wait(), 0s);
  reactor_.turn({});
  EXPECT_EQ(reactor_.longest_wait(), forever);
}

// Calls from elsewhere.

TEST_F(AReactor, does_not_sleep_when_a_call_was_posted_during_its_turn) {
  start();
  ASSERT_TRUE(reactor_.call_later(0s, [this] {
    std::thread elsewhere([this] { EXPECT_TRUE(reactor_.call_from_thread(note("posted"))); });
    elsewhere.join();
  }));
  reactor_.turn(1h);
  EXPECT_EQ(network_.now(), at(0s));
  EXPECT_EQ(turn(), Trace{"posted"});
}

// 'b' wakes the reactor, which runs it before it looks who woke it.
TEST_F(AReactor, is_woken_again_after_a_call_that_was_run_in_the_round_it_was_posted_in) {
  start();
  ASSERT_TRUE(
      reactor_.call_from_thread([this] { EXPECT_TRUE(reactor_.call_from_thread(note("b"))); }));
  EXPECT_EQ(turn(), Trace{"b"});
  reactor_.turn(1h);  // nothing but that wake
  ASSERT_TRUE(
      reactor_.call_later(0s, [this] { EXPECT_TRUE(reactor_.call_from_thread(note("c"))); }));
  reactor_.turn(1h);
  EXPECT_EQ(network_.now(), at(0s));
  EXPECT_EQ(turn(), Trace{"c"});
}

TEST_F(AReactor, runs_every_call_of_every_thread_once_and_each_thread_s_in_order) {
  constexpr int threads = 4;
  constexpr int calls = 1000;
  struct Caller {
    int next = 0;
    bool in_order = true;
  };
  std::array<Caller, threads> callers;
  start();
  std::vector<std::thread> running;
  for (Caller& caller : callers) {
    running.emplace_back([this, &caller] {
      for (int number = 0; number < calls; ++number) {
        const auto call = [&caller, number] {
          caller.in_order = caller.in_order && caller.next == number;
          ++caller.next;
        };
        while (!reactor_.call_from_isr(call)) std::this_thread::yield();
      }
    });
  }
  const auto all_ran = [&callers] {
    return std::ranges::all_of(callers, [](const Caller& caller) { return caller.next == calls; });
  };
  while (!all_ran()) reactor_.turn({});
  for (std::thread& thread : running) thread.join();
  reactor_.turn({});
  for (const Caller& caller : callers) {
    EXPECT_TRUE(caller.in_order);
    EXPECT_EQ(caller.next, calls);
  }
  EXPECT_EQ(reactor_.posted_use().in_use, 0U);
}

TEST_F(AReactor, refuses_a_posted_call_when_it_has_no_place_for_it) {
  start();
  for (int i = 0; i < 16; ++i) ASSERT_TRUE(reactor_.call_from_thread(note("a")));
  EXPECT_FALSE(reactor_.call_from_thread(note("b")));
  EXPECT_EQ(reactor_.posted_use().refused, 1U);
  EXPECT_EQ(turn(), Trace(16, "a"));
  EXPECT_TRUE(reactor_.call_from_thread(note("b")));
  EXPECT_EQ(turn(), Trace{"b"});
}

// Statistics.

TEST_F(AReactor, counts_turns_sleeps_and_calls) {
  ASSERT_TRUE(reactor_.call_later(1s, note("timer")));
  ASSERT_TRUE(reactor_.call_from_thread(note("posted")));
  EXPECT_EQ(reactor_.statistics().turns, 0U);
  reactor_.turn(1h);  // runs the posted call, which also wakes it
  reactor_.turn(1h);  // sleeps until the timer is due
  reactor_.turn({});
  EXPECT_EQ(reactor_.statistics().turns, 3U);
  EXPECT_EQ(reactor_.statistics().calls, 2U);
  reactor_.turn({});
  EXPECT_EQ(reactor_.statistics().turns, 4U);
  const auto sleeps = reactor_.statistics().sleeps;
  reactor_.turn(1h);
  EXPECT_EQ(reactor_.statistics().sleeps, sleeps + 1);
}

// Several of them.

TEST(Reactors, of_one_process_have_nothing_to_do_with_each_other) {
  MemoryNetwork<memory::NetworkSizes{.links = 1, .window = 64}> first_network;
  MemoryNetwork<memory::NetworkSizes{.links = 1, .window = 64}> second_network;
  MemoryReactor<> first(first_network);
  MemoryReactor<> second(second_network);
  int first_ran = 0;
  int second_ran = 0;
  // One runs to its end inside a callback of the other.
  ASSERT_TRUE(first.call_later(1s, [&first_ran, &second] {
    ++first_ran;
    EXPECT_FALSE(second.run());
  }));
  ASSERT_TRUE(second.call_later(2s, [&second_ran, &second] {
    ++second_ran;
    return second.stop();
  }));
  EXPECT_FALSE(first.run());
  EXPECT_EQ(first_ran, 1);
  EXPECT_EQ(second_ran, 1);
  EXPECT_EQ(first.now(), at(1s));
  EXPECT_EQ(second.now(), at(2s));
}

TEST(Reactors, may_share_a_network_and_talk_over_it) {
  MemoryNetwork<memory::NetworkSizes{.links = 2, .window = 1024}> network;
  network.behaviour.latency = 3ms;
  MemoryReactor<> serving(network);
  MemoryReactor<> asking(network);
  Side server_side;
  Side client_side;
  server_side.on_data = [](test::Party& party, Bytes data) {
    return party.transport().write(data);
  };
  client_side.on_made = [](test::Party& party) { party.write("are you there?"); };
  test::PartyServer<contract::one_small> server{server_side};
  test::PartyClient<contract::one_small> client{client_side};
  ASSERT_FALSE(serving.listen_tcp(Address::loopback(0), server));
  ASSERT_FALSE(asking.connect_tcp(server.host(), client));
  for (int i = 0; i < 50; ++i) {
    serving.turn({});
    asking.turn({});
    network.advance(1ms);
  }
  EXPECT_EQ(client_side.received, "are you there?");
  EXPECT_EQ(client.prepare(serving, Address::loopback(1), {}), Errc::already_running);
}

}  // namespace
}  // namespace bobbin
