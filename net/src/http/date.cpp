// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/date.hpp>

#include <algorithm>
#include <cstdint>

#include "syntax.hpp"

namespace bobbin::http {

namespace {

using std::chrono::days;
using std::chrono::seconds;
using std::chrono::year_month_day;

constexpr std::string_view day_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                          "Thursday", "Friday", "Saturday"};
constexpr std::string_view month_names = "JanFebMarAprMayJunJulAugSepOctNovDec";

// How many years after now a year of two digits may be.
constexpr int years_ahead = 50;
constexpr int year_without_clock = 2069 - years_ahead;

// Puts a text together from parts whose sizes are known.
class Writer {
 public:
  explicit Writer(char* at) : at_(at) {}
  Writer& text(std::string_view text) {
    at_ = std::copy(text.begin(), text.end(), at_);
    return *this;
  }
  Writer& number(std::int64_t value, int digits) {
    for (int i = digits; i-- > 0; value /= 10) at_[i] = static_cast<char>('0' + value % 10);
    at_ += digits;
    return *this;
  }

 private:
  char* at_;
};

// Takes the parts of a date off the front; once something is not as it should be, all fails.
class DateParser {
 public:
  explicit DateParser(std::string_view text) : rest_(text) {}

  bool take(std::string_view expected) {
    const bool found = rest_.starts_with(expected);
    if (found) rest_.remove_prefix(expected.size());
    return found;
  }
  void expect(std::string_view expected) { good_ = take(expected) && good_; }

  int number(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const bool is_one = good_ && !rest_.empty() && is_digit(rest_.front());
      if (!is_one) return fail();
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }

  // " 6" or "16".
  int padded_number() { return take(" ") ? number(1) : number(2); }

  unsigned month() {
    const std::string_view name = before(rest_, 3);
    const std::size_t at = name.size() == 3 ? month_names.find(name) : month_names.npos;
    if (at == month_names.npos || at % 3 != 0) return static_cast<unsigned>(fail());
    rest_.remove_prefix(3);
    return static_cast<unsigned>(at / 3 + 1);
  }

  seconds time_of_day() {
    const int hour = number(2);
    expect(":");
    const int minute = number(2);
    expect(":");
    const int second = number(2);
    if (hour > 23 || minute > 59 || second > 60) fail();
    return seconds(hour * 3600 + minute * 60 + second);
  }

  int fail() {
    good_ = false;
    return 0;
  }
  bool good() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

struct Day {
  int year = 0;
  unsigned month = 0;
  int day = 0;
};

std::optional<WallTime> time_of(const DateParser& parser, const Day& day, seconds time) {
  const year_month_day date(std::chrono::year(day.year), std::chrono::month(day.month),
                            std::chrono::day(static_cast<unsigned>(day.day)));
  if (!parser.good() || !date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + time;
}

int year_of(WallTime time) {
  return static_cast<int>(year_month_day(std::chrono::floor<days>(time)).year());
}

int full_year(int two_digits, std::optional<WallTime> now) {
  const int last = (now ? year_of(*now) : year_without_clock) + years_ahead;
  const int behind = (last - two_digits) % 100;
  return last - (behind < 0 ? behind + 100 : behind);
}

// "06 Nov 1994 08:49:37 GMT"
std::optional<WallTime> parse_fixed(DateParser parser) {
  Day day;
  day.day = parser.number(2);
  parser.expect(" ");
  day.month = parser.month();
  parser.expect(" ");
  day.year = parser.number(4);
  parser.expect(" ");
  const seconds time = parser.time_of_day();
  parser.expect(" GMT");
  return time_of(parser, day, time);
}

// "06-Nov-94 08:49:37 GMT"
std::optional<WallTime> parse_rfc850(DateParser parser, std::optional<WallTime> now) {
  Day day;
  day.day = parser.number(2);
  parser.expect("-");
  day.month = parser.month();
  parser.expect("-");
  day.year = full_year(parser.number(2), now);
  parser.expect(" ");
  const seconds time = parser.time_of_day();
  parser.expect(" GMT");
  return time_of(parser, day, time);
}

// "Nov  6 08:49:37 1994"
std::optional<WallTime> parse_asctime(DateParser parser) {
  Day day;
  day.month = parser.month();
  parser.expect(" ");
  day.day = parser.padded_number();
  parser.expect(" ");
  const seconds time = parser.time_of_day();
  parser.expect(" ");
  day.year = parser.number(4);
  return time_of(parser, day, time);
}

}  // namespace

std::string_view write_date(WallTime time, std::span<char, date_size> place) {
  const auto day = std::chrono::floor<days>(time);
  const year_month_day date(day);
  const int year = static_cast<int>(date.year());
  if (year < 0 || year > 9999) return {};
  const unsigned month = static_cast<unsigned>(date.month());
  const auto second = (time - day).count();
  Writer(place.data())
      .text(before(day_names[std::chrono::weekday(day).c_encoding()], 3))
      .text(", ")
      .number(static_cast<unsigned>(date.day()), 2)
      .text(" ")
      .text(before(behind(month_names, (month - 1) * 3), 3))
      .text(" ")
      .number(year, 4)
      .text(" ")
      .number(second / 3600, 2)
      .text(":")
      .number(second / 60 % 60, 2)
      .text(":")
      .number(second % 60, 2)
      .text(" GMT");
  return {place.data(), place.size()};
}

std::optional<WallTime> parse_date(std::string_view text, std::optional<WallTime> now) {
  for (const std::string_view name : day_names) {
    DateParser parser(text);
    if (!parser.take(before(name, 3))) continue;
    if (parser.take(", ")) return parse_fixed(parser);
    if (parser.take(" ")) return parse_asctime(parser);
    parser.expect(behind(name, 3));
    parser.expect(", ");
    return parse_rfc850(parser, now);
  }
  return std::nullopt;
}

std::string_view DateClock::text() {
  const std::optional<WallTime> now = now_();
  if (!now) return {};
  if (written_ != now && write_date(*now, place_).empty()) return {};
  written_ = now;
  return {place_.data(), place_.size()};
}

}  // namespace bobbin::http
