// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/pool.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/seed.hpp"

namespace bobbin {
namespace {

TEST(Pool, gives_an_object_for_each_of_its_places_and_then_none) {
  Pool<int, 2> pool;
  int* first = pool.emplace(1);
  int* second = pool.emplace(2);
  ASSERT_NE(first, nullptr);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(pool.emplace(3), nullptr);
  EXPECT_EQ(*first, 1);
  EXPECT_EQ(*second, 2);
}

TEST(Pool, has_room_until_it_is_full_and_again_after_a_release) {
  Pool<int, 1> pool;
  EXPECT_TRUE(pool.has_room());
  int* object = pool.emplace(1);
  EXPECT_FALSE(pool.has_room());
  pool.release(*object);
  EXPECT_TRUE(pool.has_room());
  EXPECT_NE(pool.emplace(2), nullptr);
}

TEST(Pool, gives_out_the_place_used_last_first) {
  Pool<int, 3> pool;
  int* a = pool.emplace(1);
  int* b = pool.emplace(2);
  pool.release(*a);
  pool.release(*b);
  EXPECT_EQ(pool.emplace(3), b);
  EXPECT_EQ(pool.emplace(4), a);
}

TEST(Pool, finds_an_object_by_its_handle) {
  Pool<int, 2> pool;
  pool.emplace(1);
  int* object = pool.emplace(2);
  EXPECT_EQ(pool.find(pool.handle(*object)), object);
}

TEST(Pool, finds_nothing_by_the_handle_of_a_released_object) {
  Pool<int, 1> pool;
  int* object = pool.emplace(1);
  const Handle handle = pool.handle(*object);
  pool.release(*object);
  EXPECT_EQ(pool.find(handle), nullptr);
}

TEST(Pool, finds_nothing_by_an_old_handle_when_the_place_was_used_again) {
  Pool<int, 1> pool;
  int* first = pool.emplace(1);
  const Handle old = pool.handle(*first);
  pool.release(*first);
  int* second = pool.emplace(2);
  EXPECT_EQ(second, first);
  EXPECT_EQ(pool.find(old), nullptr);
  EXPECT_FALSE(pool.handle(*second) == old);
}

TEST(Pool, finds_nothing_by_the_default_handle) {
  Pool<int, 1> pool;
  EXPECT_EQ(pool.find({}), nullptr);
  pool.emplace(1);
  EXPECT_EQ(pool.find({}), nullptr);
}

TEST(Pool, finds_nothing_by_a_handle_beyond_its_places) {
  Pool<int, 1> pool;
  pool.emplace(1);
  EXPECT_EQ(pool.find({.index = 1, .generation = 1}), nullptr);
  EXPECT_EQ(pool.find({.index = SlotPool::none, .generation = 1}), nullptr);
}

TEST(Pool, counts_its_use) {
  Pool<int, 2> pool;
  int* object = pool.emplace(1);
  pool.emplace(2);
  pool.emplace(3);
  pool.emplace(4);
  pool.release(*object);
  EXPECT_EQ(pool.use().capacity, 2U);
  EXPECT_EQ(pool.use().in_use, 1U);
  EXPECT_EQ(pool.use().high_water, 2U);
  EXPECT_EQ(pool.use().refused, 2U);
}

TEST(Pool, passes_arguments_through_to_the_object) {
  struct Pair {
    Pair(int& by_reference, std::unique_ptr<int> owned)
        : reference(by_reference), pointer(std::move(owned)) {}
    int& reference;
    std::unique_ptr<int> pointer;
  };
  int value = 1;
  Pool<Pair, 1> pool;
  Pair* pair = pool.emplace(value, std::make_unique<int>(2));
  EXPECT_EQ(&pair->reference, &value);
  EXPECT_EQ(*pair->pointer, 2);
}

TEST(Pool, destroys_an_object_when_it_is_released) {
  auto shared = std::make_shared<int>(1);
  Pool<std::shared_ptr<int>, 1> pool;
  auto* object = pool.emplace(shared);
  EXPECT_EQ(shared.use_count(), 2);
  pool.release(*object);
  EXPECT_EQ(shared.use_count(), 1);
}

TEST(Pool, destroys_the_objects_still_in_use_and_no_others_when_it_goes) {
  auto shared = std::make_shared<int>(1);
  {
    Pool<std::shared_ptr<int>, 3> pool;
    auto* released = pool.emplace(shared);
    pool.emplace(shared);
    pool.release(*released);
    EXPECT_EQ(shared.use_count(), 2);
  }
  EXPECT_EQ(shared.use_count(), 1);
}

TEST(Pool, aligns_its_objects) {
  struct alignas(64) Aligned {
    char value;
  };
  Pool<Aligned, 2> pool;
  pool.emplace();
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pool.emplace()) % 64, 0U);
}

