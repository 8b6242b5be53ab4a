// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <bobbin/clock.hpp>
#include <bobbin/debounce.hpp>
#include <bobbin/eventual_queue.hpp>
#include <bobbin/lru_cache.hpp>
#include <bobbin/operation_group.hpp>

#include "support/deferred.hpp"

// What decides when something is called, and how often.

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using test::Lines;
using test::Oops;
using test::say;

class EventualQueueTest : public test::DeferredTest {
 protected:
  void eventually(int number) {
    EXPECT_FALSE(queue.eventually([number] { say(number); }));
  }
  ManualClock<2> clock;
  EventualQueue<4> queue{clock};
};

TEST_F(EventualQueueTest, E10_6_calls_in_order_in_the_next_turn) {
  for (int i = 0; i < 4; ++i) eventually(i);
  EXPECT_EQ(said(), Lines{});
  EXPECT_EQ(clock.timer_use().in_use, 1U);
  EXPECT_TRUE(clock.advance_to_next());
  EXPECT_EQ(said(), (Lines{"0", "1", "2", "3"}));
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

TEST_F(EventualQueueTest, calls_what_calls_leave_in_the_turn_after) {
  EXPECT_FALSE(queue.eventually([this] {
    say("first");
    eventually(2);
  }));
  eventually(1);
  EXPECT_TRUE(clock.advance_to_next());
  EXPECT_EQ(said(), (Lines{"first", "1"}));
  EXPECT_TRUE(clock.advance_to_next());
  EXPECT_EQ(said(), Lines{"2"});
}

TEST_F(EventualQueueTest, refuses_what_it_has_no_room_for) {
  for (int i = 0; i < 4; ++i) eventually(i);
  EXPECT_EQ(queue.eventually([] { say("never runs"); }), Errc::no_capacity);
  EXPECT_EQ(queue.size(), 4U);
  EXPECT_FALSE(queue.flush());
  EXPECT_EQ(said(), (Lines{"0", "1", "2", "3"}));
}

TEST_F(EventualQueueTest, refuses_when_there_is_no_timer) {
  while (clock.call_later(1h, [] {})) {
  }
  EXPECT_EQ(queue.eventually([] {}), Errc::no_capacity);
  EXPECT_EQ(queue.size(), 0U);
}

TEST_F(EventualQueueTest, keeps_its_timer_while_calls_take_all_the_others) {
  EXPECT_FALSE(queue.eventually([this] {
    while (clock.call_later(1h, [] {})) {
    }
    eventually(1);
  }));
  EXPECT_TRUE(clock.advance_to_next());
  EXPECT_TRUE(clock.advance_to_next());
  EXPECT_EQ(said(), Lines{"1"});
}

TEST_F(EventualQueueTest, E10_6_gives_each_error_to_the_clock_and_goes_on) {
  EXPECT_FALSE(queue.eventually([] { return Errc::timed_out; }));
  EXPECT_FALSE(queue.eventually([] { return Errc::unreachable; }));
  eventually(1);
  EXPECT_TRUE(clock.advance_to_next());
  EXPECT_EQ(clock.last_error(), Errc::timed_out);
  EXPECT_TRUE(clock.advance_to_next());
  EXPECT_EQ(clock.last_error(), Errc::unreachable);
  EXPECT_TRUE(clock.advance_to_next());
  EXPECT_EQ(said(), Lines{"1"});
}

TEST_F(EventualQueueTest, E10_6_flushes_what_calls_leave_too) {
  EXPECT_FALSE(queue.eventually([this] { eventually(1); }));
  EXPECT_FALSE(queue.flush());
  EXPECT_EQ(said(), Lines{"1"});
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

TEST_F(EventualQueueTest, is_destroyed_by_a_call_while_it_is_flushed) {
  std::optional<EventualQueue<4>> other(std::in_place, clock);
  EXPECT_FALSE(other->eventually([&other] { EXPECT_FALSE(other->flush()); }));
  EXPECT_FALSE(other->eventually([&other] { other.reset(); }));
  EXPECT_FALSE(other->eventually([] { say("never runs"); }));
  EXPECT_FALSE(other->flush());
  EXPECT_EQ(said(), Lines{});
}

TEST_F(EventualQueueTest, is_flushed_and_destroyed_by_a_call_of_the_turn) {
  std::optional<EventualQueue<4>> other(std::in_place, clock);
  EXPECT_FALSE(other->eventually([&other] { EXPECT_FALSE(other->flush()); }));
  EXPECT_FALSE(other->eventually([&other] { other.reset(); }));
  EXPECT_FALSE(other->eventually([] { say("never runs"); }));
  EXPECT_TRUE(clock.advance_to_next());
  EXPECT_EQ(said(), Lines{});
}

TEST_F(EventualQueueTest, drops_what_waits_when_it_goes) {
  {
    EventualQueue<1> other(clock);
    EXPECT_FALSE(other.eventually([] { say("never runs"); }));
  }
  EXPECT_FALSE(clock.advance_to_next());
  EXPECT_EQ(said(), Lines{});
}

TEST_F(EventualQueueTest, is_destroyed_by_its_own_call) {
  auto other = std::make_unique<EventualQueue<2>>(clock);
  EXPECT_FALSE(other->eventually([&other] { other.reset(); }));
  EXPECT_FALSE(other->eventually([] { say("never runs"); }));
  EXPECT_TRUE(clock.advance_to_next());
  EXPECT_FALSE(clock.advance_to_next());
  EXPECT_EQ(said(), Lines{});
}

// E7.14: observers that come, go, fail and publish while they are told.
struct Publisher {
  explicit Publisher(Clock& clock) : queue(clock) {}

  void publish(int event) {
    for (int observer : observers) {
      EXPECT_FALSE(queue.eventually([this, observer, event] { return tell(observer, event); }));
    }
  }
  Error tell(int observer, int event) {
    say(std::to_string(observer) + " got " + std::to_string(event));
    if (event != 1) return {};
    if (observer == 0) std::erase(observers, 1);
    if (observer == 1) observers.push_back(4);
    if (observer == 2) publish(2);
    return observer == 2 ? Errc::unreachable : observer == 0 ? Errc::timed_out : Errc::ok;
  }
  std::vector<int> observers{0, 1, 2, 3};
  EventualQueue<12> queue;
};

const Lines first_event{"0 got 1", "1 got 1", "2 got 1", "3 got 1"};
const Lines second_event{"0 got 2", "2 got 2", "3 got 2", "4 got 2"};

TEST_F(EventualQueueTest, E7_14_every_observer_is_told_once_and_in_order) {
  Publisher publisher(clock);
  publisher.publish(1);
  EXPECT_EQ(publisher.queue.flush(), Errc::timed_out);
  Lines both = first_event;
  both.insert(both.end(), second_event.begin(), second_event.end());
  EXPECT_EQ(said(), both);
}

TEST_F(EventualQueueTest, E7_14_so_is_every_observer_behind_one_that_fails) {
  Publisher publisher(clock);
  publisher.publish(1);
  publisher.publish(3);
  EXPECT_EQ(said(), Lines{});
  EXPECT_TRUE(clock.advance_to_next());
  EXPECT_EQ(clock.last_error(), Errc::timed_out);
  EXPECT_EQ(said(), Lines{"0 got 1"});
  EXPECT_TRUE(clock.advance_to_next());
  EXPECT_EQ(clock.last_error(), Errc::unreachable);
  EXPECT_EQ(said(), (Lines{"1 got 1", "2 got 1"}));
  while (clock.advance_to_next()) {
  }
  Lines rest{"3 got 1", "0 got 3", "1 got 3", "2 got 3", "3 got 3"};
  rest.insert(rest.end(), second_event.begin(), second_event.end());
  EXPECT_EQ(said(), rest);
}

class DebounceTest : public test::DeferredTest {
 protected:
  ManualClock<2> clock;
  Debounce debounce{clock, 1s, [] { say("call"); }};
  Deferred<void> stopped;
};

TEST_F(DebounceTest, E10_2_makes_one_call_of_a_hundred_triggers) {
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(debounce.trigger());
  clock.advance(999ms);
  EXPECT_EQ(said(), Lines{});
  clock.advance(1ms);
  EXPECT_EQ(said(), Lines{"call"});
  EXPECT_EQ(clock.next_call(), never);
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

TEST_F(DebounceTest, E10_2_calls_again_for_a_later_trigger) {
  EXPECT_FALSE(debounce.trigger());
  clock.advance(1s);
  EXPECT_FALSE(debounce.trigger());
  clock.advance(1s);
  EXPECT_EQ(said(), (Lines{"call", "call"}));
}

TEST_F(DebounceTest, refuses_a_trigger_when_there_is_no_timer) {
  while (clock.call_later(1h, [] {})) {
  }
  EXPECT_EQ(debounce.trigger(), Errc::no_capacity);
  EXPECT_FALSE(debounce.due());
}

TEST_F(DebounceTest, E10_2_calls_no_more_once_stopped) {
  EXPECT_FALSE(debounce.trigger());
  debounce.stop(stopped);
  EXPECT_TRUE(stopped.called());
  EXPECT_EQ(debounce.trigger(), Errc::not_running);
  clock.advance(10s);
  EXPECT_EQ(said(), Lines{});
}

class SlowDebounceTest : public test::DeferredTest {
 protected:
  ManualClock<2> clock;
  std::optional<Deferred<void>> write;
  Debounce debounce{clock, 1s, [this] {
                      say("call");
                      return write.emplace().chain();
                    }};
  Deferred<void> stopped;
};

TEST_F(SlowDebounceTest, is_not_called_again_before_the_call_is_done) {
  EXPECT_FALSE(debounce.trigger());
  clock.advance(1s);
  EXPECT_TRUE(debounce.running());
  while (clock.call_later(1h, [] {})) {
  }
  EXPECT_FALSE(debounce.trigger()) << "its timer is kept for it";
  EXPECT_TRUE(debounce.due());
  clock.advance(10s);
  EXPECT_EQ(said(), Lines{"call"});
  write->callback();
  clock.advance(999ms);
  EXPECT_EQ(said(), Lines{});
  clock.advance(1ms);
  EXPECT_EQ(said(), Lines{"call"});
}

TEST_F(SlowDebounceTest, E10_2_is_stopped_when_the_call_is_done) {
  EXPECT_FALSE(debounce.trigger());
  clock.advance(1s);
  EXPECT_FALSE(debounce.trigger());
  debounce.stop(stopped);
  EXPECT_FALSE(stopped.called());
  write->callback();
  EXPECT_TRUE(stopped.called());
  clock.advance(10s);
  EXPECT_EQ(said(), Lines{"call"});
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

class OperationGroupTest : public test::DeferredTest {
 protected:
  Deferred<int> number;
  Deferred<const char*> text;
  Deferred<void> idle;
  OperationGroup<2> group;
};

TEST_F(OperationGroupTest, is_idle_at_once_without_operations) {
  group.when_idle(idle);
  EXPECT_TRUE(idle.called());
}

TEST_F(OperationGroupTest, is_idle_when_all_have_a_result_which_passes_on) {
  EXPECT_FALSE(group.add(number.chain()));
  EXPECT_FALSE(group.add(text.chain()));
  group.when_idle(idle);
  number.callback(5);
  EXPECT_FALSE(idle.called());
  text.errback(Oops::oops);
  EXPECT_TRUE(idle.called());
  EXPECT_EQ(test::success_result_of(number), 5);
  EXPECT_EQ(test::failure_result_of(text), Oops::oops);
}

TEST_F(OperationGroupTest, refuses_what_it_has_no_room_for) {
  Deferred<int> third;
  EXPECT_FALSE(group.add(number.chain()));
  EXPECT_FALSE(group.add(text.chain()));
  EXPECT_EQ(group.add(third.chain()), Errc::no_capacity);
  EXPECT_EQ(group.outstanding(), 2U);
  number.callback(1);
  EXPECT_FALSE(group.add(third.chain()));
}

TEST_F(OperationGroupTest, does_not_wait_for_what_has_gone) {
  {
    Deferred<int> gone;
    EXPECT_FALSE(group.add(gone.chain()));
    group.when_idle(idle);
  }
  EXPECT_TRUE(idle.called());
}

TEST_F(OperationGroupTest, cancels_all_that_is_outstanding) {
  EXPECT_FALSE(group.add(number.chain()));
  EXPECT_FALSE(group.add(text.chain()));
  group.when_idle(idle);
  group.cancel();
  EXPECT_TRUE(idle.called());
  EXPECT_EQ(test::failure_result_of(number), Errc::cancelled);
  EXPECT_EQ(test::failure_result_of(text), Errc::cancelled);
}

TEST_F(OperationGroupTest, may_go_before_its_operations) {
  {
    OperationGroup<1> other;
    EXPECT_FALSE(other.add(number.chain()));
    other.when_idle(idle);
  }
  EXPECT_EQ(test::failure_result_of(idle), Errc::cancelled);
  number.callback(1);
  EXPECT_EQ(test::success_result_of(number), 1);
}

class LruCacheTest : public test::DeferredTest {
 protected:
  // Fetches that wait, by key; `at_once` gives a value without waiting.
  void fetch(int key, Deferred<int>& value) {
    say("fetch " + std::to_string(key));
    if (at_once) return static_cast<void>(value.callback(10 * key));
    fetching[key] = &value;
  }
  int value_of(int key) {
    Deferred<int> value;
    cache.get(key, value);
    return test::success_result_of(value);
  }

  bool at_once = false;
  Deferred<int>* fetching[10] = {};
  LruCache<int, int, 2> cache{[this](int key, Deferred<int>& value) { fetch(key, value); }};
  Deferred<int> values[3];
};

TEST_F(LruCacheTest, E10_5_two_who_miss_the_same_share_one_fetch) {
  cache.get(1, values[0]);
  cache.get(1, values[1]);
  EXPECT_EQ(said(), Lines{"fetch 1"});
  fetching[1]->callback(10);
  EXPECT_EQ(test::success_result_of(values[0]), 10);
  EXPECT_EQ(test::success_result_of(values[1]), 10);
  EXPECT_EQ(value_of(1), 10);
  EXPECT_EQ(said(), Lines{});
  EXPECT_EQ(cache.misses(), 1U);
  EXPECT_EQ(cache.joined(), 1U) << "the second";
  EXPECT_EQ(cache.hits(), 1U) << "the third";
}

TEST_F(LruCacheTest, E10_5_a_failure_goes_to_all_and_is_not_kept) {
  cache.get(1, values[0]);
  cache.get(1, values[1]);
  fetching[1]->errback(Oops::oops);
  EXPECT_EQ(test::failure_result_of(values[0]), Oops::oops);
  EXPECT_EQ(test::failure_result_of(values[1]), Oops::oops);
  cache.get(1, values[2]);
  EXPECT_EQ(said(), (Lines{"fetch 1", "fetch 1"}));
  fetching[1]->callback(10);
  EXPECT_EQ(test::success_result_of(values[2]), 10);
}

TEST_F(LruCacheTest, E10_5_the_least_recently_used_makes_room) {
  at_once = true;
  EXPECT_EQ(value_of(1), 10);
  EXPECT_EQ(value_of(2), 20);
  EXPECT_EQ(value_of(1), 10);
  EXPECT_EQ(value_of(3), 30);
  said();
  EXPECT_EQ(value_of(1), 10);
  EXPECT_EQ(said(), Lines{});
  EXPECT_EQ(value_of(2), 20);
  EXPECT_EQ(said(), Lines{"fetch 2"});
}

TEST_F(LruCacheTest, what_is_being_fetched_makes_no_room) {
  cache.get(1, values[0]);
  cache.get(2, values[1]);
  cache.get(3, values[2]);
  EXPECT_EQ(test::failure_result_of(values[2]), Errc::no_capacity);
  fetching[1]->callback(10);
  values[2].reset();
  cache.get(3, values[2]);
  EXPECT_EQ(said(), (Lines{"fetch 1", "fetch 2", "fetch 3"}));
}

TEST_F(LruCacheTest, who_leaves_is_left_out_and_the_fetch_goes_on) {
  cache.get(1, values[0]);
  cache.get(1, values[1]);
  values[0].cancel();
  EXPECT_EQ(test::failure_result_of(values[0]), Errc::cancelled);
  fetching[1]->callback(10);
  EXPECT_EQ(test::success_result_of(values[1]), 10);
}

TEST_F(LruCacheTest, who_asks_again_once_told_of_a_failure_has_it_fetched_again) {
  cache.get(1, values[0]);
  cache.get(1, values[1]);
  values[0].add_errback([this](Failure) {
    cache.get(1, values[2]);
    return 0;
  });
  fetching[1]->errback(Oops::oops);
  EXPECT_EQ(said(), (Lines{"fetch 1", "fetch 1"}));
  EXPECT_EQ(test::failure_result_of(values[1]), Oops::oops);
  EXPECT_TRUE(test::no_result(values[2]));
  fetching[1]->callback(10);
  EXPECT_EQ(test::success_result_of(values[2]), 10);
}

TEST_F(LruCacheTest, who_is_told_may_ask_for_others) {
  cache.get(1, values[0]);
  values[0].add_callback([this](int value) {
    at_once = true;
    EXPECT_EQ(value_of(1), value);
    EXPECT_EQ(value_of(2), 20);
    return value;
  });
  fetching[1]->callback(10);
  EXPECT_EQ(value_of(1), 10);
}

TEST_F(LruCacheTest, forgets_what_it_is_told_to) {
  at_once = true;
  EXPECT_EQ(value_of(1), 10);
  cache.forget(1);
  EXPECT_EQ(value_of(1), 10);
  EXPECT_EQ(said(), (Lines{"fetch 1", "fetch 1"}));
}

TEST_F(LruCacheTest, is_destroyed_by_who_is_told) {
  Deferred<int>* fetched = nullptr;
  auto other = std::make_unique<LruCache<int, int, 1>>(
      [&fetched](int, Deferred<int>& value) { fetched = &value; });
  other->get(1, values[0]);
  other->get(1, values[1]);
  values[0].add_callback([&other](int) { other.reset(); });
  fetched->callback(10);
  EXPECT_EQ(other, nullptr);
  EXPECT_EQ(test::failure_result_of(values[1]), Errc::cancelled);
}

}  // namespace
}  // namespace bobbin
