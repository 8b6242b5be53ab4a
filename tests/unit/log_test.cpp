// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/logger.hpp>

#include <memory>
#include <optional>
#include <thread>

#include <bobbin/memory.hpp>
#include <bobbin/posix.hpp>

#include <gtest/gtest.h>

#include "log_recorder.hpp"

// Who hears which event, how often, and when not: loggers, publishers, filters.

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using test::Recorder;
using Lines = std::vector<std::string>;

struct Log : testing::Test {
  ManualClock<4> clock;
  LogPublisher publisher{clock};
  Recorder recorder;
  Logger log{publisher, "test"};
};

TEST_F(Log, of_every_level_is_heard_with_its_namespace_and_time) {
  publisher.add(recorder);
  clock.advance(1500ms);
  log.debug("a");
  log.info("b");
  log.warn("c");
  log.error("d");
  log.critical("e");
  log.failure(Errc::timed_out, "f");
  EXPECT_EQ(recorder.heard,
            (Lines{"1.500000 [test#debug] a", "1.500000 [test#info] b", "1.500000 [test#warn] c",
                   "1.500000 [test#error] d", "1.500000 [test#critical] e",
                   "1.500000 [test#critical] f: timed out"}));
}

TEST_F(Log, keeps_format_and_values_apart) {
  Recorder look([](const LogEvent& event) {
    EXPECT_EQ(event.format, "{bytes} of {peer} {done:-}");
    EXPECT_EQ(event.values.size(), 3U);
    EXPECT_EQ(find_field(event, "bytes")->natural(), 7U);
    EXPECT_EQ(find_field(event, "peer")->address(), Address::loopback(1));
    EXPECT_TRUE(find_field(event, "done")->boolean());
    EXPECT_EQ(find_field(event, "other"), nullptr);
    EXPECT_EQ(event.source.text(), "me");
    return Error();
  });
  publisher.add(look);
  Logger(publisher, "test", "me").info("{bytes} of {peer} {done:-}", 7, Address::loopback(1), true);
  EXPECT_EQ(look.heard, Lines{"0.000000 [test#info me] 7 of 127.0.0.1:1 "});
}

TEST_F(Log, of_a_default_logger_reaches_nobody) {
  int calls = 0;
  Logger().info("{value}", [&calls] { return ++calls; });
  Logger().failure(Errc::cancelled, "nothing");
  EXPECT_FALSE(Logger().enabled(LogLevel::critical));
  EXPECT_EQ(calls, 0);
}

TEST_F(Log, calls_a_function_for_a_value_only_if_somebody_wants_the_event) {
  int calls = 0;
  const auto count = [&calls] { return ++calls; };
  log.info("{value}", count);
  EXPECT_EQ(calls, 0);
  LogFilter<1> filter(recorder, LogLevel::warn);
  publisher.add(filter);
  log.info("{value}", count);
  EXPECT_EQ(calls, 0);
  log.warn("{value}", count);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(recorder.heard, Lines{"0.000000 [test#warn] 1"});
}

enum class Colour { red };
std::string_view log_value(Colour) { return "red"; }

TEST_F(Log, takes_values_of_the_programs_own) {
  publisher.add(recorder);
  log.info("{colour} {lazy}", Colour::red, [] { return Colour::red; });
  EXPECT_EQ(recorder.heard, Lines{"0.000000 [test#info] red red"});
}

TEST_F(Log, is_heard_in_the_order_of_adding_by_all) {
  Lines order;
  Recorder first([&order](const LogEvent&) {
    order.push_back("first");
    return Error();
  });
  Recorder second([&order](const LogEvent&) {
    order.push_back("second");
    return Error();
  });
  publisher.add(first);
  publisher.add(second);
  log.info("x");
  EXPECT_EQ(order, (Lines{"first", "second"}));
}

TEST_F(Log, is_not_stopped_by_an_observer_that_fails_which_is_reported_once_to_the_others) {
  Recorder broken([](const LogEvent&) { return Errc::would_block; });
  Recorder after;
  publisher.add(recorder);
  publisher.add(broken);
  publisher.add(after);
  log.info("x");
  log.info("y");
  const Lines expected{"0.000000 [test#info] x",
                       "0.000000 [bobbin.log#critical] observer 1 failed: not now",
                       "0.000000 [test#info] y"};
  EXPECT_EQ(recorder.heard, expected);
  EXPECT_EQ(after.heard, expected);
  EXPECT_EQ(broken.heard, (Lines{"0.000000 [test#info] x", "0.000000 [test#info] y"}));
  EXPECT_EQ(broken.failures(), 2U);
  EXPECT_EQ(broken.last_failure(), Errc::would_block);
}

