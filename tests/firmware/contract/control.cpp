// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// The stand-in for GoogleTest finds what is wrong: all of these fail but those called right.

#include <string>

#include <gtest/gtest.h>

namespace {

class Plain : public testing::Test {
 protected:
  ~Plain() override { EXPECT_FALSE(fails_at_the_end_); }
  bool fails_at_the_end_ = false;
};

TEST_F(Plain, right) {
  EXPECT_TRUE(true);
  EXPECT_EQ(std::string("a"), "a") << "not said";
  ASSERT_GE(2, 2);
}
TEST_F(Plain, expect_true) { EXPECT_TRUE(false) << "with " << 1 << " message"; }
TEST_F(Plain, expect_false) { EXPECT_FALSE(true); }
TEST_F(Plain, expect_eq) { EXPECT_EQ(std::string("left"), "right"); }
TEST_F(Plain, expect_ne) { EXPECT_NE(1, 1); }
TEST_F(Plain, expect_lt) { EXPECT_LT(1, 1); }
TEST_F(Plain, expect_le) { EXPECT_LE(2, 1); }
TEST_F(Plain, expect_gt) { EXPECT_GT(1, 1); }
TEST_F(Plain, expect_ge) { EXPECT_GE(1, 2); }
TEST_F(Plain, a_false_assertion_ends_the_test) {
  ASSERT_TRUE(false);
  EXPECT_TRUE(false) << "not reached";
}
TEST_F(Plain, in_the_destructor) { fails_at_the_end_ = true; }

class Valued : public testing::Test, public testing::WithParamInterface<int> {};

TEST_P(Valued, is_one) { EXPECT_EQ(GetParam(), 1); }

INSTANTIATE_TEST_SUITE_P(By, Valued, testing::Values(1, 2),
                         [](const testing::TestParamInfo<int>& info) {
                           return std::to_string(info.param);
                         });

}  // namespace