TEST(SlotPool, counts_refusals_that_its_owner_reports) {
  SlotPool::Slot slots[1];
  SlotPool pool(slots);
  pool.count_refusal();
  EXPECT_EQ(pool.use().refused, 1U);
}

TEST(SlotPool, of_no_slots_refuses_everything) {
  SlotPool pool({});
  EXPECT_FALSE(pool.has_room());
  EXPECT_EQ(pool.acquire(), SlotPool::none);
  EXPECT_FALSE(pool.holds({}));
}

// A pool as a map from handles to values, and a list of the handles that were released.
class PoolModel {
 public:
  void step(test::Random& random) {
    if (random.one_in(2)) {
      emplace(random.bits());
    } else if (!live_.empty()) {
      release(random.below(live_.size()));
    }
    check();
  }

 private:
  static constexpr std::size_t capacity = 7;
  using Key = std::pair<std::uint32_t, std::uint32_t>;

  static Handle handle(const Key& key) { return {.index = key.first, .generation = key.second}; }

  void emplace(std::uint64_t value) {
    std::uint64_t* object = pool_.emplace(value);
    ASSERT_EQ(object == nullptr, live_.size() == capacity);
    if (object == nullptr) {
      ++refused_;
      return;
    }
    const Handle handle = pool_.handle(*object);
    const Key key(handle.index, handle.generation);
    ASSERT_TRUE(live_.emplace(key, value).second);
    high_water_ = std::max(high_water_, live_.size());
  }

  void release(std::size_t which) {
    const auto it = std::next(live_.begin(), static_cast<long>(which));
    pool_.release(*pool_.find(handle(it->first)));
    released_.push_back(it->first);
    live_.erase(it);
  }

  void check() {
    ASSERT_EQ(pool_.use().in_use, live_.size());
    ASSERT_EQ(pool_.use().high_water, high_water_);
    ASSERT_EQ(pool_.use().refused, refused_);
    ASSERT_EQ(pool_.has_room(), live_.size() < capacity);
    for (const auto& [key, value] : live_) {
      const std::uint64_t* object = pool_.find(handle(key));
      ASSERT_NE(object, nullptr);
      ASSERT_EQ(*object, value);
    }
    for (const Key& key : released_) ASSERT_EQ(pool_.find(handle(key)), nullptr);
  }

  Pool<std::uint64_t, capacity> pool_;
  std::map<Key, std::uint64_t> live_;
  std::vector<Key> released_;
  std::size_t high_water_ = 0;
  std::size_t refused_ = 0;
};

TEST(Pool, behaves_as_a_map_of_handles_whatever_is_done_to_it) {
  test::for_each_seed([](test::Random& random) {
    PoolModel model;
    for (int i = 0; i < 2000 && !testing::Test::HasFailure(); ++i) model.step(random);
  });
}

#ifndef BOBBIN_NO_ASSERTIONS
TEST(SlotPoolDeathTest, does_not_release_a_slot_twice) {
  SlotPool::Slot slots[2];
  SlotPool pool(slots);
  const std::uint32_t index = pool.acquire();
  pool.release(index);
  EXPECT_DEATH(pool.release(index), "");
}

TEST(SlotPoolDeathTest, does_not_release_a_slot_it_does_not_have) {
  SlotPool::Slot slots[2];
  SlotPool pool(slots);
  EXPECT_DEATH(pool.release(2), "");
}
#endif

}  // namespace
}  // namespace bobbin
