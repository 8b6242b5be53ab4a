// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/timer_heap.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/private_member.hpp"
#include "support/seed.hpp"

namespace bobbin {

namespace {

struct NextSequence : test::Member<NextSequence, std::uint32_t TimerHeap::*> {};

}  // namespace

template struct test::Open<NextSequence, &TimerHeap::next_sequence_>;

namespace {

constexpr Instant at(std::int64_t microseconds) { return Instant(Duration(microseconds)); }

template <std::size_t timers = 8>
struct HeapOf {
  TimerStorage<timers> storage;
  TimerHeap heap{storage.spans()};
  std::string ran;

  Result<Handle> insert(Instant deadline, char name) {
    return heap.insert(deadline, [this, name] { ran += name; });
  }

  // Runs all that is due; the names of what ran, in order.
  std::string run(Instant now) {
    ran.clear();
    Callback callback;
    const std::uint32_t mark = heap.mark();
    while (heap.pop_due(now, mark, callback)) static_cast<void>(callback());
    return ran;
  }
};

TEST(TimerHeap, is_empty_at_first_and_never_due) {
  HeapOf<> of;
  EXPECT_TRUE(of.heap.empty());
  EXPECT_EQ(of.heap.next_deadline(), never);
  EXPECT_EQ(of.run(never), "");
}

TEST(TimerHeap, gives_timers_by_their_deadline) {
  HeapOf<> of;
  ASSERT_TRUE(of.insert(at(2), 'b'));
  ASSERT_TRUE(of.insert(at(1), 'a'));
  ASSERT_TRUE(of.insert(at(3), 'c'));
  EXPECT_EQ(of.heap.next_deadline(), at(1));
  EXPECT_EQ(of.run(at(3)), "abc");
  EXPECT_TRUE(of.heap.empty());
}

TEST(TimerHeap, gives_timers_of_one_deadline_in_the_order_in_which_they_were_set) {
  HeapOf<> of;
  for (const char name : std::string("abcdefgh")) ASSERT_TRUE(of.insert(at(1), name));
  EXPECT_EQ(of.run(at(1)), "abcdefgh");
}

TEST(TimerHeap, keeps_timers_that_are_not_due) {
  HeapOf<> of;
  ASSERT_TRUE(of.insert(at(10), 'a'));
  EXPECT_EQ(of.run(at(9)), "");
  EXPECT_EQ(of.run(at(10)), "a");
  EXPECT_EQ(of.run(at(11)), "");
}

TEST(TimerHeap, refuses_more_timers_than_it_has_places_and_counts_it) {
  HeapOf<2> of;
  ASSERT_TRUE(of.insert(at(1), 'a'));
  ASSERT_TRUE(of.insert(at(2), 'b'));
  const Result<Handle> third = of.insert(at(0), 'c');
  EXPECT_EQ(third.error(), Errc::no_capacity);
  EXPECT_EQ(of.heap.use().refused, 1U);
  EXPECT_EQ(of.heap.use().in_use, 2U);
  EXPECT_EQ(of.run(at(2)), "ab");
}

TEST(TimerHeap, has_room_again_once_a_timer_ran_or_was_cancelled) {
  HeapOf<1> of;
  ASSERT_TRUE(of.insert(at(1), 'a'));
  EXPECT_EQ(of.run(at(1)), "a");
  const Result<Handle> second = of.insert(at(2), 'b');
  ASSERT_TRUE(second);
  EXPECT_TRUE(of.heap.cancel(*second));
  EXPECT_TRUE(of.insert(at(3), 'c'));
}

TEST(TimerHeap, never_gives_a_timer_that_was_cancelled) {
  HeapOf<> of;
  ASSERT_TRUE(of.insert(at(1), 'a'));
  const Handle handle = *of.insert(at(2), 'b');
  ASSERT_TRUE(of.insert(at(3), 'c'));
  EXPECT_TRUE(of.heap.cancel(handle));
  EXPECT_EQ(of.run(at(3)), "ac");
}

TEST(TimerHeap, cancels_at_once_so_that_the_next_deadline_is_that_of_a_pending_timer) {
  HeapOf<> of;
  const Handle handle = *of.insert(at(1), 'a');
  ASSERT_TRUE(of.insert(at(2), 'b'));
  of.heap.cancel(handle);
  EXPECT_EQ(of.heap.next_deadline(), at(2));
  EXPECT_EQ(of.heap.use().in_use, 1U);
}

TEST(TimerHeap, forgets_the_handle_of_a_timer_that_ran_or_was_cancelled) {
  HeapOf<> of;
  const Handle ran = *of.insert(at(1), 'a');
  const Handle cancelled = *of.insert(at(2), 'b');
  EXPECT_TRUE(of.heap.holds(ran));
  of.run(at(1));
  of.heap.cancel(cancelled);
  for (const Handle handle : {ran, cancelled, Handle()}) {
    EXPECT_FALSE(of.heap.holds(handle));
    EXPECT_FALSE(of.heap.cancel(handle));
    EXPECT_FALSE(of.heap.reschedule(handle, at(5)));
  }
}

TEST(TimerHeap, leaves_the_new_timer_alone_when_an_old_handle_names_its_place) {
  HeapOf<1> of;
  const Handle old = *of.insert(at(1), 'a');
  of.heap.cancel(old);
  ASSERT_TRUE(of.insert(at(2), 'b'));
  EXPECT_FALSE(of.heap.cancel(old));
  EXPECT_EQ(of.run(at(2)), "b");
}

TEST(TimerHeap, gives_a_rescheduled_timer_at_its_new_deadline) {
  HeapOf<> of;
  const Handle a = *of.insert(at(1), 'a');
  ASSERT_TRUE(of.insert(at(2), 'b'));
  const Handle c = *of.insert(at(3), 'c');
  EXPECT_TRUE(of.heap.reschedule(a, at(4)));
  EXPECT_TRUE(of.heap.reschedule(c, at(1)));
  EXPECT_EQ(of.heap.deadline(a), at(4));
  EXPECT_EQ(of.run(at(3)), "cb");
  EXPECT_EQ(of.run(at(4)), "a");
}

TEST(TimerHeap, gives_a_rescheduled_timer_after_those_already_set_for_that_deadline) {
  HeapOf<> of;
  const Handle a = *of.insert(at(1), 'a');
  ASSERT_TRUE(of.insert(at(1), 'b'));
  of.heap.reschedule(a, at(1));
  EXPECT_EQ(of.run(at(1)), "ba");
}

TEST(TimerHeap, keeps_timers_set_since_the_mark_for_the_next_round) {
  HeapOf<> of;
  ASSERT_TRUE(of.insert(at(1), 'a'));
  const std::uint32_t mark = of.heap.mark();
  ASSERT_TRUE(of.insert(at(1), 'b'));
  Callback callback;
  EXPECT_TRUE(of.heap.pop_due(at(1), mark, callback));
  EXPECT_FALSE(of.heap.pop_due(at(1), mark, callback));
  EXPECT_EQ(of.run(at(1)), "b");
}

TEST(TimerHeap, has_freed_the_place_of_a_timer_before_it_runs) {
  HeapOf<1> of;
  ASSERT_TRUE(of.insert(at(1), 'a'));
  Callback callback;
  ASSERT_TRUE(of.heap.pop_due(at(1), of.heap.mark(), callback));
  EXPECT_TRUE(of.heap.empty());
  EXPECT_TRUE(of.insert(at(2), 'b'));
}

TEST(TimerHeap, keeps_the_order_of_equal_deadlines_when_its_count_of_timers_set_wraps) {
  HeapOf<> of;
  of.heap.*NextSequence::member = 0xffff'fffc;
  for (const char name : std::string("abcdefgh")) ASSERT_TRUE(of.insert(at(1), name));
  EXPECT_LT(of.heap.mark(), 8U);
  EXPECT_EQ(of.run(at(1)), "abcdefgh");
}

TEST(TimerHeap, keeps_timers_set_since_the_mark_when_the_mark_wraps) {
  HeapOf<> of;
  of.heap.*NextSequence::member = 0xffff'ffff;
  ASSERT_TRUE(of.insert(at(1), 'a'));
  const std::uint32_t mark = of.heap.mark();
  EXPECT_EQ(mark, 0U);
  ASSERT_TRUE(of.insert(at(1), 'b'));
  Callback callback;
  EXPECT_TRUE(of.heap.pop_due(at(1), mark, callback));
  EXPECT_FALSE(of.heap.pop_due(at(1), mark, callback));
}

TEST(TimerHeap, gives_a_timer_however_many_were_set_since) {
  HeapOf<> of;
  ASSERT_TRUE(of.insert(at(1000), 'a'));
  of.heap.*NextSequence::member += 0x8000'0001;
  ASSERT_TRUE(of.insert(at(1001), 'b'));
  EXPECT_EQ(of.run(at(1002)), "ab");
}

// The heap as a map from deadline and order of setting to the timer's name.
class HeapModel {
 public:
  explicit HeapModel(std::uint32_t first_sequence) { heap_.*NextSequence::member = first_sequence; }

