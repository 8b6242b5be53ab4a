// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/date.hpp>

#include <chrono>
#include <cstdint>
#include <ctime>
#include <string>

#include <gtest/gtest.h>

#include "support/seed.hpp"

namespace bobbin::http {
namespace {

using namespace std::chrono_literals;

std::string written(WallTime time) {
  char place[date_size];
  return std::string(write_date(time, place));
}
WallTime at(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

// As the system's library writes it.
std::string formatted(WallTime time, const char* format) {
  const auto seconds = static_cast<std::time_t>(time.time_since_epoch().count());
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char place[64];
  return std::string(place, std::strftime(place, sizeof place, format, &parts));
}

constexpr std::int64_t example = 784111777;

TEST(Date, is_written_in_the_form_that_is_not_obsolete) {
  EXPECT_EQ(written(at(example)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(written(at(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(written(at(-1)), "Wed, 31 Dec 1969 23:59:59 GMT");
  EXPECT_EQ(written(at(951782400)), "Tue, 29 Feb 2000 00:00:00 GMT");
  EXPECT_EQ(written(at(253402300799)), "Fri, 31 Dec 9999 23:59:59 GMT");
  EXPECT_EQ(written(at(253402300800)), "") << "five digits";
}

TEST(Date, is_read_in_each_of_the_three_forms) {
  for (const char* const text : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                                 "Sun Nov  6 08:49:37 1994"}) {
    EXPECT_EQ(parse_date(text), at(example)) << text;
  }
  EXPECT_EQ(parse_date("Wed Nov 16 08:49:37 1994"), at(example + 864000));
}

TEST(Date, is_none_if_anything_is_wrong) {
  for (const char* const text : {"",
                                 "Sun",
                                 "Sun,",
                                 "Sun, 06 Nov 1994 08:49:37",
                                 "Sun, 06 Nov 1994 08:49:37 UTC",
                                 "Sun, 06 Nov 1994 08:49:37 GMT ",
                                 " Sun, 06 Nov 1994 08:49:37 GMT",
                                 "sun, 06 Nov 1994 08:49:37 GMT",
                                 "Son, 06 Nov 1994 08:49:37 GMT",
                                 "Sun, 6 Nov 1994 08:49:37 GMT",
                                 "Sun, 006 Nov 1994 08:49:37 GMT",
                                 "Sun, 06 nov 1994 08:49:37 GMT",
                                 "Sun, 06 anF 1994 08:49:37 GMT",
                                 "Sun, 06 Nov 94 08:49:37 GMT",
                                 "Sun, 06 Nov 1994 8:49:37 GMT",
                                 "Sun, 06 Nov 1994 24:00:00 GMT",
                                 "Sun, 06 Nov 1994 08:60:37 GMT",
                                 "Sun, 06 Nov 1994 08:49:61 GMT",
                                 "Sun, 31 Nov 1994 08:49:37 GMT",
                                 "Sun, 29 Feb 1900 08:49:37 GMT",
                                 "Sun, 00 Nov 1994 08:49:37 GMT",
                                 "Sun, +6 Nov 1994 08:49:37 GMT",
                                 "Sunday, 06 Nov 1994 08:49:37 GMT",
                                 "Sun, 06-Nov-94 08:49:37 GMT",
                                 "Sunday, 06-Nov-1994 08:49:37 GMT",
                                 "Sunday 06-Nov-94 08:49:37 GMT",
                                 "Sun Nov 6 08:49:37 1994",
                                 "Sun Nov 06 08:49:37 94",
                                 "Sun Nov  6 08:49:37 1994 GMT",
                                 "1994-11-06T08:49:37Z",
                                 "784111777",
                                 "0"}) {
    EXPECT_EQ(parse_date(text), std::nullopt) << text;
  }
  EXPECT_TRUE(parse_date("Fri, 31 Dec 1999 23:59:60 GMT")) << "a leap second";
}

TEST(Date, has_a_year_of_two_digits_that_is_not_far_ahead) {
  const auto year = [](const char* text, std::optional<WallTime> now) {
    const auto date = parse_date(text, now);
    EXPECT_TRUE(date);
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(*date));
    return static_cast<int>(day.year());
  };
  const WallTime in_2026 = *parse_date("Sat, 21 Nov 2026 00:00:00 GMT");
  EXPECT_EQ(year("Sunday, 06-Nov-76 08:49:37 GMT", in_2026), 2076);
  EXPECT_EQ(year("Sunday, 06-Nov-77 08:49:37 GMT", in_2026), 1977);
  EXPECT_EQ(year("Sunday, 06-Nov-00 08:49:37 GMT", in_2026), 2000);
  EXPECT_EQ(year("Sunday, 06-Nov-99 08:49:37 GMT", in_2026), 1999);
  EXPECT_EQ(year("Sunday, 06-Nov-70 08:49:37 GMT", {}), 1970);
  EXPECT_EQ(year("Sunday, 06-Nov-69 08:49:37 GMT", {}), 2069);
}

TEST(Date, is_the_one_the_system_knows) {
  // Where the system's time has 32 bits it knows no later one.
  const std::uint64_t end = sizeof(std::time_t) == 4 ? INT32_MAX : 253402300800ULL;
  test::for_each_seed([&](test::Random& random) {
    for (int round = 0; round < 2000; ++round) {
      const WallTime time = at(static_cast<std::int64_t>(random.below(end)));
      const std::string text = written(time);
      ASSERT_EQ(text, formatted(time, "%a, %d %b %Y %H:%M:%S GMT"));
      ASSERT_EQ(parse_date(text), time);
      ASSERT_EQ(parse_date(formatted(time, "%a %b %e %H:%M:%S %Y")), time);
      const std::string obsolete = formatted(time, "%A, %d-%b-%y %H:%M:%S GMT");
      ASSERT_EQ(parse_date(obsolete, time), time) << obsolete;
    }
  });
}

WallTime now = at(example);
bool known = true;

TEST(DateClock, tells_the_time_where_it_is_known) {
  DateClock clock(
      []() -> std::optional<WallTime> { return known ? std::optional(now) : std::nullopt; });
  known = false;
  EXPECT_EQ(clock.text(), "");
  known = true;
  EXPECT_EQ(clock.text(), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(clock.text(), "Sun, 06 Nov 1994 08:49:37 GMT");
  now += 1s;
  EXPECT_EQ(clock.text(), "Sun, 06 Nov 1994 08:49:38 GMT");
}

}  // namespace
}  // namespace bobbin::http
