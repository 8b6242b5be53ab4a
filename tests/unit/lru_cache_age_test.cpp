// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/lru_cache.hpp>

#include <chrono>

#include "support/deferred.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using test::Lines;
using test::say;

using Cache = LruCache<int, int, 2>;

// Values that tell how often they were fetched; those of odd keys come at once.
class AnAgingCache : public test::DeferredTest {
 protected:
  void fetch(int key, Deferred<int>& value) {
    say("fetch " + std::to_string(key));
    const int number = ++fetches_;
    if (key % 2 != 0) return static_cast<void>(value.callback(number));
    value.on_cancel([key] { say("cancel " + std::to_string(key)); });
    fetching_ = &value;
  }
  Cache::Fetch fetching() {
    return [this](int key, Deferred<int>& value) { fetch(key, value); };
  }
  int value_of(int key) {
    Deferred<int> value;
    cache_.get(key, value);
    return test::success_result_of(value);
  }

  int fetches_ = 0;
  Deferred<int>* fetching_ = nullptr;
  ManualClock<> clock_;
  Cache cache_{fetching(), clock_, {.time_to_live = 10s}};
};

TEST_F(AnAgingCache, fetches_again_what_is_too_old) {
  EXPECT_EQ(value_of(1), 1);
  clock_.advance(10s - 1us);
  EXPECT_EQ(value_of(1), 1);
  clock_.advance(1us);
  EXPECT_EQ(value_of(1), 2);
  clock_.advance(10s - 1us);
  EXPECT_EQ(value_of(1), 2) << "and counts anew from there; being used does not make it younger";
  EXPECT_EQ(cache_.misses(), 2U);
  EXPECT_EQ(cache_.hits(), 2U);
  EXPECT_EQ(clock_.timer_use().high_water, 0U);
}

TEST_F(AnAgingCache, counts_the_age_from_when_the_value_came) {
  Deferred<int> waits;
  cache_.get(2, waits);
  clock_.advance(1h);
  fetching_->callback(20);
  EXPECT_EQ(test::success_result_of(waits), 20);
  clock_.advance(10s - 1us);
  EXPECT_EQ(value_of(2), 20);
  clock_.advance(1us);
  Deferred<int> later;
  cache_.get(2, later);
  EXPECT_TRUE(test::no_result(later));
  fetching_->callback(21);
  EXPECT_EQ(test::success_result_of(later), 21);
}

TEST_F(AnAgingCache, makes_room_of_what_is_too_old_first) {
  EXPECT_EQ(value_of(1), 1);
  clock_.advance(6s);
  EXPECT_EQ(value_of(3), 2);
  EXPECT_EQ(value_of(1), 1) << "so that 3 is the least recently used";
  clock_.advance(6s);
  EXPECT_EQ(value_of(5), 3);
  said();
  EXPECT_EQ(value_of(3), 2);
  EXPECT_EQ(said(), Lines{});
}

TEST_F(AnAgingCache, keeps_nothing_with_no_time_to_live_but_shares_what_is_fetched) {
  Cache cache(fetching(), clock_, {.time_to_live = 0s});
  Deferred<int> one;
  Deferred<int> other;
  cache.get(2, one);
  cache.get(2, other);
  fetching_->callback(20);
  EXPECT_EQ(test::success_result_of(one), 20);
  EXPECT_EQ(test::success_result_of(other), 20);
  one.reset();
  cache.get(2, one);
  EXPECT_TRUE(test::no_result(one));
  fetching_->callback(21);
  EXPECT_EQ(test::success_result_of(one), 21);
  EXPECT_EQ(said(), (Lines{"fetch 2", "fetch 2"}));
}

TEST_F(AnAgingCache, keeps_for_ever_unless_it_is_told_otherwise) {
  Cache cache(fetching(), clock_, {});
  Deferred<int> value;
  cache.get(1, value);
  EXPECT_EQ(test::success_result_of(value), 1);
  clock_.advance(24h * 365 * 1000);
  value.reset();
  cache.get(1, value);
  EXPECT_EQ(test::success_result_of(value), 1);
}

TEST_F(AnAgingCache, cancels_what_nobody_waits_for_when_it_is_told_to) {
  Deferred<int> one;
  Deferred<int> other;
  cache_.get(2, one);
  cache_.get(2, other);
  one.cancel();
  EXPECT_EQ(test::failure_result_of(one), Errc::cancelled);
  cache_.cancel_unwanted();
  EXPECT_EQ(said(), Lines{"fetch 2"}) << "somebody does";
  other.cancel();
  EXPECT_EQ(test::failure_result_of(other), Errc::cancelled);
  cache_.cancel_unwanted();
  cache_.cancel_unwanted();
  EXPECT_EQ(said(), Lines{"cancel 2"});
  one.reset();
  cache_.get(2, one);
  EXPECT_EQ(said(), Lines{"fetch 2"});
  fetching_->callback(20);
  EXPECT_EQ(test::success_result_of(one), 20);
}

}  // namespace
}  // namespace bobbin
