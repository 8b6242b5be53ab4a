// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <memory>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include <bobbin/clock.hpp>
#include <bobbin/deferred.hpp>

#include "support/deferred.hpp"

// What runs out, what goes and when, and chains of chains.

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using test::Lines;
using test::Oops;
using test::say;
using State = DeferredCore::State;

class DeferredLife : public test::DeferredTest {
 protected:
  // An operation under way, that says when it is told to stop.
  struct Operation {
    explicit Operation(Deferred<int>& deferred) : result(&deferred) {
      deferred.on_cancel([this] {
        say("stopped");
        result = nullptr;
      });
    }
    Deferred<int>* result;
  };

  static int pass(int value) { return value; }
};

TEST_F(DeferredLife, one_stage_too_many_is_refused_and_fails_the_chain) {
  Deferred<int> deferred;
  for (std::size_t i = 0; i < config::deferred_stages; ++i) {
    EXPECT_TRUE(deferred.add_callback(pass));
  }
  EXPECT_FALSE(deferred.add_callback([](int) { say("never runs"); }));
  deferred.callback(1);
  EXPECT_EQ(said(), Lines{});
  EXPECT_EQ(test::failure_result_of(deferred), Errc::no_capacity);
}

TEST_F(DeferredLife, what_is_added_to_a_stage_that_was_refused_is_refused) {
  Deferred<int> deferred;
  for (std::size_t i = 0; i < config::deferred_stages; ++i) deferred.add_callback(pass);
  auto end = deferred.add_callback(pass).add_callback(pass).add_errback([](Failure) {});
  EXPECT_FALSE(end);
  deferred.callback(1);
  EXPECT_EQ(test::failure_result_of(deferred), Errc::no_capacity);
}

TEST_F(DeferredLife, a_refused_stage_does_not_hide_an_earlier_failure) {
  Deferred<int> deferred;
  for (std::size_t i = 0; i < config::deferred_stages; ++i) deferred.add_callback(pass);
  deferred.add_errback([](Failure) {});
  deferred.errback(Oops::oops);
  EXPECT_EQ(test::failure_result_of(deferred), Oops::oops);
}

TEST_F(DeferredLife, has_room_again_once_its_stages_have_run) {
  Deferred<int> deferred;
  for (std::size_t i = 0; i <= config::deferred_stages; ++i) deferred.add_callback(pass);
  deferred.callback(1);
  EXPECT_TRUE(deferred.add_errback([](Failure) { return 7; }));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(deferred.add_callback([](int v) { return v + 1; }));
  EXPECT_EQ(test::success_result_of(deferred), 107);
}

TEST_F(DeferredLife, has_as_much_room_as_it_is_asked_to_have) {
  Deferred<int, 20> deferred;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(deferred.add_callback([](int v) { return v + 1; }));
    EXPECT_FALSE(deferred.add_callback(pass));
    deferred.callback(0);
    EXPECT_EQ(test::failure_result_of(deferred), Errc::no_capacity);
    deferred.reset();
    EXPECT_TRUE(deferred.add_callback(pass));
    deferred.callback(3);
    EXPECT_EQ(test::success_result_of(deferred), 3);
    deferred.reset();
  }
}

TEST_F(DeferredLife, fails_with_no_capacity_when_a_function_returns_the_end_of_nothing) {
  Deferred<int> inner;
  for (std::size_t i = 0; i < config::deferred_stages; ++i) inner.add_callback(pass);
  Deferred<int> outer = succeed(1);
  outer.add_callback([&inner](int) { return inner.add_callback(pass); });
  EXPECT_EQ(test::failure_result_of(outer), Errc::no_capacity);
}

TEST_F(DeferredLife, refuses_to_wait_for_itself) {
  Deferred<int> deferred;
  deferred.add_callback([&deferred](int) { return deferred.chain(); });
  deferred.callback(1);
  EXPECT_EQ(test::failure_result_of(deferred), Errc::invalid_argument);
}

TEST_F(DeferredLife, refuses_to_wait_for_who_waits_for_it) {
  Deferred<int> first;
  Deferred<int> second;
  first.add_callback([&second](int) { return second.chain(); });
  second.add_callback([&first](int) { return first.chain(); });
  first.callback(1);
  second.callback(1);
  EXPECT_EQ(test::failure_result_of(first), Errc::invalid_argument);
}