  void step(test::Random& random) {
    switch (random.below(4U)) {
      case 0: insert(random); break;
      case 1: cancel(random); break;
      case 2: reschedule(random); break;
      default: run_due(random); break;
    }
    check();
  }

 private:
  static constexpr std::size_t capacity = 40;

  struct Known {
    Handle handle;
    int name;
  };
  using Order = std::pair<Instant, std::uint64_t>;

  // Few enough instants that many deadlines are equal.
  Instant some_time(test::Random& random) const {
    return random.one_in(20) ? never : now_ + Duration(random.below(12));
  }

  std::map<Order, Known>::iterator find(int name) {
    return std::find_if(pending_.begin(), pending_.end(),
                        [name](const auto& entry) { return entry.second.name == name; });
  }

  void insert(test::Random& random) {
    const Instant deadline = some_time(random);
    const int name = static_cast<int>(known_.size());
    const Result<Handle> handle = heap_.insert(deadline, [this, name] { ran_ = name; });
    ASSERT_EQ(bool(handle), pending_.size() < capacity);
    if (!handle) return;
    known_.push_back({*handle, name});
    pending_.emplace(Order(deadline, set_++), known_.back());
  }

  // Any timer there ever was: the ones that are gone must be told apart.
  void cancel(test::Random& random) {
    if (known_.empty()) return;
    const Known known = known_[random.below(known_.size())];
    const auto entry = find(known.name);
    ASSERT_EQ(heap_.cancel(known.handle), entry != pending_.end());
    if (entry != pending_.end()) pending_.erase(entry);
  }

