// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

#include <bobbin/amp/values.hpp>

namespace bobbin::amp::detail {

namespace {

using namespace std::chrono;
using Moment = sys_time<microseconds>;

constexpr Moment first = sys_days(year(1) / January / 1);
constexpr Moment end = sys_days(year(10000) / January / 1);

// What stands where; a 0 stands for a digit and a + for either sign.
constexpr std::string_view form = "0000-00-00T00:00:00.000000+00:00";
static_assert(form.size() == Value<DateTime>::size_max);

bool has_form(std::string_view text) {
  return std::ranges::equal(text, form, [](char c, char expected) {
    if (expected == '0') return c >= '0' && c <= '9';
    return c == expected || (expected == '+' && c == '-');
  });
}

void write(char* at, std::int64_t number, int digits) {
  for (; digits > 0; --digits, number /= 10) at[digits - 1] = static_cast<char>('0' + number % 10);
}

int read(std::string_view digits) {
  int number = 0;
  for (const char digit : digits) number = number * 10 + (digit - '0');
  return number;
}

bool can_be_written(const DateTime& value) {
  if (value.offset <= -days(1) || value.offset >= days(1)) return false;
  // A day more, as the sum of any two might be too large.
  if (value.time < first - days(1) || value.time >= end + days(1)) return false;
  const Moment local = value.time + value.offset;
  return local >= first && local < end;
}

}  // namespace

// Twisted writes no offset as -00:00.
void put_date_time(BoxSink& sink, const DateTime& value) {
  if (!can_be_written(value)) return sink.refuse();
  const Moment local = value.time + value.offset;
  const sys_days day = floor<days>(local);
  const year_month_day date(day);
  const hh_mm_ss time(local - day);
  const hh_mm_ss offset(abs(value.offset));
  std::array<char, form.size()> text;
  std::ranges::copy(form, text.begin());
  write(&text[0], int(date.year()), 4);
  write(&text[5], unsigned(date.month()), 2);
  write(&text[8], unsigned(date.day()), 2);
  write(&text[11], time.hours().count(), 2);
  write(&text[14], time.minutes().count(), 2);
  write(&text[17], time.seconds().count(), 2);
  write(&text[20], time.subseconds().count(), 6);
  if (value.offset <= minutes(0)) text[26] = '-';
  write(&text[27], offset.hours().count(), 2);
  write(&text[30], offset.minutes().count(), 2);
  sink.put(std::string_view(text.data(), text.size()));
}

bool get_date_time(Bytes bytes, DateTime& value) {
  const std::string_view text = text_of(bytes);
  if (!has_form(text)) return false;
  const auto part = [text](std::size_t at, std::size_t digits) {
    return read({text.data() + at, digits});
  };
  const year_month_day date(year(part(0, 4)), month(static_cast<unsigned>(part(5, 2))),
                            day(static_cast<unsigned>(part(8, 2))));
  const int hour = part(11, 2), minute = part(14, 2), second = part(17, 2);
  const int offset_hours = part(27, 2), offset_minutes = part(30, 2);
  if (!date.ok() || date.year() < year(1) || hour > 23 || minute > 59 || second > 59) return false;
  if (offset_hours > 23 || offset_minutes > 59) return false;
  const minutes offset = hours(offset_hours) + minutes(offset_minutes);
  value.offset = text[26] == '-' ? -offset : offset;
  value.time = sys_days(date) + hours(hour) + minutes(minute) + seconds(second) +
               microseconds(part(20, 6)) - value.offset;
  return true;
}

}  // namespace bobbin::amp::detail