TEST_F(DeferredLife, refuses_to_wait_for_whom_another_waits_for) {
  Deferred<int> inner;
  Deferred<int> first;
  Deferred<int> second;
  first.add_callback([&inner](int) { return inner.chain(); });
  second.add_callback([&inner](int) { return inner.chain(); });
  first.callback(1);
  second.callback(1);
  EXPECT_EQ(test::failure_result_of(second), Errc::already_registered);
  inner.callback(5);
  EXPECT_EQ(test::success_result_of(first), 5);
}

TEST_F(DeferredLife, tells_the_operation_when_it_goes_while_pending_and_runs_nothing) {
  std::optional<Deferred<int>> deferred(std::in_place);
  Operation operation(*deferred);
  deferred->add_both([](Outcome<int>) { say("never runs"); });
  deferred.reset();
  EXPECT_EQ(said(), Lines{"stopped"});
  EXPECT_EQ(operation.result, nullptr);
}

TEST_F(DeferredLife, tells_the_operation_when_it_is_reset_and_can_be_used_again) {
  Deferred<int> deferred;
  {
    Operation first(deferred);
    deferred.reset();
  }
  EXPECT_EQ(said(), Lines{"stopped"});
  Operation second(deferred);
  second.result->callback(2);
  EXPECT_EQ(test::success_result_of(deferred), 2);
  deferred.reset();
  EXPECT_EQ(said(), Lines{});
}

TEST_F(DeferredLife, does_not_take_what_the_canceller_fires_when_it_goes) {
  {
    Deferred<int> deferred;
    deferred.on_cancel([](Deferred<int>& self) { say(self.callback(1) ? "fired" : "refused"); });
    deferred.add_callback([](int) { say("never runs"); });
  }
  EXPECT_EQ(said(), Lines{"refused"});
}

TEST_F(DeferredLife, cancels_whom_it_waits_for_when_it_goes_and_nobody_hears_of_it) {
  Deferred<int> inner;
  {
    Operation operation(inner);
    Deferred<int> outer = succeed(1);
    outer.add_callback([&inner](int) { return inner.chain(); });
    outer.add_both([](Outcome<int>) { say("never runs"); });
  }
  EXPECT_EQ(said(), Lines{"stopped"});
  EXPECT_TRUE(inner.called());
}

TEST_F(DeferredLife, goes_on_with_cancelled_when_whom_it_waits_for_goes) {
  Deferred<int> outer = succeed(1);
  {
    Deferred<int> inner;
    outer.add_callback([&inner](int) { return inner.chain(); });
    EXPECT_EQ(outer.state(), State::waiting);
  }
  EXPECT_EQ(test::failure_result_of(outer), Errc::cancelled);
}

TEST_F(DeferredLife, goes_on_with_cancelled_when_whom_it_waits_for_is_reset_and_used_again) {
  Deferred<int> inner;
  Deferred<int> outer = succeed(1);
  outer.add_callback([&inner](int) { return inner.chain(); });
  outer.add_errback([&inner](Failure failure) {
    inner.callback(5);
    return failure;
  });
  inner.reset();
  EXPECT_EQ(test::failure_result_of(outer), Errc::cancelled);
  EXPECT_EQ(test::success_result_of(inner), 5);
}

TEST_F(DeferredLife, is_reset_once_when_who_hears_of_it_resets_it_too) {
  Deferred<int> inner;
  Deferred<int> outer = succeed(1);
  outer.add_callback([&inner](int) { return inner.chain(); });
  inner.on_cancel([&outer] {
    outer.reset();
    say(outer.callback(5) ? "fired" : "refused");
  });
  outer.reset();
  EXPECT_EQ(said(), Lines{"refused"});
  EXPECT_TRUE(outer.callback(6));
  EXPECT_EQ(test::success_result_of(outer), 6);
}

TEST_F(DeferredLife, may_be_paused_when_it_goes) {
  {
    Deferred<int> deferred;
    deferred.pause();
    deferred.add_callback([](int) { say("never runs"); });
    deferred.errback(Oops::oops);
  }
  EXPECT_EQ(said(), Lines{});
  EXPECT_EQ(unhandled_errors(), Lines{"oops"});
}

