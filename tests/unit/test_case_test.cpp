// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/testing/test_case.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <bobbin/testing.hpp>

namespace bobbin {
namespace {

using namespace std::chrono_literals;

enum class Mishap { spilt = 7 };
std::string_view describe(Mishap) { return "spilt"; }

struct Quiet final : Protocol {};
constexpr ConnectionSizes one{.connections = 1, .receive = 64, .send = 64};

Task<Error> naps(Frame<256>&, Clock& clock, Duration length) {
  co_return co_await sleep(clock, length);
}

// A test inside a test: what GoogleTest makes of a fixture, step by step.
struct Inner : TestCase<> {
  using Body = std::function<void(Inner&)>;

  static void live(const Body& body) {
    Inner test;
    test.SetUp();
    body(test);
    test.TearDown();
  }
  void TestBody() override {}

  using TestCase<>::coroutines;
  using TestCase<>::flush_logged_errors;
  using TestCase<>::log;
  using TestCase<>::network;
  using TestCase<>::reactor;
  using TestCase<>::TearDown;
  using TestCase<>::run;
  using TestCase<>::unhandled;
  using TestCase<>::watch;
  using TestCase<>::watched_max;

  Frame<256> frame;
  TcpServer<Quiet, one> server;
  TcpClient<Quiet, one> client;
  Deferred<int> deferred;
};

void fail_unhandled() {
  Deferred<int> dropped;
  dropped.errback(Mishap::spilt);
}

TEST(TestCaseTest, leaves_a_tidy_test_alone) {
  Inner::live([](Inner& test) {
    DelayedCall call = *test.reactor.call_later(5s, [] {});
    call.cancel();
    ASSERT_FALSE(test.reactor.listen_tcp(Address::loopback(7), test.server));
    test.deferred.callback(5);
  });
}

TEST(TestCaseTest, tells_of_timers_and_when_they_are_due) {
  const auto leave = [](Inner& test) {
    (void)test.reactor.call_later(5s, [] {});
    (void)test.reactor.call_later(1500us, [] {});
  };
  EXPECT_NONFATAL_FAILURE(Inner::live(leave), "2 timers, the first due in 1.500 ms");
}

TEST(TestCaseTest, tells_of_posted_calls) {
  const auto leave = [](Inner& test) { EXPECT_TRUE(test.reactor.call_from_thread([] {})); };
  EXPECT_NONFATAL_FAILURE(Inner::live(leave), "1 posted call\n");
}

TEST(TestCaseTest, tells_of_connections_and_their_ends) {
  const auto leave = [](Inner& test) {
    ASSERT_FALSE(test.reactor.listen_tcp(Address::loopback(7), test.server));
    ASSERT_FALSE(test.reactor.connect_tcp(Address::loopback(7), test.client));
    test.reactor.run_for(1ms);
  };
  EXPECT_NONFATAL_FAILURE(Inner::live(leave), "a connection, from 127.0.0.1:");
  EXPECT_NONFATAL_FAILURE(Inner::live(leave), " to 127.0.0.1:7\n");
}

TEST(TestCaseTest, tells_of_a_connect_under_way) {
  const auto leave = [](Inner& test) {
    ASSERT_FALSE(test.reactor.connect_tcp(Address::ip4({192, 0, 2, 1}, 80), test.client));
  };
  EXPECT_NONFATAL_FAILURE(Inner::live(leave), "a connect, from 127.0.0.1:");
}

TEST(TestCaseTest, tells_of_a_connection_that_one_end_has_closed) {
  const auto leave = [](Inner& test) {
    ASSERT_FALSE(test.reactor.listen_tcp(Address::loopback(7), test.server));
    ASSERT_FALSE(test.reactor.connect_tcp(Address::loopback(7), test.client));
    test.reactor.run_for(1ms);
    test.network.behaviour.latency = 1s;
    test.client.disconnect();
    test.reactor.run_for(1ms);
  };
  EXPECT_NONFATAL_FAILURE(Inner::live(leave), "a connection that one end has closed, from");
}

TEST(TestCaseTest, tells_of_coroutines_and_ends_them) {
  const auto leave = [](Inner& test) {
    ASSERT_TRUE(test.coroutines.spawn(naps(test.frame, test.reactor, 1h)));
  };
  EXPECT_NONFATAL_FAILURE(Inner::live(leave), "1 coroutine\n");
}

TEST(TestCaseTest, tells_of_what_it_was_asked_to_watch) {
  struct Watching : Inner {
    void TestBody() override {}
    Coroutines<2> mine;
    ManualClock<2> clock;
  } test;
  test.watch("my coroutines", test.mine);
  test.watch("my frame", test.frame);
  test.watch("my clock", test.clock);
  ASSERT_TRUE(test.mine.spawn(naps(test.frame, test.clock, 1h)));
  const auto end = [&test] { test.TearDown(); };
  EXPECT_NONFATAL_FAILURE(end(),
                          "  1 coroutine of my coroutines\n"
                          "  a frame in use: my frame\n"
                          "  1 timer of my clock, the first due in 3600000.000 ms\n");
}

TEST(TestCaseTest, tells_of_what_it_has_no_place_to_watch) {
  const auto leave = [](Inner& test) {
    for (std::size_t i = 0; i <= Inner::watched_max; ++i) test.watch("a frame", test.frame);
  };
  EXPECT_NONFATAL_FAILURE(Inner::live(leave), "no place left to watch a frame");
}

TEST(TestCaseTest, tells_of_failures_nobody_handled_and_where_they_come_from) {
  const auto leave = [](Inner&) { fail_unhandled(); };
  EXPECT_NONFATAL_FAILURE(Inner::live(leave), "a failure that nobody handled: spilt, from ");
  EXPECT_NONFATAL_FAILURE(Inner::live(leave), "test_case_test.cpp:");
}

TEST(TestCaseTest, tells_of_them_when_its_members_go_too) {
  const auto leave = [](Inner& test) { test.deferred.errback(Errc::unreachable); };
  EXPECT_NONFATAL_FAILURE(Inner::live(leave),
                          "a failure that nobody handled: destination unreachable");
}

TEST(TestCaseTest, tells_of_logged_errors) {
  const auto leave = [](Inner& test) {
    Logger(test.log, "kettle").failure(Errc::timed_out, "no water");
  };
  EXPECT_NONFATAL_FAILURE(
      Inner::live(leave),
      "an error that was logged and not flushed: [kettle] no water: timed out\n");
}

TEST(TestCaseTest, tells_of_errors_that_callbacks_and_coroutines_end_with) {
  const auto call = [](Inner& test) {
    (void)test.reactor.call_later(1s, [] { return Error(Errc::would_block); });
    test.reactor.run_for(2s);
  };
  EXPECT_NONFATAL_FAILURE(Inner::live(call), "[reactor] a {source} failed: ");
  const auto coroutine = [](Inner& test) {
    const Result<Spawned> spawned = test.coroutines.spawn(naps(test.frame, test.reactor, 1h));
    ASSERT_TRUE(spawned);
    spawned->cancel();
  };
  EXPECT_NONFATAL_FAILURE(Inner::live(coroutine), "[reactor] a coroutine failed: cancelled");
}

TEST(TestCaseTest, is_content_with_what_was_flushed) {
  Inner::live([](Inner& test) {
    Logger(test.log, "kettle").failure(Errc::timed_out, "no water");
    fail_unhandled();
    EXPECT_EQ(test.flush_logged_errors(Errc::unreachable), 0U);
    EXPECT_EQ(test.flush_logged_errors(Mishap::spilt), 1U);
    EXPECT_EQ(test.flush_logged_errors(Errc::timed_out), 1U);
    EXPECT_EQ(test.flush_logged_errors(), 0U);
  });
}

TEST(TestCaseTest, knows_what_was_logged_by_its_code_and_not_by_its_kind) {
  Inner::live([](Inner& test) {
    Logger(test.log, "kettle").failure(Failure(Mishap::spilt).error(), "a flood");
    EXPECT_EQ(test.flush_logged_errors(Mishap::spilt), 0U);
    EXPECT_EQ(test.flush_logged_errors(Errc::application_error), 1U);
  });
}

TEST(TestCaseTest, counts_what_it_has_no_place_for) {
  const auto leave = [](Inner&) {
    for (int i = 0; i < 20; ++i) fail_unhandled();
  };
  EXPECT_NONFATAL_FAILURE(Inner::live(leave), "and 4 more of them\n");
  const auto log = [](Inner& test) {
    for (int i = 0; i < 17; ++i) Logger(test.log, "kettle").failure(Errc::timed_out, "no water");
  };
  EXPECT_NONFATAL_FAILURE(Inner::live(log), "and 1 more of them\n");
}

// Waiting for a result.

struct Waiting : TestCase<> {
  Deferred<int> deferred;
  Frame<256> frame;
};

TEST_F(Waiting, turns_until_there_is_a_result) {
  ASSERT_TRUE(reactor.call_later(90s, [this] { deferred.callback(5); }));
  EXPECT_TRUE(no_result(deferred));
  EXPECT_EQ(success_result_of(run(deferred)), 5);
  EXPECT_EQ(reactor.now(), Instant(90s));
}

TEST_F(Waiting, waits_for_the_end_of_a_chain) {
  ASSERT_TRUE(reactor.call_later(1s, [this] { deferred.callback(5); }));
  const auto doubled = deferred.add_callback([](int value) { return 2 * value; });
  EXPECT_EQ(success_result_of(run(doubled)), 10);
}

TEST_F(Waiting, fails_after_two_minutes) {
  EXPECT_NONFATAL_FAILURE(run(deferred), "no result within the limit, 120 s of virtual time");
  EXPECT_EQ(reactor.now(), Instant(120s));
}

TEST_F(Waiting, fails_after_a_limit_of_its_own) {
  EXPECT_NONFATAL_FAILURE(run(deferred, {.limit = 1500ms}), "1.5 s of virtual time");
  EXPECT_EQ(reactor.now(), Instant(1500ms));
}

TEST_F(Waiting, fails_when_time_stands_still) {
  struct Busy {
    Reactor& reactor;
    void again() {
      (void)reactor.call_later({}, [this] { again(); });
    }
  } busy{reactor};
  busy.again();
  EXPECT_NONFATAL_FAILURE(run(deferred, {.turns_at_one_instant = 1000}),
                          "no result: something is always ready");
  EXPECT_NONFATAL_FAILURE(TearDown(), "1 timer");
}

TEST_F(Waiting, fails_when_the_reactor_has_stopped) {
  ASSERT_TRUE(reactor.call_later(1s, [this] { return reactor.stop(); }));
  EXPECT_NONFATAL_FAILURE(run(deferred), "no result: the reactor has stopped");
}

TEST_F(Waiting, leaves_a_failure_to_the_test) {
  deferred.errback(Errc::timed_out);
  EXPECT_EQ(failure_result_of(run(deferred)), Errc::timed_out);
}

TEST(TestCaseTest, fails_if_its_last_word_is_a_deferred_that_fails) {
  const auto leave = [](Inner& test) {
    (void)test.reactor.call_later(1s, [&test] { test.deferred.errback(Errc::timed_out); });
    test.run(test.deferred);
  };
  EXPECT_NONFATAL_FAILURE(Inner::live(leave), "a failure that nobody handled: timed out");
}

Task<int> counts(Frame<256>&, Clock& clock) {
  if (Error error = co_await sleep(clock, 3s)) co_return error;
  co_return 3;
}

TEST_F(Waiting, runs_a_task_to_its_end) {
  EXPECT_EQ(success_result_of(run(counts(frame, reactor))), 3);
  EXPECT_FALSE(run(naps(frame, reactor, 1s)));
  EXPECT_EQ(reactor.now(), Instant(4s));
}

TEST_F(Waiting, ends_a_task_that_takes_too_long) {
  Error outcome;
  EXPECT_NONFATAL_FAILURE(outcome = run(naps(frame, reactor, 1h)), "120 s of virtual time");
  EXPECT_EQ(outcome, Errc::timed_out);
  EXPECT_FALSE(frame.taken());
  EXPECT_EQ(reactor.timer_use().in_use, 0U);
}

TEST_F(Waiting, tells_of_a_task_without_a_frame) {
  const auto first = counts(frame, reactor);
  EXPECT_EQ(run(counts(frame, reactor)).error(), Errc::no_capacity);
}

// What results are asked for.

TEST(Results, are_values_failures_or_none) {
  Deferred<int> deferred;
  EXPECT_TRUE(no_result(deferred));
  deferred.callback(5);
  EXPECT_FALSE(no_result(deferred));
  EXPECT_EQ(success_result_of(deferred), 5);
  Deferred<void> failed;
  failed.errback(Mishap::spilt);
  EXPECT_EQ(failure_result_of(failed), Mishap::spilt);
  Deferred<void> done = succeed();
  success_result_of(done);
}

TEST(Results, fail_the_test_that_expected_others) {
  Deferred<int> deferred;
  EXPECT_NONFATAL_FAILURE(success_result_of(deferred), "no result");
  EXPECT_NONFATAL_FAILURE((void)failure_result_of(deferred), "no result");
  deferred.callback(5);
  EXPECT_NONFATAL_FAILURE(EXPECT_TRUE(no_result(deferred)), "it has a value");
  EXPECT_NONFATAL_FAILURE((void)failure_result_of(deferred), "a value, not a failure");
  Deferred<int> failed = fail<int>(Mishap::spilt);
  EXPECT_NONFATAL_FAILURE(EXPECT_TRUE(no_result(failed)), "it has a failure");
  EXPECT_NONFATAL_FAILURE(success_result_of(failed), "a failure, not a value: spilt, from ");
  const Result<int> none = Errc::unreachable;
  EXPECT_NONFATAL_FAILURE(success_result_of(none),
                          "an error, not a value: destination unreachable");
}

// Who hears of a failure that nobody handled.

TEST(Unhandled, is_heard_by_the_last_who_listens) {
  UnhandledFailures outer;
  std::optional<UnhandledFailures> inner(std::in_place);
  fail_unhandled();
  EXPECT_EQ(inner->all().size(), 1U);
  EXPECT_EQ(inner->all()[0].as<Mishap>(), Mishap::spilt);
  inner.reset();
  fail_unhandled();
  EXPECT_EQ(outer.all().size(), 1U);
  EXPECT_EQ(outer.flush(), 1U);
  EXPECT_TRUE(outer.empty());
}

TEST(Unhandled, is_written_down_where_nobody_listens) {
  testing::internal::CaptureStderr();
  fail_unhandled();
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("nobody handled a failure: spilt, from "), std::string::npos) << said;
}

TEST(Assertions, say_what_they_are_about) {
  EXPECT_DEATH(BOBBIN_ASSERT(1 + 1 == 3), "test_case_test.cpp:.*assertion failed: 1 \\+ 1 == 3");
}

}  // namespace
}  // namespace bobbin
