// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/receive_buffer.hpp>

#include <algorithm>
#include <array>
#include <string>

#include <gtest/gtest.h>

#include "support/seed.hpp"

namespace bobbin {
namespace {

template <std::size_t capacity>
struct BufferOf {
  std::array<std::byte, capacity> storage;
  ReceiveBuffer buffer{storage};

  // As much of `text` as there is space for; how much that was.
  std::size_t add(std::string_view text) {
    const MutableBytes space = buffer.space();
    const std::size_t count = std::min(space.size(), text.size());
    std::ranges::copy(bytes_of(text.substr(0, count)), space.begin());
    buffer.add(count);
    return count;
  }
  std::string_view text() const { return text_of(buffer.bytes()); }
};

TEST(ReceiveBuffer, is_empty_at_first_and_has_all_of_its_space) {
  BufferOf<8> of;
  EXPECT_TRUE(of.buffer.empty());
  EXPECT_FALSE(of.buffer.full());
  EXPECT_EQ(of.buffer.space().size(), 8U);
  EXPECT_EQ(of.text(), "");
}

TEST(ReceiveBuffer, offers_what_was_added_in_one_piece) {
  BufferOf<8> of;
  of.add("abc");
  of.add("de");
  EXPECT_EQ(of.text(), "abcde");
  EXPECT_EQ(of.buffer.space().size(), 3U);
}

TEST(ReceiveBuffer, takes_from_the_front_what_is_dropped) {
  BufferOf<8> of;
  of.add("abcde");
  of.buffer.drop(2);
  EXPECT_EQ(of.text(), "cde");
  of.add("fgh");
  EXPECT_EQ(of.text(), "cdefgh");
}

TEST(ReceiveBuffer, is_full_when_there_is_no_space) {
  BufferOf<4> of;
  EXPECT_EQ(of.add("abcde"), 4U);
  EXPECT_TRUE(of.buffer.full());
  EXPECT_TRUE(of.buffer.space().empty());
  EXPECT_EQ(of.text(), "abcd");
}

TEST(ReceiveBuffer, has_space_whenever_it_is_not_full) {
  BufferOf<4> of;
  of.add("abcd");
  of.buffer.drop(1);
  EXPECT_FALSE(of.buffer.full());
  EXPECT_EQ(of.buffer.space().size(), 1U);
  EXPECT_EQ(of.text(), "bcd") << "moved to the front to make room";
  of.add("e");
  EXPECT_EQ(of.text(), "bcde");
}

TEST(ReceiveBuffer, starts_at_its_front_again_when_everything_was_dropped) {
  BufferOf<8> of;
  of.add("abcdef");
  of.buffer.drop(6);
  EXPECT_TRUE(of.buffer.empty());
  EXPECT_EQ(of.buffer.space().data(), of.storage.data());
  EXPECT_EQ(of.buffer.space().size(), 8U);
}

TEST(ReceiveBuffer, moves_bytes_only_when_half_of_it_lies_free_in_front) {
  BufferOf<8> of;
  of.add("abcdefg");
  of.buffer.drop(4);
  EXPECT_EQ(of.buffer.space().data(), of.storage.data() + 7) << "not moved";
  of.buffer.drop(1);
  EXPECT_EQ(of.buffer.space().data(), of.storage.data() + 2) << "moved";
  EXPECT_EQ(of.text(), "fg");
}

TEST(ReceiveBuffer, holds_what_a_queue_of_bytes_holds) {
  test::for_each_seed([](test::Random& random) {
    BufferOf<37> of;
    std::string model;
    char next = 0;
    for (int step = 0; step < 5000; ++step) {
      if (random.one_in(2)) {
        std::string text(random.below(std::size_t{20}), ' ');
        for (char& c : text) c = next++;
        const std::size_t added = of.add(text);
        model += text.substr(0, added);
        next = static_cast<char>(next - static_cast<char>(text.size() - added));
        // Less than asked only where there was no more space behind.
        ASSERT_TRUE(added == text.size() || added > 0 || of.buffer.full());
      } else {
        const std::size_t count = random.below(model.size() + 1);
        of.buffer.drop(count);
        model.erase(0, count);
      }
      ASSERT_EQ(of.text(), model);
      ASSERT_EQ(of.buffer.empty(), model.empty());
      ASSERT_EQ(of.buffer.full(), model.size() == of.storage.size());
      ASSERT_EQ(of.buffer.space().empty(), of.buffer.full());
      ASSERT_EQ(of.text(), model) << "asking for space changes nothing";
    }
  });
}

}  // namespace
}  // namespace bobbin