  void reschedule(test::Random& random) {
    const std::size_t recent = std::min<std::size_t>(known_.size(), 2 * capacity);
    if (recent == 0) return;
    const Known known = known_[known_.size() - 1 - random.below(recent)];
    const Instant deadline = some_time(random);
    const auto entry = find(known.name);
    ASSERT_EQ(heap_.reschedule(known.handle, deadline), entry != pending_.end());
    if (entry == pending_.end()) return;
    pending_.erase(entry);
    pending_.emplace(Order(deadline, set_++), known);
  }

  void run_due(test::Random& random) {
    now_ += Duration(random.below(5));
    const std::uint32_t mark = heap_.mark();
    Callback callback;
    while (!pending_.empty() && pending_.begin()->first.first <= now_) {
      ASSERT_TRUE(heap_.pop_due(now_, mark, callback));
      ASSERT_FALSE(bool(callback()));
      ASSERT_EQ(ran_, pending_.begin()->second.name);
      pending_.erase(pending_.begin());
    }
    ASSERT_FALSE(heap_.pop_due(now_, mark, callback));
  }

  void check() const {
    ASSERT_EQ(heap_.use().in_use, pending_.size());
    ASSERT_EQ(heap_.empty(), pending_.empty());
    ASSERT_EQ(heap_.next_deadline(), pending_.empty() ? never : pending_.begin()->first.first);
    for (const auto& [order, known] : pending_) {
      ASSERT_TRUE(heap_.holds(known.handle));
      ASSERT_EQ(heap_.deadline(known.handle), order.first);
    }
  }

  TimerStorage<capacity> storage_;
  TimerHeap heap_{storage_.spans()};
  std::map<Order, Known> pending_;
  std::vector<Known> known_;
  std::uint64_t set_ = 0;
  Instant now_{};
  int ran_ = -1;
};

void run_model(test::Random& random, std::uint32_t first_sequence) {
  HeapModel model(first_sequence);
  for (int i = 0; i < 5000 && !testing::Test::HasFailure(); ++i) model.step(random);
}

TEST(TimerHeap, behaves_as_a_sorted_map_whatever_is_done_to_it) {
  test::for_each_seed([](test::Random& random) { run_model(random, 0); });
}

TEST(TimerHeap, behaves_as_a_sorted_map_while_its_count_of_timers_set_wraps) {
  test::for_each_seed([](test::Random& random) { run_model(random, 0U - 1500U); });
}

TEST(After, is_the_sum_of_an_instant_and_a_length) {
  EXPECT_EQ(after(at(5), Duration(3)), at(8));
  EXPECT_EQ(after(at(5), Duration(0)), at(5));
}

TEST(After, takes_a_negative_length_for_none) {
  EXPECT_EQ(after(at(5), Duration(-1)), at(5));
  EXPECT_EQ(after(at(5), Duration::min()), at(5));
}

TEST(After, ends_with_the_time_line) {
  EXPECT_EQ(after(at(5), forever), never);
  EXPECT_EQ(after(never, Duration(1)), never);
  EXPECT_EQ(after(never - Duration(2), Duration(1)), never - Duration(1));
  EXPECT_EQ(after(never - Duration(2), Duration(2)), never);
  EXPECT_EQ(after(never - Duration(2), Duration(3)), never);
}

}  // namespace
}  // namespace bobbin
