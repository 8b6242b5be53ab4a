// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/backoff.hpp>

#include <chrono>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace bobbin {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t largest = std::numeric_limits<std::uint32_t>::max();

std::vector<Duration> waits(Backoff& backoff, int count) {
  std::vector<Duration> result;
  for (int i = 0; i < count; ++i) result.push_back(backoff.next());
  return result;
}

TEST(ABackoff, grows_as_twisteds_does_up_to_an_hour) {
  bobbin::Random random(1);
  Backoff backoff({.jitter_permille = 0}, random);
  const std::vector<Duration> expected{1s,           2718ms,      7387524us,   20079290us,
                                       54575510us,   148336236us, 403177889us, 1095837502us,
                                       2978486330us, 1h,          1h};
  EXPECT_EQ(waits(backoff, 11), expected);
  backoff.reset();
  EXPECT_EQ(backoff.next(), 1s);
  EXPECT_EQ(backoff.next(), 2718ms);
}

TEST(ABackoff, stays_where_it_is_with_a_factor_of_one) {
  bobbin::Random random(1);
  Backoff backoff({.initial = 5s, .factor_permille = 1000, .jitter_permille = 0}, random);
  EXPECT_EQ(waits(backoff, 3), (std::vector<Duration>{5s, 5s, 5s}));
}

TEST(ABackoff, waits_no_longer_than_its_limit_whatever_the_factor) {
  bobbin::Random random(1);
  const Duration year = 365 * 24h;
  for (const Duration initial : {Duration(1), Duration(999), Duration(1'000'000), year}) {
    Backoff backoff(
        {.initial = initial, .max = year, .factor_permille = largest, .jitter_permille = 0},
        random);
    EXPECT_EQ(backoff.next(), initial);
    Duration last = initial;
    for (int i = 0; i < 5; ++i) {
      const Duration next = backoff.next();
      EXPECT_GE(next, last);
      last = next;
    }
    EXPECT_EQ(last, year);
  }
}

TEST(ABackoff, has_a_jitter_of_the_deviation_it_is_told) {
  bobbin::Random random(20240229);
  Backoff backoff({.initial = 1s, .max = 1s}, random);
  constexpr int count = 100'000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < count; ++i) {
    const Duration wait = backoff.next();
    ASSERT_GE(wait, 1s - 6 * 120ms);
    ASSERT_LE(wait, 1s + 6 * 120ms);
    const double off = static_cast<double>((wait - 1s).count());
    sum += off;
    squares += off * off;
  }
  EXPECT_NEAR(sum / count, 0, 2'000);
  EXPECT_NEAR(std::sqrt(squares / count), 120'000, 2'000);
}

TEST(ABackoff, adds_no_jitter_to_the_next_wait) {
  bobbin::Random random(7);
  Backoff backoff({.initial = 1s, .max = 100s, .factor_permille = 2000}, random);
  for (Duration nominal = 1s; nominal < 100s; nominal *= 2) {
    const Duration wait = backoff.next();
    EXPECT_NE(wait, nominal) << "by chance once in a hundred thousand seeds";
    EXPECT_LE(wait, nominal * 172 / 100);
    EXPECT_GE(wait, nominal * 28 / 100);
  }
}

TEST(ABackoff, never_waits_less_than_nothing) {
  bobbin::Random random(3);
  const Duration year = 365 * 24h;
  Backoff backoff({.initial = year, .max = year, .jitter_permille = 1000}, random);
  int none = 0;
  for (int i = 0; i < 1000; ++i) {
    const Duration wait = backoff.next();
    ASSERT_GE(wait, 0s);
    ASSERT_LE(wait, 7 * year);
    if (wait == 0s) ++none;
  }
  EXPECT_GT(none, 100);
  EXPECT_LT(none, 220) << "a sixth of all";
}

TEST(ABackoff, follows_from_its_seed) {
  bobbin::Random one(42);
  bobbin::Random same(42);
  bobbin::Random other(43);
  Backoff first({}, one);
  Backoff second({}, same);
  Backoff third({}, other);
  const std::vector<Duration> expected = waits(first, 8);
  EXPECT_EQ(waits(second, 8), expected);
  EXPECT_NE(waits(third, 8), expected);
}

TEST(ABackoff, has_options_that_are_checked) {
  const Duration year = 365 * 24h;
  EXPECT_TRUE(valid(BackoffOptions{}));
  EXPECT_TRUE(valid({.initial = 1us, .max = 1us, .factor_permille = 1000}));
  EXPECT_TRUE(valid({.initial = year, .max = year, .jitter_permille = 1000}));
  EXPECT_FALSE(valid({.initial = 0us}));
  EXPECT_FALSE(valid({.initial = -1us}));
  EXPECT_FALSE(valid({.initial = 2s, .max = 1s}));
  EXPECT_FALSE(valid({.initial = 1s, .max = year + 1us}));
  EXPECT_FALSE(valid({.factor_permille = 999}));
  EXPECT_FALSE(valid({.jitter_permille = 1001}));
}

}  // namespace
}  // namespace bobbin