TEST_F(Log, of_observers_that_all_fail_ends) {
  const auto fail = [](const LogEvent&) { return Errc::no_capacity; };
  Recorder a(fail), b(fail), c(fail);
  for (Recorder* each : {&a, &b, &c}) publisher.add(*each);
  log.info("x");
  // Each heard the event and the reports of the two others.
  for (const Recorder* each : {&a, &b, &c}) {
    EXPECT_EQ(each->heard.size(), 3U);
    EXPECT_EQ(each->failures(), 3U);
  }
}

TEST_F(Log, reports_anew_who_was_removed_and_added_again) {
  Recorder broken([](const LogEvent&) { return Errc::would_block; });
  publisher.add(broken);
  publisher.add(recorder);
  log.info("x");
  publisher.remove(broken);
  publisher.add(broken);
  log.info("y");
  EXPECT_EQ(recorder.heard.size(), 4U);
  EXPECT_EQ(recorder.heard.back(), "0.000000 [bobbin.log#critical] observer 1 failed: not now");
}

TEST_F(Log, from_inside_an_observer_is_heard_by_the_others_and_not_by_it) {
  Recorder talkative([this](const LogEvent&) {
    log.warn("inner");
    return Error();
  });
  publisher.add(recorder);
  publisher.add(talkative);
  log.info("outer");
  EXPECT_EQ(recorder.heard, (Lines{"0.000000 [test#info] outer", "0.000000 [test#warn] inner"}));
  EXPECT_EQ(talkative.heard, Lines{"0.000000 [test#info] outer"});
  EXPECT_EQ(talkative.missed(), 1U);
}

TEST_F(Log, from_inside_all_observers_is_no_deeper_than_there_are_observers) {
  int depth = 0;
  int deepest = 0;
  const auto recurse = [&](const LogEvent&) {
    deepest = std::max(deepest, ++depth);
    log.info("again");
    --depth;
    return Errc::would_block;
  };
  Recorder a(recurse), b(recurse), c(recurse), d(recurse);
  for (Recorder* each : {&a, &b, &c, &d}) publisher.add(*each);
  log.info("begin");
  EXPECT_EQ(deepest, 4);
}

TEST_F(Log, lets_observers_add_others_which_hear_the_event_too) {
  Recorder adding([this](const LogEvent&) {
    publisher.remove(recorder);
    publisher.add(recorder);
    return Error();
  });
  publisher.add(adding);
  log.info("x");
  log.info("y");
  EXPECT_EQ(recorder.heard, (Lines{"0.000000 [test#info] x", "0.000000 [test#info] y"}));
}

// Every one removes every one, itself included; who comes behind hears it no more.
TEST_F(Log, lets_observers_remove_any) {
  for (int who = 0; who < 3; ++who) {
    for (int whom = 0; whom < 3; ++whom) {
      Recorder all[3];
      for (Recorder& each : all) publisher.add(each);
      all[who].then = [&](const LogEvent&) {
        publisher.remove(all[whom]);
        return Error();
      };
      log.info("x");
      log.info("y");
      for (int i = 0; i < 3; ++i) {
        const std::size_t expected = i != whom ? 2 : whom > who ? 0 : 1;
        EXPECT_EQ(all[i].heard.size(), expected) << who << " removes " << whom << ", at " << i;
      }
    }
  }
}

TEST_F(Log, forgets_observers_that_end_and_is_forgotten) {
  {
    Recorder brief;
    publisher.add(brief);
    publisher.add(recorder);
  }
  log.info("x");
  EXPECT_EQ(recorder.heard.size(), 1U);
  auto second = std::make_unique<LogPublisher>(clock);
  Recorder other;
  second->add(other);
  second.reset();
  publisher.add(other);
  log.info("y");
  EXPECT_EQ(other.heard.size(), 1U);
}

TEST_F(Log, passes_from_publisher_to_publisher) {
  LogPublisher inner(clock);
  Recorder broken([](const LogEvent&) { return Errc::would_block; });
  inner.add(broken);
  inner.add(recorder);
  publisher.add(inner);
  EXPECT_TRUE(log.enabled(LogLevel::debug));
  log.info("x");
  EXPECT_EQ(recorder.heard, (Lines{"0.000000 [test#info] x",
                                   "0.000000 [bobbin.log#critical] observer 0 failed: not now"}));
  EXPECT_EQ(inner.failures(), 0U);
}