TEST_F(DeferredLife, is_destroyed_by_its_own_function) {
  auto deferred = std::make_unique<Deferred<int>>();
  deferred->add_callback([&deferred](int) {
    deferred.reset();
    say("destroyed");
    return 1;
  });
  deferred->add_callback([] { say("never runs"); });
  Deferred<int>& alias = *deferred;
  EXPECT_TRUE(alias.callback(1));
  EXPECT_EQ(said(), Lines{"destroyed"});
}

TEST_F(DeferredLife, tells_of_the_failure_of_the_function_that_destroyed_it) {
  auto deferred = std::make_unique<Deferred<int>>();
  deferred->add_callback([&deferred](int) {
    deferred.reset();
    return Failure(Oops::oops);
  });
  deferred->callback(1);
  EXPECT_EQ(unhandled_errors(), Lines{"oops"});
}

TEST_F(DeferredLife, is_reset_and_fired_again_by_its_own_function) {
  Deferred<int> deferred;
  deferred.add_callback([&deferred](int value) {
    say(value);
    deferred.reset();
    deferred.add_callback([](int again) { say(again); });
    deferred.callback(value + 1);
    return value;
  });
  deferred.add_callback([] { say("never runs"); });
  deferred.callback(1);
  EXPECT_EQ(said(), (Lines{"1", "2"}));
}

TEST_F(DeferredLife, is_destroyed_by_its_canceller) {
  auto deferred = std::make_unique<Deferred<int>>();
  deferred->on_cancel([&deferred] { deferred.reset(); });
  deferred->add_both([](Outcome<int>) { say("never runs"); });
  deferred->cancel();
  EXPECT_EQ(deferred, nullptr);
  EXPECT_EQ(said(), Lines{});
}

TEST_F(DeferredLife, is_destroyed_by_a_function_that_runs_inside_its_canceller) {
  auto deferred = std::make_unique<Deferred<int>>();
  deferred->on_cancel([](Deferred<int>& self) { self.callback(1); });
  deferred->add_callback([&deferred](int) { deferred.reset(); });
  deferred->cancel();
  EXPECT_EQ(deferred, nullptr);
}

TEST_F(DeferredLife, is_destroyed_by_a_function_of_whom_it_waits_for) {
  auto outer = std::make_unique<Deferred<int>>();
  Deferred<int> inner;
  outer->add_callback([&inner](int) { return inner.chain(); });
  inner.add_callback([&outer](int value) {
    outer.reset();
    return value;
  });
  outer->callback(1);
  inner.callback(2);
  EXPECT_EQ(outer, nullptr);
}

TEST_F(DeferredLife, may_destroy_whom_it_waited_for_in_its_own_function) {
  Deferred<int> outer;
  auto inner = std::make_unique<Deferred<int>>();
  outer.add_callback([&inner](int) { return inner->chain(); });
  outer.add_callback([&inner](int value) {
    inner.reset();
    return value;
  });
  outer.callback(1);
  inner->callback(2);
  EXPECT_EQ(test::success_result_of(outer), 2);
}

