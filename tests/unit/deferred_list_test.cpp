// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <bobbin/deferred_list.hpp>
#include <bobbin/one_shot_observer.hpp>

#include "support/deferred.hpp"

// The programs of "An introduction…", chapter 18, and of "Expert Twisted", chapters 2 and 7, that
// wait for several Deferreds, with what they print.

namespace bobbin {
namespace {

using test::Lines;
using test::Oops;
using test::say;
using Text = const char*;

class DeferredListTest : public test::DeferredTest {
 protected:
  template <class T>
  static std::string text_of(const Outcome<T>& outcome) {
    if (!outcome) return "(False, " + std::string(describe(outcome.failure())) + ")";
    if constexpr (std::is_same_v<T, int>) {
      return "(True, " + std::to_string(*outcome) + ")";
    } else {
      return "(True, " + std::string(*outcome) + ")";
    }
  }
  template <class T>
  static void got(Gathered<T> gathered) {
    std::string line = "We got:";
    for (const Outcome<T>& outcome : gathered) line += " " + text_of(outcome);
    say(line);
  }

  Deferred<Text> d1;
  Deferred<Text> d2;
};

TEST_F(DeferredListTest, list_1_of_none) {
  say("Empty List.");
  DeferredList<Text, 2> list;
  list.gather(std::initializer_list<Chain<Text>>{});
  say("Adding Callback.");
  list.add_callback(got<Text>);
  EXPECT_EQ(said(), (Lines{"Empty List.", "Adding Callback.", "We got:"}));
}

TEST_F(DeferredListTest, list_2_of_one) {
  DeferredList<Text, 2> list;
  list.gather({d1});
  say("Adding Callback.");
  list.add_callback(got<Text>);
  say("Firing d1.");
  d1.callback("d1 result");
  EXPECT_EQ(said(), (Lines{"Adding Callback.", "Firing d1.", "We got: (True, d1 result)"}));
}

TEST_F(DeferredListTest, list_3_of_two) {
  DeferredList<Text, 2> list;
  list.gather({d1, d2});
  list.add_callback(got<Text>);
  d1.callback("d1 result");
  EXPECT_EQ(said(), Lines{});
  d2.callback("d2 result");
  EXPECT_EQ(said(), Lines{"We got: (True, d1 result) (True, d2 result)"});
}

TEST_F(DeferredListTest, list_4_fired_in_another_order) {
  DeferredList<Text, 2> list;
  list.gather({d1, d2});
  list.add_callback(got<Text>);
  d2.callback("d2 result");
  d1.callback("d1 result");
  EXPECT_EQ(said(), Lines{"We got: (True, d1 result) (True, d2 result)"});
}

TEST_F(DeferredListTest, list_5_with_a_failure_consumed) {
  {
    Deferred<Text> a;
    Deferred<Text> b;
    DeferredList<Text, 2> list;
    list.gather({a, b}, {.consume_errors = true});
    list.add_callback(got<Text>);
    a.callback("d1 result");
    b.errback(Oops::oops);
  }
  EXPECT_EQ(said(), Lines{"We got: (True, d1 result) (False, oops)"});
  EXPECT_EQ(unhandled_errors(), Lines{});
}

TEST_F(DeferredListTest, list_6_with_a_failure_that_stays_unhandled) {
  {
    Deferred<Text> a;
    Deferred<Text> b;
    DeferredList<Text, 2> list;
    list.gather({a, b});
    list.add_callback(got<Text>);
    a.callback("d1 result");
    b.errback(Oops::oops);
  }
  EXPECT_EQ(said(), Lines{"We got: (True, d1 result) (False, oops)"});
  EXPECT_EQ(unhandled_errors(), Lines{"oops"});
}

TEST_F(DeferredListTest, list_7_with_a_failure_its_own_errback_handles) {
  DeferredList<Text, 2> list;
  list.gather({d1, d2});
  list.add_callback(got<Text>);
  d2.add_errback([](Failure) { say("d2 handled"); });
  d1.callback("d1 result");
  d2.errback(Oops::oops);
  EXPECT_EQ(said(), (Lines{"We got: (True, d1 result) (False, oops)", "d2 handled"}));
}

TEST_F(DeferredListTest, E2_16_results_are_in_the_order_of_the_list) {
  Deferred<Text> urls[2];
  DeferredList<Text, 2> list;
  list.gather(urls);
  list.add_callback(got<Text>);
  urls[1].callback("url2");
  urls[0].callback("url1");
  EXPECT_EQ(said(), Lines{"We got: (True, url1) (True, url2)"});
}

TEST_F(DeferredListTest, E2_16_the_first_value_is_enough) {
  DeferredList<Text, 2> list;
  list.gather({d1, d2}, {.fire_on_one_callback = true});
  d2.callback("the value");
  const Gathered<Text> first = test::success_result_of(list);
  EXPECT_STREQ(first.value(), "the value");
  EXPECT_EQ(first.index(), 1U);
  EXPECT_EQ(first[0].failure(), Errc::would_block);
  d1.callback("late");
}

TEST_F(DeferredListTest, the_first_value_of_none_does_not_come) {
  DeferredList<Text, 2> list;
  list.gather(std::initializer_list<Chain<Text>>{}, {.fire_on_one_callback = true});
  EXPECT_TRUE(test::no_result(list));
}

TEST_F(DeferredListTest, E2_16_gather_results_gives_values_or_the_first_failure) {
  Deferred<int> numbers[2];
  DeferredList<int, 2> list;
  Chain<Values<int>> values = gather_results(list, numbers);
  numbers[1].callback(2);
  EXPECT_TRUE(test::no_result(list));
  numbers[0].callback(1);
  const Values<int> result = test::success_result_of(values);
  EXPECT_EQ(result[0], 1);
  EXPECT_EQ(result[1], 2);

  Deferred<int> failing[2];
  DeferredList<int, 2> other;
  Chain<Values<int>> none = gather_results(other, failing);
  failing[1].errback(Oops::oops);
  EXPECT_EQ(test::failure_result_of(none), Oops::oops);
  EXPECT_EQ(other.failed_index(), 1U);
  failing[0].errback(Oops::type_error);
}

TEST_F(DeferredListTest, is_keyed_by_an_enumeration) {
  enum class Room { kitchen, attic };
  Deferred<int> rooms[2];
  DeferredList<int, 2> list;
  list.gather(rooms);
  rooms[0].callback(21);
  rooms[1].callback(12);
  const Gathered<int> got_rooms = test::success_result_of(list);
  EXPECT_EQ(*got_rooms[Room::attic], 12);
}

// E2-17, `fastestOfTwo`, and its five tests.
class FastestOfTwo : public DeferredListTest {
 protected:
  Chain<Text> fastest_of_two() {
    list.gather({d1, d2}, {.fire_on_one_callback = true, .fire_on_one_errback = true});
    return list.add_callback([](Gathered<Text> gathered) { return gathered.value(); });
  }
  DeferredList<Text, 2> list;
};

TEST_F(FastestOfTwo, E2_17_has_no_result_while_none_is_fired) {
  fastest_of_two();
  EXPECT_TRUE(test::no_result(list));
}

TEST_F(FastestOfTwo, E2_17_has_the_result_of_the_first_that_fires) {
  Chain<Text> fastest = fastest_of_two();
  EXPECT_TRUE(test::no_result(list));
  d1.callback("first");
  EXPECT_STREQ(test::success_result_of(fastest), "first");
}

TEST_F(FastestOfTwo, E2_17_takes_the_one_that_is_fired_already) {
  d2.callback("second");
  Chain<Text> fastest = fastest_of_two();
  EXPECT_STREQ(test::success_result_of(fastest), "second");
}

TEST_F(FastestOfTwo, E2_17_takes_the_first_in_the_list_when_both_are) {
  d2.callback("second");
  d1.callback("first");
  Chain<Text> fastest = fastest_of_two();
  EXPECT_STREQ(test::success_result_of(fastest), "first");
}

TEST_F(FastestOfTwo, E2_17_fails_with_the_first_failure) {
  d2.errback(Oops::oops);
  Chain<Text> fastest = fastest_of_two();
  EXPECT_EQ(test::failure_result_of(fastest), Oops::oops);
  EXPECT_EQ(list.failed_index(), 1U);
  EXPECT_EQ(test::failure_result_of(d2), Oops::oops);
}

TEST_F(DeferredListTest, cancels_its_members_when_it_is_cancelled) {
  DeferredList<Text, 2> list;
  list.gather({d1, d2}, {.consume_errors = true});
  list.add_callback(got<Text>);
  d1.callback("d1 result");
  list.cancel();
  EXPECT_EQ(said(), Lines{"We got: (True, d1 result) (False, cancelled)"});
}

TEST_F(DeferredListTest, cancels_its_members_when_it_goes_while_pending) {
  {
    DeferredList<Text, 2> list;
    list.gather({d1, d2}, {.consume_errors = true});
    list.add_both([] { say("never runs"); });
  }
  EXPECT_TRUE(d1.called());
  EXPECT_TRUE(d2.called());
  EXPECT_EQ(said(), Lines{});
}

TEST_F(DeferredListTest, may_go_before_members_that_come_late) {
  {
    DeferredList<Text, 2> list;
    list.gather({d1, d2}, {.fire_on_one_callback = true});
    d1.callback("first");
  }
  d2.callback("late");
  EXPECT_STREQ(test::success_result_of(d2), "late");
}

TEST_F(DeferredListTest, counts_a_member_that_goes_as_cancelled) {
  auto member = std::make_unique<Deferred<Text>>();
  DeferredList<Text, 2> list;
  list.gather({d1, *member});
  list.add_callback(got<Text>);
  d1.callback("here");
  member.reset();
  EXPECT_EQ(said(), Lines{"We got: (True, here) (False, cancelled)"});
}

TEST_F(DeferredListTest, counts_a_member_without_room_as_failed) {
  for (std::size_t i = 0; i < config::deferred_stages; ++i) {
    d2.add_callback([](Text text) { return text; });
  }
  DeferredList<Text, 2> list;
  list.gather({d1, d2});
  list.add_callback(got<Text>);
  d1.callback("here");
  EXPECT_EQ(said(), Lines{"We got: (True, here) (False, out of capacity)"});
}

TEST_F(DeferredListTest, is_destroyed_by_its_own_function_while_members_are_cancelled) {
  auto list = std::make_unique<DeferredList<Text, 2>>();
  d1.add_errback([&list](Failure failure) {
    list.reset();
    return failure;
  });
  list->gather({d1, d2}, {.consume_errors = true});
  list->cancel();
  EXPECT_EQ(list, nullptr);
}

TEST_F(DeferredListTest, takes_members_without_a_value) {
  Deferred<void> done[2];
  DeferredList<void, 2> list;
  list.gather(done);
  list.add_callback([](Gathered<void> gathered) {
    for (const Outcome<void>& outcome : gathered) say(outcome ? "done" : "failed");
  });
  done[1].callback();
  EXPECT_EQ(said(), Lines{});
  done[0].errback(Errc::timed_out);
  done[0].add_errback([] {});
  EXPECT_EQ(said(), (Lines{"failed", "done"}));
}

TEST_F(DeferredListTest, is_nested) {
  Deferred<int> inner_members[2];
  DeferredList<int, 2> inner;
  inner.gather(inner_members);
  DeferredList<Gathered<int>, 1> outer;
  outer.gather({inner});
  inner_members[0].callback(1);
  inner_members[1].callback(2);
  EXPECT_EQ(*(*test::success_result_of(outer)[0])[1], 2);
}

TEST_F(DeferredListTest, is_used_again_once_reset) {
  DeferredList<Text, 2> list;
  list.gather({d1}, {.fire_on_one_errback = true});
  d1.errback(Oops::oops);
  EXPECT_EQ(test::failure_result_of(list), Oops::oops);
  EXPECT_EQ(test::failure_result_of(d1), Oops::oops);
  list.reset();
  list.gather({d2});
  list.add_callback(got<Text>);
  d2.callback("again");
  EXPECT_EQ(said(), Lines{"We got: (True, again)"});
}

TEST_F(DeferredListTest, may_be_used_again_by_who_waits_for_it_when_it_is_reset) {
  DeferredList<Text, 2> list;
  list.gather({d1});
  Deferred<void> outer;
  outer.callback();
  outer.add_callback([&list] { return list.chain(); }).add_both([&](const auto&) {
    list.gather({d2});
    list.add_callback(got<Text>);
  });
  list.reset();
  d2.callback("again");
  EXPECT_EQ(said(), Lines{"We got: (True, again)"});
}

TEST_F(DeferredListTest, may_be_destroyed_by_who_waits_for_it_when_it_is_reset) {
  auto list = std::make_unique<DeferredList<Text, 2>>();
  list->gather({d1, d2});
  Deferred<void> outer;
  outer.callback();
  outer.add_callback([&list] { return list->chain(); }).add_both([&](const auto&) {
    list.reset();
  });
  list->reset();
  EXPECT_EQ(list, nullptr);
}

TEST_F(DeferredListTest, fails_with_more_members_than_it_has_room_for_and_leaves_them_alone) {
  std::vector<Deferred<int>> many(50);
  DeferredList<int, 2> list;
  list.gather(std::span<Deferred<int>>(many));
  EXPECT_EQ(test::failure_result_of(list), Errc::no_capacity);
  list.reset();
  list.gather({many[0], many[1], many[2]});
  EXPECT_EQ(test::failure_result_of(list), Errc::no_capacity);
  EXPECT_TRUE(test::no_result(many[0]));
  list.reset();
  list.gather({many[0], many[1]});
  many[1].callback(1);
  many[0].callback(0);
  EXPECT_EQ(test::success_result_of(list).size(), 2U);
}

// E7.7 to E7.9: one winner, and everybody else is cancelled.
class RaceTest : public test::DeferredTest {
 protected:
  RaceTest() {
    for (int i = 0; i < 5; ++i) contenders[i].on_cancel([this, i] { cancelled.insert(i); });
  }
  std::set<int> cancelled;  // outlives the contenders
  Deferred<Text> contenders[5];
  FirstSuccess<Text, 5> race;
};

TEST_F(RaceTest, may_be_run_again_by_who_waits_for_it_when_it_is_reset) {
  race.race({contenders[0]});
  Deferred<void> outer;
  outer.callback();
  outer.add_callback([this] { return race.chain(); }).add_both([this](const auto&) {
    race.race({contenders[1]});
  });
  race.reset();
  contenders[1].callback("yay");
  EXPECT_STREQ(test::success_result_of(race), "yay");
}

TEST_F(RaceTest, fails_with_more_contenders_than_it_has_room_for_and_leaves_them_alone) {
  FirstSuccess<Text, 2> small;
  small.race({contenders[0], contenders[1], contenders[2]});
  EXPECT_EQ(test::failure_result_of(small), Errc::no_capacity);
  EXPECT_TRUE(test::no_result(contenders[0]));
  EXPECT_EQ(cancelled, std::set<int>{});
}

TEST_F(RaceTest, E7_7_one_winner) {
  race.race(contenders);
  EXPECT_TRUE(test::no_result(race));
  contenders[0].errback(Oops::value_error);
  EXPECT_TRUE(test::no_result(race));
  contenders[1].errback(Oops::type_error);
  EXPECT_TRUE(test::no_result(race));
  contenders[2].callback("yay");
  EXPECT_STREQ(test::success_result_of(race), "yay");
  EXPECT_EQ(cancelled, (std::set<int>{3, 4}));
}

TEST_F(RaceTest, E7_8_when_all_fail_the_first_failure_comes_with_the_last) {
  race.race(contenders);
  contenders[3].errback(Oops::value_error);
  for (int i : {0, 1, 2}) contenders[i].errback(Oops::type_error);
  EXPECT_TRUE(test::no_result(race));
  contenders[4].errback(Oops::oops);
  EXPECT_EQ(test::failure_result_of(race), Oops::value_error);
  EXPECT_EQ(cancelled, std::set<int>{});
}

TEST_F(RaceTest, E7_9_cancelling_cancels_all_that_are_left) {
  race.race(contenders);
  contenders[0].errback(Oops::oops);
  race.cancel();
  EXPECT_EQ(cancelled, (std::set<int>{1, 2, 3, 4}));
  EXPECT_EQ(test::failure_result_of(race), Oops::oops);
}

TEST_F(RaceTest, waits_for_losers_that_take_their_time_to_end) {
  contenders[4].pause();
  race.race(contenders);
  contenders[0].callback("yay");
  EXPECT_TRUE(test::no_result(race));
  contenders[4].unpause();
  EXPECT_STREQ(test::success_result_of(race), "yay");
}

TEST_F(RaceTest, keeps_the_first_winner_when_a_loser_succeeds_while_it_is_cancelled) {
  contenders[1].on_cancel([](Deferred<Text>& self) { self.callback("too late"); });
  race.race(contenders);
  contenders[0].callback("yay");
  EXPECT_STREQ(test::success_result_of(race), "yay");
}

TEST_F(RaceTest, takes_one_that_is_fired_already) {
  contenders[1].callback("yay");
  contenders[2].callback("late");
  race.race(contenders);
  EXPECT_STREQ(test::success_result_of(race), "yay");
  EXPECT_EQ(cancelled, (std::set<int>{0, 3, 4}));
}

TEST_F(RaceTest, fails_without_contenders) {
  race.race(std::initializer_list<Chain<Text>>{});
  EXPECT_EQ(test::failure_result_of(race), Errc::invalid_argument);
}

class OneShotTest : public test::DeferredTest {
 protected:
  static void tell(Outcome<Text> outcome) {
    say(outcome ? std::string(*outcome) : std::string(describe(outcome.failure())));
  }
  Deferred<Text> codes[4];
};

TEST_F(OneShotTest, E7_12_all_get_the_same_whenever_they_ask) {
  OneShotObserver<Text> code;
  for (int i = 0; i < 3; ++i) {
    code.when_fired(codes[i]);
    codes[i].add_both(tell);
  }
  EXPECT_EQ(said(), Lines{});
  EXPECT_TRUE(code.fire(Text("4-bravado-waffle")));
  code.when_fired(codes[3]);
  codes[3].add_both(tell);
  EXPECT_EQ(said(), Lines(4, "4-bravado-waffle"));
  EXPECT_FALSE(code.fire(Text("another")));
}

TEST_F(OneShotTest, E7_12_all_get_the_failure_before_and_after) {
  OneShotObserver<Text> code;
  code.when_fired(codes[0]);
  codes[0].add_both(tell);
  code.fire(Failure(Oops::oops));
  code.when_fired(codes[1]);
  codes[1].add_both(tell);
  EXPECT_EQ(said(), (Lines{"oops", "oops"}));
}

TEST_F(OneShotTest, leaves_out_who_was_cancelled_and_who_has_gone) {
  OneShotObserver<Text> code;
  code.when_fired(codes[0]);
  {
    Deferred<Text> gone;
    code.when_fired(gone);
    code.when_fired(codes[1]);
  }
  for (auto& deferred : codes) deferred.add_both(tell);
  codes[0].cancel();
  EXPECT_EQ(said(), Lines{"cancelled"});
  EXPECT_EQ(code.waiting(), 1U);
  code.fire(Text("yes"));
  EXPECT_EQ(said(), Lines{"yes"});
}

TEST_F(OneShotTest, tells_who_waits_when_it_goes) {
  {
    OneShotObserver<Text> code;
    code.when_fired(codes[0]);
  }
  EXPECT_EQ(test::failure_result_of(codes[0]), Errc::cancelled);
}

TEST_F(OneShotTest, is_destroyed_by_who_is_told) {
  auto code = std::make_unique<OneShotObserver<Text>>();
  code->when_fired(codes[0]);
  code->when_fired(codes[1]);
  codes[0].add_both([&code] { code.reset(); });
  code->fire(Text("yes"));
  EXPECT_EQ(test::failure_result_of(codes[1]), Errc::cancelled);
}

TEST_F(OneShotTest, a_fanout_is_destroyed_by_who_is_told) {
  Deferred<Text> d;
  auto both = std::make_unique<Fanout<Text, 2>>(d);
  both->result(0).add_callback([&both](Text) { both.reset(); });
  both->result(1).add_callback([](Text) { say("never runs"); });
  d.callback("code");
  EXPECT_EQ(said(), Lines{});
}

TEST_F(OneShotTest, E7_13_chaining_is_one_after_the_other) {
  Deferred<Text> d;
  d.add_callback([](Text text) {
     return (say("A got " + std::string(text)), "from A");
   }).add_callback([](Text text) { return (say("B got " + std::string(text)), "from B"); });
  d.add_callback([](Text text) { say("C got " + std::string(text)); });
  d.callback("code");
  EXPECT_EQ(said(), (Lines{"A got code", "B got from A", "C got from B"}));
}

TEST_F(OneShotTest, E7_13_with_a_fanout_both_chains_get_the_result) {
  Deferred<Text> d;
  Fanout<Text, 2> both(d);
  both.result(0).add_callback([](Text text) { return (say("A got " + std::string(text)), "A"); });
  both.result(1).add_callback([](Text text) { say("C got " + std::string(text)); });
  d.callback("code");
  EXPECT_EQ(said(), (Lines{"A got code", "C got code"}));
}

TEST_F(OneShotTest, E7_13_a_fanout_passes_failures_to_all_and_leaves_none) {
  {
    Deferred<Text> d;
    Fanout<Text, 2> both(d);
    d.errback(Oops::oops);
    EXPECT_EQ(test::failure_result_of(both.result(0)), Oops::oops);
    EXPECT_EQ(test::failure_result_of(both.result(1)), Oops::oops);
  }
  EXPECT_EQ(unhandled_errors(), Lines{});
}

}  // namespace
}  // namespace bobbin
