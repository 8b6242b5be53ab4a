// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/ring.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "support/seed.hpp"

namespace bobbin {
namespace {

template <std::size_t capacity>
struct RingOf {
  std::array<std::byte, capacity> storage{};
  Ring ring{storage};
};

std::string joined(const TwoSpans& spans) {
  return std::string(text_of(spans.first)) + std::string(text_of(spans.second));
}

void hand_over_and_release(Ring& ring, std::size_t count) {
  ring.hand_over(count);
  ring.release(count);
}

TEST(Ring, is_empty_at_first) {
  RingOf<8> of;
  EXPECT_TRUE(of.ring.empty());
  EXPECT_EQ(of.ring.capacity(), 8U);
  EXPECT_EQ(of.ring.size(), 0U);
  EXPECT_EQ(of.ring.unsent(), 0U);
  EXPECT_EQ(of.ring.room(), 8U);
  EXPECT_EQ(of.ring.unsent_spans().size(), 0U);
}

TEST(Ring, gives_back_what_was_appended_in_order) {
  RingOf<8> of;
  EXPECT_EQ(of.ring.append(bytes_of("abc")), 3U);
  EXPECT_EQ(of.ring.append(bytes_of("de")), 2U);
  EXPECT_EQ(joined(of.ring.unsent_spans()), "abcde");
  EXPECT_EQ(of.ring.size(), 5U);
  EXPECT_EQ(of.ring.room(), 3U);
  EXPECT_FALSE(of.ring.empty());
}

TEST(Ring, can_be_filled_to_its_last_byte) {
  RingOf<4> of;
  EXPECT_EQ(of.ring.append(bytes_of("abcd")), 4U);
  EXPECT_EQ(of.ring.room(), 0U);
  EXPECT_EQ(joined(of.ring.unsent_spans()), "abcd");
}

TEST(Ring, takes_as_much_as_fits_and_says_how_much) {
  RingOf<4> of;
  EXPECT_EQ(of.ring.append(bytes_of("abcdef")), 4U);
  EXPECT_EQ(of.ring.append(bytes_of("g")), 0U);
  EXPECT_EQ(joined(of.ring.unsent_spans()), "abcd");
}

TEST(Ring, appends_nothing_when_given_nothing) {
  RingOf<4> of;
  EXPECT_EQ(of.ring.append({}), 0U);
  EXPECT_TRUE(of.ring.empty());
}

TEST(Ring, leaves_the_bytes_free_that_are_to_be_kept_free) {
  RingOf<8> of;
  EXPECT_EQ(of.ring.append(bytes_of("abcdefgh"), 3), 5U);
  EXPECT_EQ(of.ring.append(bytes_of("x"), 3), 0U);
  EXPECT_EQ(of.ring.append(bytes_of("xyz")), 3U);
}

TEST(Ring, appends_nothing_when_more_is_to_be_kept_free_than_there_is) {
  RingOf<4> of;
  EXPECT_EQ(of.ring.append(bytes_of("a"), 5), 0U);
  EXPECT_TRUE(of.ring.reserve(5).empty());
}

TEST(Ring, keeps_bytes_that_were_handed_over_until_they_are_released) {
  RingOf<4> of;
  of.ring.append(bytes_of("abcd"));
  of.ring.hand_over(3);
  EXPECT_EQ(of.ring.unsent(), 1U);
  EXPECT_EQ(of.ring.size(), 4U);
  EXPECT_EQ(of.ring.room(), 0U);
  EXPECT_EQ(joined(of.ring.unsent_spans()), "d");
}

TEST(Ring, has_room_again_for_what_was_released) {
  RingOf<4> of;
  of.ring.append(bytes_of("abcd"));
  of.ring.hand_over(3);
  of.ring.release(2);
  EXPECT_EQ(of.ring.room(), 2U);
  EXPECT_EQ(of.ring.unsent(), 1U);
  EXPECT_EQ(of.ring.append(bytes_of("efg")), 2U);
  EXPECT_EQ(joined(of.ring.unsent_spans()), "def");
}

TEST(Ring, shows_bytes_that_wrap_around_its_end_in_two_pieces) {
  RingOf<4> of;
  of.ring.append(bytes_of("abc"));
  hand_over_and_release(of.ring, 2);
  of.ring.append(bytes_of("def"));
  const TwoSpans spans = of.ring.unsent_spans();
  EXPECT_EQ(text_of(spans.first), "cd");
  EXPECT_EQ(text_of(spans.second), "ef");
  EXPECT_EQ(spans.size(), 4U);
}

TEST(Ring, shows_one_piece_once_the_first_was_handed_over) {
  RingOf<4> of;
  of.ring.append(bytes_of("abc"));
  hand_over_and_release(of.ring, 2);
  of.ring.append(bytes_of("def"));
  of.ring.hand_over(2);
  EXPECT_EQ(text_of(of.ring.unsent_spans().first), "ef");
  EXPECT_TRUE(of.ring.unsent_spans().second.empty());
}

TEST(Ring, never_moves_bytes_while_they_are_in_it) {
  RingOf<4> of;
  of.ring.append(bytes_of("abc"));
  hand_over_and_release(of.ring, 2);
  const std::byte* c = of.ring.unsent_spans().first.data();
  of.ring.hand_over(1);
  of.ring.append(bytes_of("def"));
  EXPECT_EQ(static_cast<char>(*c), 'c');
  EXPECT_EQ(of.ring.unsent_spans().first.data(), c + 1);
}

TEST(Ring, starts_over_at_its_edge_when_it_became_empty) {
  RingOf<4> of;
  of.ring.append(bytes_of("abc"));
  hand_over_and_release(of.ring, 3);
  of.ring.append(bytes_of("wxyz"));
  EXPECT_EQ(text_of(of.ring.unsent_spans().first), "wxyz");
}

TEST(Ring, has_appended_nothing_that_was_reserved_and_not_committed) {
  RingOf<4> of;
  const MutableBytes space = of.ring.reserve();
  EXPECT_EQ(space.size(), 4U);
  space[0] = std::byte{'a'};
  EXPECT_TRUE(of.ring.empty());
  of.ring.commit(1);
  EXPECT_EQ(joined(of.ring.unsent_spans()), "a");
}

TEST(Ring, reserves_up_to_its_edge_and_then_what_lies_before_the_oldest_byte) {
  RingOf<8> of;
  of.ring.append(bytes_of("abcdef"));
  hand_over_and_release(of.ring, 3);
  EXPECT_EQ(of.ring.reserve().size(), 2U);
  of.ring.append(bytes_of("gh"));
  EXPECT_EQ(of.ring.reserve().size(), 3U);
  EXPECT_EQ(of.ring.reserve().data(), of.storage.data());
}

TEST(Ring, reserves_less_by_what_is_to_be_kept_free) {
  RingOf<8> of;
  EXPECT_EQ(of.ring.reserve(3).size(), 5U);
  of.ring.append(bytes_of("abcdef"));
  hand_over_and_release(of.ring, 3);
  EXPECT_EQ(of.ring.reserve(3).size(), 2U);
  EXPECT_EQ(of.ring.reserve(4).size(), 1U);
  EXPECT_TRUE(of.ring.reserve(5).empty());
}

TEST(Ring, is_empty_and_starts_at_its_edge_once_cleared) {
  RingOf<4> of;
  of.ring.append(bytes_of("abc"));
  hand_over_and_release(of.ring, 1);
  of.ring.hand_over(1);
  of.ring.clear();
  EXPECT_TRUE(of.ring.empty());
  EXPECT_EQ(of.ring.unsent(), 0U);
  EXPECT_EQ(of.ring.reserve().size(), 4U);
  EXPECT_EQ(of.ring.reserve().data(), of.storage.data());
}

TEST(Ring, of_one_byte_works) {
  RingOf<1> of;
  for (const char* byte : {"a", "b"}) {
    EXPECT_EQ(of.ring.append(bytes_of(byte)), 1U);
    EXPECT_EQ(joined(of.ring.unsent_spans()), byte);
    hand_over_and_release(of.ring, 1);
  }
}

// The ring as two queues of bytes: what the carrier still holds, and what is still ours.
class RingModel {
 public:
  explicit RingModel(std::size_t capacity) : storage_(capacity), ring_(storage_) {}

