// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/deferred.hpp>

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/deferred.hpp"

// Twisted's rules of Deferreds, one after the other.

namespace bobbin {
namespace {

using test::Lines;
using test::Oops;
using test::say;

class DeferredRules : public test::DeferredTest {
 protected:
  // Functions that say that they ran and on which side, and pass on what they got.
  static auto callback(const char* name) {
    return [name](int value) {
      say(std::string(name) + " got " + std::to_string(value));
      return value;
    };
  }
  static auto errback(const char* name) {
    return [name](Failure failure) {
      say(std::string(name) + " got " + std::string(describe(failure)));
      return failure;
    };
  }
  static auto handled() {
    return [](Failure) {};
  }
};

TEST_F(DeferredRules, D1_one_function_of_each_pair_runs_in_order) {
  Deferred<int> deferred;
  deferred.add_callbacks(callback("a"), errback("A"));
  deferred.add_callbacks([](int) { return (say("b"), Outcome<int>(Oops::oops)); }, errback("B"));
  deferred.add_callbacks(callback("c"), errback("C"));
  deferred.callback(1);
  EXPECT_EQ(said(), (Lines{"a got 1", "b", "C got oops"}));
  EXPECT_EQ(test::failure_result_of(deferred), Oops::oops);
}

TEST_F(DeferredRules, D2_callback_enters_on_the_callback_side) {
  Deferred<int> deferred;
  deferred.add_callbacks(callback("a"), errback("A"));
  EXPECT_TRUE(deferred.callback(1));
  EXPECT_EQ(said(), Lines{"a got 1"});
}

TEST_F(DeferredRules, D2_errback_enters_on_the_errback_side) {
  Deferred<int> deferred;
  deferred.add_callbacks(callback("a"), errback("A")).add_errback(handled());
  EXPECT_TRUE(deferred.errback(Errc::timed_out));
  EXPECT_EQ(said(), Lines{"A got timed out"});
}

TEST_F(DeferredRules, D2_firing_is_synchronous) {
  Deferred<int> deferred;
  deferred.add_callback(callback("a"));
  say("before");
  deferred.callback(1);
  say("after");
  EXPECT_EQ(said(), (Lines{"before", "a got 1", "after"}));
}

TEST_F(DeferredRules, D3_a_returned_failure_goes_to_the_next_errback) {
  Deferred<int> deferred;
  deferred.add_callback([](int) { return Failure(Oops::oops); });
  deferred.add_callbacks(callback("a"), errback("A")).add_errback(handled());
  deferred.callback(1);
  EXPECT_EQ(said(), Lines{"A got oops"});
}

TEST_F(DeferredRules, D3_every_way_to_return_an_error_is_a_failure) {
  const auto fails = [](auto function) {
    Deferred<int> deferred;
    deferred.callback(1);
    return test::take_result(deferred.add_callback(function)).value().failure();
  };
  EXPECT_EQ(fails([] { return Failure(Errc::timed_out); }), Errc::timed_out);
  EXPECT_EQ(fails([] { return Errc::timed_out; }), Errc::timed_out);
  EXPECT_EQ(fails([] { return Error(Errc::system_error, 5); }).error().native, 5);
  EXPECT_EQ(fails([] { return Oops::oops; }), Oops::oops);
  EXPECT_EQ(fails([] { return Outcome<float>(Errc::timed_out); }), Errc::timed_out);
  EXPECT_EQ(fails([] { return Result<float>(Errc::timed_out); }), Errc::timed_out);
}

TEST_F(DeferredRules, D3_no_error_is_no_failure) {
  Deferred<int> deferred;
  deferred.callback(1);
  auto after_error = deferred.add_callback([](int) { return Error(); });
  EXPECT_TRUE(test::take_result(after_error).value());
}

TEST_F(DeferredRules, D3_a_returned_value_goes_to_the_next_callback_whatever_its_type) {
  Deferred<int> deferred;
  deferred.callback(1);
  const auto text =
      deferred.add_callback([](int value) { return value + 0.5; }).add_callback([](double value) {
        return value == 1.5 ? "right" : "wrong";
      });
  EXPECT_STREQ(**test::take_result(text), "right");
}

TEST_F(DeferredRules, D3_an_errback_that_returns_a_value_handles_the_failure) {
  Deferred<int> deferred;
  deferred.add_errback([](Failure) { return 5; }).add_callbacks(callback("a"), errback("A"));
  deferred.errback(Oops::oops);
  EXPECT_EQ(said(), Lines{"a got 5"});
}

TEST_F(DeferredRules, D3_an_errback_that_returns_nothing_handles_the_failure_and_gives_no_value) {
  Deferred<int> deferred;
  Chain<void> end = deferred.add_errback([](Failure) {});
  end.add_callback([] { say("went on"); });
  deferred.errback(Oops::oops);
  EXPECT_EQ(said(), Lines{"went on"});
}

TEST_F(DeferredRules, D4_an_errback_does_not_see_the_failure_of_its_own_pair) {
  Deferred<int> deferred;
  deferred.add_callbacks([](int) { return Outcome<int>(Oops::oops); }, errback("same pair"));
  deferred.add_errback(errback("next pair")).add_errback(handled());
  deferred.callback(1);
  EXPECT_EQ(said(), Lines{"next pair got oops"});
}

TEST_F(DeferredRules, D4_the_side_left_out_passes_on) {
  Deferred<int> deferred;
  deferred.add_errback(errback("A")).add_callback(callback("b"));
  deferred.callback(7);
  EXPECT_EQ(said(), Lines{"b got 7"});
  Deferred<int> failing;
  failing.add_callback(callback("a")).add_errback(errback("B")).add_errback(handled());
  failing.errback(Oops::oops);
  EXPECT_EQ(said(), Lines{"B got oops"});
}

TEST_F(DeferredRules, D4_add_both_runs_on_either_side) {
  const auto tell = [](Outcome<int> outcome) {
    say(outcome ? "value " + std::to_string(*outcome) : std::string(describe(outcome.failure())));
  };
  Deferred<int> good;
  good.add_both(tell);
  good.callback(3);
  Deferred<int> bad;
  bad.add_both(tell);
  bad.errback(Oops::oops);
  EXPECT_EQ(said(), (Lines{"value 3", "oops"}));
}

TEST_F(DeferredRules, D4_each_call_adds_one_stage) {
  Deferred<int> deferred;
  static_assert(config::deferred_stages == 4);
  EXPECT_TRUE(deferred.add_callback([](int value) { return value; }));
  EXPECT_TRUE(deferred.add_errback([](Failure failure) { return failure; }));
  EXPECT_TRUE(deferred.add_callbacks([](int value) { return value; }, [](Failure) { return 0; }));
  EXPECT_TRUE(deferred.add_both([](Outcome<int> outcome) { return outcome; }));
  EXPECT_FALSE(deferred.add_both([](Outcome<int> outcome) { return outcome; }));
}

TEST_F(DeferredRules, D5_a_second_firing_is_refused_to_its_caller_and_changes_nothing) {
  for (const bool first_is_value : {true, false}) {
    Deferred<int> deferred;
    deferred.add_both([](Outcome<int> outcome) { say(outcome ? "value" : "failure"); });
    EXPECT_TRUE(first_is_value ? deferred.callback(1) : deferred.errback(Oops::oops));
    EXPECT_EQ(said(), Lines{first_is_value ? "value" : "failure"});
    EXPECT_FALSE(deferred.callback(2));
    EXPECT_FALSE(deferred.errback(Oops::oops));
    EXPECT_EQ(said(), Lines{});
  }
}

TEST_F(DeferredRules, D5_nor_is_it_fired_again_by_its_own_functions) {
  Deferred<int> deferred;
  deferred.add_callback([&deferred](int) { say(deferred.callback(2) ? "fired" : "refused"); });
  deferred.callback(1);
  EXPECT_EQ(said(), Lines{"refused"});
}

TEST_F(DeferredRules, D6_who_fires_does_not_hear_of_the_chain_s_failures) {
  Deferred<int> deferred;
  deferred.add_callback([](int) { return Failure(Oops::oops); });
  EXPECT_TRUE(deferred.callback(1));
  EXPECT_EQ(test::failure_result_of(deferred), Oops::oops);
}

TEST_F(DeferredRules, D7_an_error_given_to_errback_becomes_a_failure_with_its_place) {
  Deferred<int> deferred;
  const std::uint32_t line = __LINE__ + 1;
  deferred.errback(Error(Errc::system_error, 5));
  const Failure failure = test::failure_result_of(deferred);
  EXPECT_EQ(failure.error().native, 5);
  EXPECT_EQ(failure.origin().line, line);
  EXPECT_STREQ(failure.origin().file, __FILE__);
}

TEST_F(DeferredRules, D8_what_else_a_function_needs_it_captures) {
  Deferred<int> deferred;
  deferred.add_callbacks([more = 10](int value) { say(value + more); },
                         [what = "x"](Failure) { say(what); });
  deferred.callback(1);
  EXPECT_EQ(said(), Lines{"11"});
}

TEST_F(DeferredRules, D9_what_is_added_to_a_fired_one_runs_at_once_on_the_side_it_is_on) {
  Deferred<int> deferred;
  deferred.callback(1);
  deferred.add_callback([](int value) { return value + 1; });
  deferred.add_callbacks(callback("a"), errback("A"));
  EXPECT_EQ(said(), Lines{"a got 2"});
  deferred.add_callback([](int) { return Outcome<int>(Oops::oops); });
  deferred.add_callbacks(callback("b"), errback("B"));
  EXPECT_EQ(said(), Lines{"B got oops"});
  deferred.add_errback(handled());
}

TEST_F(DeferredRules, D9_what_a_function_adds_runs_after_what_was_there) {
  Deferred<int> deferred;
  deferred.add_callback([&deferred](int value) {
    say("first");
    deferred.add_callback(callback("added"));
    return value;
  });
  deferred.add_callback(callback("second"));
  deferred.callback(1);
  EXPECT_EQ(said(), (Lines{"first", "second got 1", "added got 1"}));
}

TEST_F(DeferredRules, D10_a_returned_deferred_pauses_the_chain_until_it_has_a_result) {
  Deferred<int> outer;
  Deferred<double> inner;
  outer.add_callback([&inner](int) { return inner.chain(); }).add_callback([](double value) {
    say(value == 2.5 ? "went on" : "wrong value");
  });
  EXPECT_TRUE(outer.callback(1));
  EXPECT_EQ(outer.state(), DeferredCore::State::waiting);
  EXPECT_EQ(said(), Lines{});
  inner.callback(2.5);
  EXPECT_EQ(said(), Lines{"went on"});
}

TEST_F(DeferredRules, D10_a_failure_of_the_inner_one_goes_to_the_next_errback) {
  Deferred<int> outer;
  Deferred<int> inner;
  outer.add_callback([&inner](int) -> Deferred<int>& { return inner; });
  outer.add_callbacks(callback("a"), errback("A")).add_errback(handled());
  outer.callback(1);
  inner.errback(Oops::oops);
  EXPECT_EQ(said(), Lines{"A got oops"});
}

TEST_F(DeferredRules, D10_an_errback_may_return_a_deferred_too) {
  Deferred<int> outer;
  Deferred<int> inner;
  outer.add_errback([&inner](Failure) { return inner.chain(); }).add_callback(callback("a"));
  outer.errback(Oops::oops);
  EXPECT_EQ(said(), Lines{});
  inner.callback(2);
  EXPECT_EQ(said(), Lines{"a got 2"});
}

TEST_F(DeferredRules, D10_all_of_the_inner_one_s_functions_run_first) {
  Deferred<int> outer;
  Deferred<int> inner;
  const Chain<int> end = inner.add_callback(callback("inner"));
  outer.add_callback([end](int) { return end; }).add_callback(callback("outer"));
  outer.callback(1);
  inner.callback(2);
  EXPECT_EQ(said(), (Lines{"inner got 2", "outer got 2"}));
}

TEST_F(DeferredRules, D10_one_that_has_its_result_does_not_make_it_wait) {
  Deferred<int> outer;
  Deferred<int> inner = succeed(2);
  outer.add_callback([&inner](int) { return inner.chain(); }).add_callback(callback("a"));
  outer.callback(1);
  EXPECT_EQ(said(), Lines{"a got 2"});
}

TEST_F(DeferredRules, D10_the_result_is_taken_out_of_the_inner_one) {
  Deferred<int> outer;
  {
    Deferred<int> inner = fail<int>(Oops::oops);
    outer.add_callback([&inner](int) { return inner.chain(); });
    outer.callback(1);
    EXPECT_EQ(inner.state(), DeferredCore::State::succeeded);
  }
  EXPECT_EQ(unhandled_errors(), Lines{});
  EXPECT_EQ(test::failure_result_of(outer), Oops::oops);
}

TEST_F(DeferredRules, D11_nothing_runs_while_paused_and_all_of_it_then) {
  Deferred<int> deferred;
  deferred.add_callback(callback("a"));
  deferred.pause();
  deferred.callback(1);
  deferred.add_callback(callback("b"));
  EXPECT_EQ(said(), Lines{});
  deferred.unpause();
  EXPECT_EQ(said(), (Lines{"a got 1", "b got 1"}));
}

TEST_F(DeferredRules, D11_pauses_are_counted) {
  Deferred<int> deferred;
  deferred.add_callback(callback("a"));
  deferred.pause();
  deferred.pause();
  deferred.callback(1);
  deferred.unpause();
  EXPECT_EQ(said(), Lines{});
  deferred.unpause();
  EXPECT_EQ(said(), Lines{"a got 1"});
}

TEST_F(DeferredRules, D11_a_function_may_pause_its_own_chain) {
  Deferred<int> deferred;
  deferred.add_callback([&deferred](int value) {
    deferred.pause();
    return value;
  });
  deferred.add_callback(callback("a"));
  deferred.callback(1);
  EXPECT_EQ(said(), Lines{});
  deferred.unpause();
  EXPECT_EQ(said(), Lines{"a got 1"});
}

TEST_F(DeferredRules, D12_a_failure_nobody_handled_is_told_of_once_with_its_origin) {
  std::uint32_t line = 0;
  {
    Deferred<int> deferred;
    line = __LINE__ + 1;
    deferred.add_callback([](int) { return Failure(Oops::oops); });
    deferred.callback(1);
    EXPECT_EQ(unhandled.all().size(), 0U) << "an errback may still be added";
  }
  ASSERT_EQ(unhandled.all().size(), 1U);
  EXPECT_EQ(unhandled.all()[0].origin().line, line);
  EXPECT_EQ(unhandled_errors(), Lines{"oops"});
}

TEST_F(DeferredRules, D12_a_value_nobody_wanted_is_dropped) {
  { Deferred<int> deferred = succeed(1); }
  EXPECT_EQ(unhandled_errors(), Lines{});
}

TEST_F(DeferredRules, D13_who_is_told_to_forget_it_does_not_fire_what_has_gone) {
  struct Operation {
    void start(Deferred<int>& to) {
      result = &to;
      to.on_cancel([this] { result = nullptr; });
    }
    Deferred<int>* result = nullptr;
  } operation;
  {
    Deferred<int> deferred;
    operation.start(deferred);
    EXPECT_NE(operation.result, nullptr);
  }
  EXPECT_EQ(operation.result, nullptr);
}

TEST_F(DeferredRules, D14_a_function_that_takes_long_keeps_who_fires_waiting) {
  Deferred<int> deferred;
  deferred.add_callback([](int value) {
    for (int step = 0; step < 3; ++step) say("step");
    return value;
  });
  deferred.callback(1);
  EXPECT_EQ(said(), (Lines{"step", "step", "step"}));
}

TEST_F(DeferredRules, D15_i_cancelled_without_canceller_it_fails_and_one_late_firing_is_ignored) {
  Deferred<int> deferred;
  deferred.add_callbacks(callback("a"), errback("A")).add_errback(handled());
  deferred.cancel();
  EXPECT_EQ(said(), Lines{"A got cancelled"});
  EXPECT_TRUE(deferred.callback(1));
  EXPECT_FALSE(deferred.callback(1));
  EXPECT_EQ(said(), Lines{});
}

TEST_F(DeferredRules, D15_ii_the_canceller_runs_first_and_cancelled_follows) {
  Deferred<int> deferred;
  deferred.on_cancel([] { say("canceller"); });
  deferred.add_callbacks(callback("a"), errback("A")).add_errback(handled());
  deferred.cancel();
  EXPECT_EQ(said(), (Lines{"canceller", "A got cancelled"}));
  EXPECT_FALSE(deferred.callback(1)) << "who was told does not fire late";
}

TEST_F(DeferredRules, D15_ii_what_the_canceller_fires_wins) {
  Deferred<int> with_value;
  with_value.on_cancel([](Deferred<int>& self) { self.callback(5); });
  with_value.add_callbacks(callback("a"), errback("A"));
  with_value.cancel();
  Deferred<int> with_failure;
  with_failure.on_cancel([](Deferred<int>& self) { self.errback(Oops::oops); });
  with_failure.add_callbacks(callback("a"), errback("A")).add_errback(handled());
  with_failure.cancel();
  EXPECT_EQ(said(), (Lines{"a got 5", "A got oops"}));
}

TEST_F(DeferredRules, D15_iii_cancelling_a_fired_one_does_nothing) {
  Deferred<int> deferred;
  deferred.on_cancel([] { say("canceller"); });
  deferred.callback(1);
  deferred.cancel();
  EXPECT_EQ(said(), Lines{});
  EXPECT_EQ(test::success_result_of(deferred), 1);
}

TEST_F(DeferredRules, D15_iii_nor_does_cancelling_a_fired_one_that_is_paused) {
  Deferred<int> deferred;
  deferred.pause();
  deferred.callback(1);
  deferred.cancel();
  deferred.unpause();
  EXPECT_EQ(test::success_result_of(deferred), 1);
}

TEST_F(DeferredRules, D15_iv_cancelling_goes_inwards_to_the_one_not_fired) {
  Deferred<int> outer;
  Deferred<int> middle;
  Deferred<int> inner;
  outer.on_cancel([] { say("outer canceller"); });
  inner.on_cancel([] { say("inner canceller"); });
  middle.add_callback([&inner](int) { return inner.chain(); });
  outer.add_callback([&middle](int) { return middle.chain(); }).add_errback(errback("outer"));
  outer.callback(1);
  middle.callback(2);
  outer.cancel();
  EXPECT_EQ(said(), (Lines{"inner canceller", "outer got cancelled"}));
  EXPECT_EQ(test::failure_result_of(outer), Errc::cancelled);
}

TEST_F(DeferredRules, D15_v_cancelled_and_not_handled_is_an_unhandled_failure) {
  {
    Deferred<int> deferred;
    deferred.cancel();
  }
  EXPECT_EQ(unhandled_errors(), Lines{"cancelled"});
}

TEST_F(DeferredRules, D15_cancelling_twice_is_cancelling_once) {
  Deferred<int> deferred;
  deferred.on_cancel([](Deferred<int>& self) {
    say("canceller");
    self.cancel();
  });
  deferred.cancel();
  deferred.cancel();
  EXPECT_EQ(said(), Lines{"canceller"});
  EXPECT_EQ(test::failure_result_of(deferred), Errc::cancelled);
}

TEST_F(DeferredRules, D16_only_the_canceller_stops_what_is_under_way) {
  bool under_way = true;
  Deferred<int> without;
  without.add_errback(handled());
  without.cancel();
  EXPECT_TRUE(under_way);
  Deferred<int> with;
  with.on_cancel([&under_way] { under_way = false; });
  with.add_errback(handled());
  with.cancel();
  EXPECT_FALSE(under_way);
}

}  // namespace
}  // namespace bobbin
