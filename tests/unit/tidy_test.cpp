// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// What a fixture sees of pools and frames that are not its own, by itself and when it is told.
#include <bobbin/testing/test_case.hpp>

#include <chrono>
#include <functional>
#include <optional>

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <bobbin/testing.hpp>

namespace bobbin {
namespace {

using namespace std::chrono_literals;

Task<Error> waits(Frame<256>&, Signal& signal) { co_return co_await signal.wait(); }
Task<Error> naps(Frame<256>&, Clock& clock) { co_return co_await sleep(clock, 1h); }

// A test inside a test: what GoogleTest makes of a fixture, step by step.
struct Inner : TestCase<> {
  static void live(const std::function<void(Inner&)>& body) {
    Inner test;
    test.SetUp();
    body(test);
    test.TearDown();
  }
  void TestBody() override {}

  using TestCase<>::reactor;
  using TestCase<>::watched_max;

  Signal signal{reactor};
  Frame<256> frame;
  Coroutines<2> unseen;
  Tidy<Coroutines<2>> brewers{*this, "the brewers"};
};

TEST(TidyTest, pool_of_a_fixture_is_looked_at_once) {
  const auto leave = [](Inner& test) {
    ASSERT_TRUE(test.brewers.spawn(waits(test.frame, test.signal)));
  };
  EXPECT_NONFATAL_FAILURE(Inner::live(leave), "1 coroutine of the brewers");
}

TEST(TidyTest, pool_that_has_nothing_left_is_fine) {
  Inner::live([](Inner& test) {
    ASSERT_TRUE(test.brewers.spawn(waits(test.frame, test.signal)));
    test.signal.set();
  });
}

TEST(TidyTest, pool_of_a_body_is_looked_at_when_it_goes) {
  const auto leave = [](Inner& test) {
    Tidy<Coroutines<1>> local(test, "a local pool");
    ASSERT_TRUE(local.spawn(waits(test.frame, test.signal)));
  };
  EXPECT_NONFATAL_FAILURE(Inner::live(leave), "1 coroutine of a local pool");
}

TEST(TidyTest, things_that_go_make_place_for_others) {
  Inner::live([](Inner& test) {
    for (std::size_t i = 0; i < 2 * Inner::watched_max; ++i) {
      Tidy<Frame<256>> frame(test, "a frame");
      Tidy<ManualClock<2>> clock(test, "a clock");
      EXPECT_EQ(clock.now(), Instant());
    }
  });
}

TEST(TidyTest, clock_of_a_body_is_looked_at_when_it_goes) {
  const auto leave = [](Inner& test) {
    Tidy<ManualClock<2>> clock(test, "the kettle");
    ASSERT_TRUE(clock.call_later(5s, [] {}));
  };
  EXPECT_NONFATAL_FAILURE(Inner::live(leave), "1 timer of the kettle");
}

// What is not watched: of a coroutine in a pool of the test's own only what it waits for is seen.
TEST(TidyTest, pool_that_is_not_is_seen_by_what_its_coroutines_wait_for) {
  Inner::live([](Inner& test) { ASSERT_TRUE(test.unseen.spawn(waits(test.frame, test.signal))); });
  const auto leave = [](Inner& test) {
    ASSERT_TRUE(test.unseen.spawn(naps(test.frame, test.reactor)));
  };
  EXPECT_NONFATAL_FAILURE(Inner::live(leave), "1 timer, the first due in 3600000.000 ms");
}

}  // namespace
}  // namespace bobbin