  void step(test::Random& random) {
    switch (random.below(5U)) {
      case 0: return append(random.below(ring_.capacity() + 2), random.below(4U));
      case 1: return reserve_and_commit(random);
      case 2: return hand_over(random.below(unsent_.size() + 1));
      case 3: return release(random.below(held_.size() + 1));
      default: return random.one_in(50) ? clear() : check();
    }
  }

  void check() const {
    ASSERT_EQ(ring_.size(), held_.size() + unsent_.size());
    ASSERT_EQ(ring_.unsent(), unsent_.size());
    ASSERT_EQ(ring_.room(), ring_.capacity() - ring_.size());
    ASSERT_EQ(ring_.empty(), held_.empty() && unsent_.empty());
    const std::string expected(unsent_.begin(), unsent_.end());
    ASSERT_EQ(joined(ring_.unsent_spans()), expected);
    // Handed over, but where the carrier was told that they lie.
    for (const Held& held : held_) ASSERT_EQ(static_cast<char>(*held.place), held.value);
  }

 private:
  struct Held {
    const std::byte* place;
    char value;
  };

  void append(std::size_t count, std::size_t keep_free) {
    std::string text;
    while (text.size() < count) text.push_back(next_++);
    const std::size_t room = ring_.room() > keep_free ? ring_.room() - keep_free : 0;
    const std::size_t taken = ring_.append(bytes_of(text), keep_free);
    ASSERT_EQ(taken, std::min(count, room));
    unsent_.insert(unsent_.end(), text.begin(), text.begin() + static_cast<long>(taken));
    check();
  }

