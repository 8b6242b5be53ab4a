// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/error.hpp>

#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace bobbin {
namespace {

constexpr auto last = static_cast<unsigned>(Errc::application_error);

TEST(Error, is_none_by_default_and_false) {
  const Error error;
  EXPECT_FALSE(bool(error));
  EXPECT_EQ(error, Errc::ok);
  EXPECT_EQ(error.native, 0);
}

TEST(Error, is_true_for_every_code_but_ok) {
  EXPECT_FALSE(bool(Error(Errc::ok)));
  for (unsigned code = 1; code <= last; ++code) {
    EXPECT_TRUE(bool(Error(static_cast<Errc>(code)))) << code;
  }
}

TEST(Error, carries_the_number_of_the_platform) {
  const Error error(Errc::system_error, -7);
  EXPECT_EQ(error.native, -7);
}

TEST(Error, has_the_nearest_number_to_one_that_does_not_fit) {
  EXPECT_EQ(Error(Errc::system_error, 32767).native, 32767);
  EXPECT_EQ(Error(Errc::system_error, 65536 + 5).native, 32767);
  EXPECT_EQ(Error(Errc::system_error, -65536).native, -32768);
}

TEST(Error, is_compared_by_its_code_whatever_the_platform_said) {
  EXPECT_EQ(Error(Errc::timed_out, 110), Errc::timed_out);
  EXPECT_FALSE(Error(Errc::timed_out) == Errc::cancelled);
}

TEST(Error, is_made_and_asked_in_constant_expressions) {
  static_assert(Error(Errc::no_capacity) == Errc::no_capacity);
  static_assert(!Error());
}

TEST(Describe, has_a_sentence_of_its_own_for_every_code) {
  std::set<std::string_view> sentences;
  for (unsigned code = 0; code <= last; ++code) {
    sentences.insert(describe(static_cast<Errc>(code)));
  }
  EXPECT_EQ(sentences.size(), last + 1);
  EXPECT_EQ(sentences.count("unknown error"), 0U);
}

TEST(Describe, writes_short_lower_case_sentences) {
  for (unsigned code = 0; code <= last; ++code) {
    const std::string_view sentence = describe(static_cast<Errc>(code));
    EXPECT_FALSE(sentence.empty());
    EXPECT_LE(sentence.size(), 45U) << sentence;
    EXPECT_EQ(sentence.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ."), sentence.npos) << sentence;
  }
}

TEST(Describe, knows_what_the_header_promises) {
  EXPECT_EQ(describe(Errc::connection_refused), "connection refused");
  EXPECT_EQ(describe(Error(Errc::connection_refused, 111)), "connection refused");
}

TEST(Describe, calls_a_code_it_does_not_know_unknown) {
  EXPECT_EQ(describe(static_cast<Errc>(last + 1)), "unknown error");
}

TEST(Result, holds_a_value) {
  const Result<int> result = 42;
  ASSERT_TRUE(bool(result));
  EXPECT_EQ(*result, 42);
  EXPECT_EQ(result.value(), 42);
  EXPECT_EQ(result.error(), Errc::ok);
}

TEST(Result, holds_the_reason_why_there_is_no_value) {
  const Result<int> result = Error(Errc::system_error, 5);
  EXPECT_FALSE(bool(result));
  EXPECT_EQ(result.error(), Errc::system_error);
  EXPECT_EQ(result.error().native, 5);
}

TEST(Result, is_made_from_a_code_alone) {
  const Result<int> result = Errc::no_capacity;
  EXPECT_FALSE(bool(result));
  EXPECT_EQ(result.error(), Errc::no_capacity);
}

TEST(Result, gives_the_members_of_its_value) {
  struct Point {
    int x = 0;
    int y = 0;
  };
  const Result<Point> result = Point{1, 2};
  EXPECT_EQ(result->y, 2);
}

TEST(Result, may_hold_a_null_pointer_or_false_and_still_be_true) {
  EXPECT_TRUE(bool(Result<int*>(static_cast<int*>(nullptr))));
  EXPECT_TRUE(bool(Result<bool>(false)));
}

#ifndef BOBBIN_NO_ASSERTIONS
TEST(ResultDeathTest, has_no_value_beside_an_error) {
  const Result<int> result = Errc::no_capacity;
  EXPECT_DEATH(static_cast<void>(*result), "");
}

TEST(ResultDeathTest, is_not_made_from_no_error) {
  EXPECT_DEATH(static_cast<void>(Result<int>(Error())), "");
}
#endif

}  // namespace
}  // namespace bobbin