TEST_F(Log, is_filtered_by_the_longest_namespace_that_fits) {
  LogFilter<4> filter(recorder);
  EXPECT_FALSE(filter.set_level("net.http", LogLevel::debug));
  EXPECT_FALSE(filter.set_level("net.http.head", LogLevel::critical));
  EXPECT_FALSE(filter.set_level("net", LogLevel::error));
  EXPECT_EQ(filter.level_for("net"), LogLevel::error);
  EXPECT_EQ(filter.level_for("net.tls"), LogLevel::error);
  EXPECT_EQ(filter.level_for("net.http"), LogLevel::debug);
  EXPECT_EQ(filter.level_for("net.http.body"), LogLevel::debug);
  EXPECT_EQ(filter.level_for("net.http.head.line"), LogLevel::critical);
  EXPECT_EQ(filter.level_for("net.http2"), LogLevel::error);
  EXPECT_EQ(filter.level_for("network"), LogLevel::info);
  EXPECT_EQ(filter.level_for(""), LogLevel::info);
}

TEST_F(Log, filters_have_room_for_so_many_rules) {
  LogFilter<2> filter(recorder, LogLevel::warn);
  EXPECT_FALSE(filter.set_level("a", LogLevel::debug));
  EXPECT_FALSE(filter.set_level("b", LogLevel::debug));
  EXPECT_EQ(filter.set_level("c", LogLevel::debug), Errc::no_capacity);
  EXPECT_EQ(filter.level_for("c"), LogLevel::warn);
  EXPECT_FALSE(filter.set_level("b", LogLevel::error));
  EXPECT_EQ(filter.level_for("b"), LogLevel::error);
  EXPECT_FALSE(filter.set_level("", LogLevel::critical));
  EXPECT_EQ(filter.level_for("c"), LogLevel::critical);
  filter.clear_levels();
  EXPECT_EQ(filter.level_for("b"), LogLevel::critical);
}

TEST_F(Log, filters_are_of_one_observer_only) {
  LogFilter<1> filter(recorder, LogLevel::error);
  Recorder all;
  publisher.add(filter);
  publisher.add(all);
  EXPECT_TRUE(log.enabled(LogLevel::debug));
  log.info("x");
  log.error("y");
  EXPECT_EQ(recorder.heard, Lines{"0.000000 [test#error] y"});
  EXPECT_EQ(all.heard.size(), 2U);
}

TEST_F(Log, filters_in_front_of_one_another_both_hold) {
  LogFilter<1> inner(recorder, LogLevel::warn);
  LogFilter<1> outer(inner, LogLevel::debug);
  publisher.add(outer);
  EXPECT_FALSE(log.enabled(LogLevel::info));
  log.info("x");
  log.warn("y");
  EXPECT_EQ(recorder.heard, Lines{"0.000000 [test#warn] y"});
}

TEST_F(Log, failures_are_kept_until_they_are_flushed) {
  LoggedErrors<3> errors;
  publisher.add(errors);
  EXPECT_TRUE(errors.empty());
  log.error("this is no failure: {error}", Error(Errc::timed_out));
  EXPECT_TRUE(errors.empty());
  log.failure(Errc::timed_out, "a");
  log.failure(Errc::cancelled, "b");
  log.failure(Errc::timed_out, "c");
  ASSERT_EQ(errors.failures_logged().size(), 3U);
  EXPECT_EQ(errors.failures_logged()[1].format, "b");
  EXPECT_EQ(errors.failures_logged()[1].log_namespace, "test");
  EXPECT_EQ(errors.flush(Errc::timed_out), 2U);
  EXPECT_EQ(errors.flush(Errc::timed_out), 0U);
  ASSERT_EQ(errors.failures_logged().size(), 1U);
  EXPECT_EQ(errors.failures_logged()[0].error, Errc::cancelled);
  EXPECT_EQ(errors.flush(), 1U);
  EXPECT_TRUE(errors.empty());
}

TEST_F(Log, failures_without_a_place_are_counted_and_not_forgotten) {
  LoggedErrors<1> errors;
  publisher.add(errors);
  log.failure(Errc::timed_out, "a");
  log.failure(Errc::cancelled, "b");
  EXPECT_EQ(errors.lost(), 1U);
  EXPECT_EQ(errors.flush(Errc::timed_out), 1U);
  EXPECT_FALSE(errors.empty());
  EXPECT_EQ(errors.flush(), 0U);
  EXPECT_TRUE(errors.empty());
}