TEST_F(DeferredLife, times_out_what_takes_too_long) {
  ManualClock<2> clock;
  Deferred<int> deferred;
  Operation operation(deferred);
  deferred.add_timeout(clock, 5s);
  clock.advance(4999ms);
  EXPECT_TRUE(test::no_result(deferred));
  clock.advance(1ms);
  EXPECT_EQ(said(), Lines{"stopped"});
  EXPECT_EQ(test::failure_result_of(deferred), Errc::timed_out);
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

TEST_F(DeferredLife, gives_its_timer_back_when_there_is_a_result_in_time) {
  ManualClock<2> clock;
  Deferred<int> deferred;
  deferred.add_timeout(clock, 5s);
  EXPECT_EQ(clock.timer_use().in_use, 1U);
  deferred.callback(1);
  EXPECT_EQ(clock.timer_use().in_use, 0U);
  EXPECT_EQ(test::success_result_of(deferred), 1);
}

TEST_F(DeferredLife, gives_its_timer_back_when_it_goes) {
  ManualClock<2> clock;
  {
    Deferred<int> deferred;
    deferred.add_timeout(clock, 5s);
  }
  EXPECT_EQ(clock.timer_use().in_use, 0U);
  clock.advance(5s);
}

TEST_F(DeferredLife, does_not_take_another_s_cancelling_for_its_time_out) {
  ManualClock<2> clock;
  Deferred<int> deferred;
  deferred.add_timeout(clock, 5s);
  deferred.cancel();
  EXPECT_EQ(test::failure_result_of(deferred), Errc::cancelled);
}

TEST_F(DeferredLife, times_out_whom_it_waits_for) {
  ManualClock<2> clock;
  Deferred<int> inner;
  Operation operation(inner);
  Deferred<int> outer = succeed(1);
  outer.add_callback([&inner](int) { return inner.chain(); }).add_timeout(clock, 1s);
  clock.advance(1s);
  EXPECT_EQ(said(), Lines{"stopped"});
  EXPECT_EQ(test::failure_result_of(outer), Errc::timed_out);
}

TEST_F(DeferredLife, may_be_given_several_time_outs) {
  ManualClock<2> clock;
  Deferred<int> deferred;
  deferred.add_timeout(clock, 2s);
  deferred.add_errback([](Failure failure) {
    say(std::string(describe(failure)));
    return failure;
  });
  deferred.add_timeout(clock, 1s);
  clock.advance(1s);
  EXPECT_EQ(said(), Lines{"cancelled"});
  EXPECT_EQ(test::failure_result_of(deferred), Errc::timed_out);
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

TEST_F(DeferredLife, fails_in_the_end_when_there_is_no_timer_for_its_time_out) {
  ManualClock<1> clock;
  Deferred<int> first;
  Deferred<int> second;
  EXPECT_TRUE(first.add_timeout(clock, 1s));
  EXPECT_FALSE(second.add_timeout(clock, 1s));
  second.callback(1);
  EXPECT_EQ(test::failure_result_of(second), Errc::no_capacity);
  clock.advance(1s);
  EXPECT_EQ(test::failure_result_of(first), Errc::timed_out);
}

// Deep chains, and how far the stack is used while they run.
constexpr std::size_t links = 100'000;
constexpr std::ptrdiff_t little = 4096;
const char* lowest = nullptr;

void look_at_the_stack() {
  const char here = 0;
  const char* address = &here;
  asm volatile("" : "+r"(address));
  if (lowest == nullptr || address < lowest) lowest = address;
}

// All wait for the next one, and each says how deep the stack is when it goes on.
struct LongChain {
  LongChain() {
    for (std::size_t i = 0; i + 1 < links; ++i) {
      deferreds[i].add_callback([next = &deferreds[i + 1]](int) { return next->chain(); });
      deferreds[i].add_both([](Outcome<int> outcome) {
        look_at_the_stack();
        return outcome;
      });
    }
  }
  std::ptrdiff_t depth_of(void (*deed)(LongChain&)) {
    const char here = 0;
    lowest = nullptr;
    deed(*this);
    return &here - lowest;
  }
  std::vector<Deferred<int>> deferreds = std::vector<Deferred<int>>(links);
};

TEST_F(DeferredLife, long_chains_that_wait_take_no_stack_to_fire) {
  LongChain chain;
  for (std::size_t i = 0; i + 1 < links; ++i) chain.deferreds[i].callback(1);
  EXPECT_LT(chain.depth_of([](LongChain& c) { c.deferreds.back().callback(7); }), little);
  EXPECT_EQ(test::success_result_of(chain.deferreds.front()), 7);
}

TEST_F(DeferredLife, nor_to_cancel) {
  LongChain chain;
  for (std::size_t i = 0; i + 1 < links; ++i) chain.deferreds[i].callback(1);
  EXPECT_LT(chain.depth_of([](LongChain& c) { c.deferreds.front().cancel(); }), little);
  EXPECT_EQ(test::failure_result_of(chain.deferreds.front()), Errc::cancelled);
}

TEST_F(DeferredLife, nor_to_go_through_when_all_are_fired_already) {
  LongChain chain;
  const auto fire = [](LongChain& c) {
    for (std::size_t i = links; i-- > 0;) c.deferreds[i].callback(7);
  };
  EXPECT_LT(chain.depth_of(fire), little);
  EXPECT_EQ(test::success_result_of(chain.deferreds.front()), 7);
}

TEST_F(DeferredLife, nor_to_lose_its_end) {
  LongChain chain;
  for (std::size_t i = 0; i + 1 < links; ++i) chain.deferreds[i].callback(1);
  EXPECT_LT(chain.depth_of([](LongChain& c) { c.deferreds.back().reset(); }), little);
  EXPECT_EQ(test::failure_result_of(chain.deferreds.front()), Errc::cancelled);
}

TEST_F(DeferredLife, knows_the_place_of_a_failure_and_what_it_is) {
  const std::uint32_t line = __LINE__ + 1;
  const Failure failure = Errc::timed_out;
  EXPECT_EQ(failure.origin().line, line);
  EXPECT_EQ(describe(failure), "timed out");
  EXPECT_TRUE(failure.check(Errc::cancelled, Errc::timed_out));
  EXPECT_FALSE(failure.check(Errc::cancelled, Oops::oops));
  EXPECT_FALSE(failure.is<Oops>());
  const Failure own(Oops::type_error);
  EXPECT_EQ(own.as<Oops>(), Oops::type_error);
  EXPECT_TRUE(own.check(Oops::oops, Oops::type_error));
  EXPECT_EQ(own.error(), Errc::application_error);
}

TEST_F(DeferredLife, traps_the_failures_it_is_for) {
  const auto result = [](Failure failure) {
    Deferred<int> deferred = fail<int>(failure);
    deferred.trap<Errc::timed_out, Oops::oops>([] { return 5; });
    return test::take_result(deferred).value();
  };
  EXPECT_EQ(*result(Errc::timed_out), 5);
  EXPECT_EQ(*result(Oops::oops), 5);
  EXPECT_EQ(result(Oops::type_error).failure(), Oops::type_error);
  EXPECT_EQ(result(Errc::cancelled).failure(), Errc::cancelled);
}

TEST_F(DeferredLife, is_fired_with_whatever_a_function_gives) {
  Deferred<int> inner;
  const auto result = [](auto function) {
    Deferred<int> deferred;
    EXPECT_TRUE(deferred.fire_with(function));
    return test::take_result(deferred).value();
  };
  EXPECT_EQ(*result([] { return 5; }), 5);
  EXPECT_EQ(*result([] { return Result<int>(6); }), 6);
  EXPECT_EQ(result([] { return Oops::oops; }).failure(), Oops::oops);
  EXPECT_EQ(result([] { return Outcome<int>(Oops::oops); }).failure(), Oops::oops);
  EXPECT_EQ(*result([&inner] {
    inner.callback(7);
    return inner.chain();
  }),
            7);
}

TEST_F(DeferredLife, waits_for_the_one_a_function_gives_to_fire_it_with) {
  Deferred<int> inner;
  Deferred<int> deferred;
  EXPECT_TRUE(deferred.fire_with([&inner] { return inner.chain(); }));
  EXPECT_FALSE(deferred.fire_with([] { return (say("never called"), 1); }));
  EXPECT_TRUE(test::no_result(deferred));
  inner.callback(8);
  EXPECT_EQ(test::success_result_of(deferred), 8);
  EXPECT_EQ(said(), Lines{});
}

#ifndef BOBBIN_NO_ASSERTIONS
TEST(DeferredDeathTest, is_not_added_to_where_something_else_comes_out) {
  Deferred<int> deferred;
  deferred.add_callback([](int value) { return value + 0.5; });
  EXPECT_DEATH(deferred.add_callback([](int) {}), "");
}

TEST(DeferredDeathTest, is_not_added_to_while_another_waits_for_it) {
  Deferred<int> inner;
  Deferred<int> outer = succeed(1);
  outer.add_callback([&inner](int) { return inner.chain(); });
  EXPECT_DEATH(inner.add_callback([](int) {}), "");
}
#endif

}  // namespace
}  // namespace bobbin