  void reserve_and_commit(test::Random& random) {
    const MutableBytes space = ring_.reserve();
    ASSERT_EQ(space.empty(), ring_.room() == 0);
    const std::size_t count = random.below(space.size() + 1);
    for (std::size_t i = 0; i < count; ++i) {
      unsent_.push_back(next_);
      space[i] = std::byte(next_++);
    }
    ring_.commit(count);
    check();
  }

  void hand_over(std::size_t count) {
    const TwoSpans spans = ring_.unsent_spans();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t first = spans.first.size();
      held_.push_back({i < first ? &spans.first[i] : &spans.second[i - first], unsent_.front()});
      unsent_.pop_front();
    }
    ring_.hand_over(count);
    check();
  }

  void release(std::size_t count) {
    held_.erase(held_.begin(), held_.begin() + static_cast<long>(count));
    ring_.release(count);
    check();
  }

  void clear() {
    held_.clear();
    unsent_.clear();
    ring_.clear();
    check();
  }

  std::vector<std::byte> storage_;
  Ring ring_;
  std::deque<Held> held_;
  std::deque<char> unsent_;
  char next_ = 0;
};

TEST(Ring, behaves_as_two_queues_whatever_is_done_to_it) {
  test::for_each_seed([](test::Random& random) {
    RingModel model(1 + random.below(33U));
    for (int i = 0; i < 5000 && !testing::Test::HasFailure(); ++i) model.step(random);
  });
}

#ifndef BOBBIN_NO_ASSERTIONS
TEST(RingDeathTest, commits_no_more_than_there_is_room_for) {
  RingOf<4> of;
  EXPECT_DEATH(of.ring.commit(5), "");
}

TEST(RingDeathTest, hands_over_no_more_than_is_unsent) {
  RingOf<4> of;
  of.ring.append(bytes_of("ab"));
  of.ring.hand_over(1);
  EXPECT_DEATH(of.ring.hand_over(2), "");
}

TEST(RingDeathTest, releases_no_more_than_was_handed_over) {
  RingOf<4> of;
  of.ring.append(bytes_of("ab"));
  of.ring.hand_over(1);
  EXPECT_DEATH(of.ring.release(2), "");
}
#endif

}  // namespace
}  // namespace bobbin