enum class Mishap { spilt = 7 };
std::string_view describe(Mishap) { return "spilt"; }

TEST_F(Log, a_failure_nobody_handled_is_logged_with_its_kind_and_its_place) {
  LoggedErrors<> errors;
  publisher.add(errors);
  publisher.add(recorder);
  log_unhandled(log, Failure(Mishap::spilt, {"kettle.cpp", 12}));
  log_unhandled(log, Failure(Errc::timed_out, {nullptr, 34}));
  ASSERT_EQ(recorder.heard.size(), 2U);
  EXPECT_TRUE(recorder.heard[0].ends_with(
      "[test#critical] nobody handled spilt, from kettle.cpp:12: application error (7)"))
      << recorder.heard[0];
  EXPECT_TRUE(recorder.heard[1].ends_with("nobody handled timed out, from line:34: timed out"))
      << recorder.heard[1];
  EXPECT_EQ(errors.flush(Errc::timed_out), 1U);
}

TEST(ReactorLog, has_the_errors_of_callbacks_with_what_was_called) {
  MemoryNetwork<> network;
  MemoryReactor<> reactor(network);
  LogPublisher publisher(reactor);
  Recorder recorder;
  publisher.add(recorder);
  const Logger log(publisher, "app");
  log_errors(reactor, log);
  ASSERT_TRUE(reactor.call_later(2s, [] { return Errc::timed_out; }));
  ASSERT_FALSE(reactor.call_when_running([] { return Errc::cancelled; }));
  ASSERT_TRUE(reactor.call_from_thread([] { return Errc::no_capacity; }));
  reactor.run_for(3s);
  EXPECT_EQ(recorder.heard, (Lines{"0.000000 [app#critical] a trigger failed: cancelled",
                                   "0.000000 [app#critical] a posted call failed: out of capacity",
                                   "2.000000 [app#critical] a timer failed: timed out"}));
}

TEST(ReactorLog, has_the_time_of_its_clock_also_outside_of_turns) {
  EpollReactor<> reactor;
  LogPublisher publisher(reactor);
  Instant time{};
  Recorder look([&time](const LogEvent& event) {
    time = event.time;
    return Error();
  });
  publisher.add(look);
  Logger(publisher, "app").info("x");
  EXPECT_GT(time, Instant{});
}

TEST(ReactorLog, hears_threads_by_calls_that_they_post) {
  EpollReactor<> reactor;
  LogPublisher publisher(reactor);
  Recorder recorder;
  publisher.add(recorder);
  const Logger log(publisher, "app");
  std::thread other([&] {
    while (!reactor.call_from_thread([&log, number = 7] { log.info("from {thread}", number); })) {
    }
  });
  other.join();
  reactor.turn(Duration::zero());
  ASSERT_EQ(recorder.heard.size(), 1U);
  EXPECT_TRUE(recorder.heard[0].ends_with(" [app#info] from 7"));
}

#ifndef BOBBIN_NO_ASSERTIONS
#ifdef BOBBIN_CHECK_CONTEXT
TEST(ReactorLogDeathTest, is_not_for_other_threads) {
  EpollReactor<> reactor;
  LogPublisher publisher(reactor);
  const Logger log(publisher, "app");
  reactor.turn(Duration::zero());
  EXPECT_DEATH(std::thread([&] { log.info("x"); }).join(), "");
}
#endif

TEST(LogDeathTest, has_each_observer_in_one_publisher) {
  ManualClock<1> clock;
  LogPublisher one(clock);
  LogPublisher two(clock);
  Recorder recorder;
  one.add(recorder);
  EXPECT_DEATH(two.add(recorder), "");
  EXPECT_DEATH(one.add(one), "");
}

TEST(LogDeathTest, does_not_let_an_observer_be_destroyed_while_it_observes) {
  ManualClock<1> clock;
  LogPublisher publisher(clock);
  std::optional<Recorder> recorder;
  recorder.emplace();
  recorder->then = [&recorder](const LogEvent&) {
    recorder.reset();
    return Error();
  };
  publisher.add(*recorder);
  EXPECT_DEATH(Logger(publisher, "test").info("x"), "");
}
#endif

}  // namespace
}  // namespace bobbin
