// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "support/amp_commands.hpp"
#include "support/amp_values.hpp"
#include "support/seed.hpp"

namespace bobbin::test {
namespace {

using namespace std::chrono;
using namespace std::string_literals;
using namespace std::string_view_literals;
using amp::DateTime;
using amp::List;
using amp::ListView;

// Strings, each behind its length.
std::string strings(std::initializer_list<std::string_view> all) {
  std::string made;
  for (const std::string_view one : all) {
    made += static_cast<char>(one.size() >> 8);
    made += static_cast<char>(one.size() & 0xff);
    made += one;
  }
  return made;
}

constexpr sys_days day_in_march = sys_days(year(2024) / March / 1);

TEST(AmpDateTime, stands_as_twisted_writes_it) {
  const struct {
    DateTime value;
    std::string_view text;
  } cases[] = {
      {{}, "1970-01-01T00:00:00.000000-00:00"},
      {{.time = day_in_march + 1h + 2min + 3s + 45us}, "2024-03-01T01:02:03.000045-00:00"},
      {{.time = day_in_march, .offset = 1min}, "2024-03-01T00:01:00.000000+00:01"},
      {{.time = day_in_march, .offset = -30min}, "2024-02-29T23:30:00.000000-00:30"},
      {{.time = day_in_march - 1us, .offset = 5h + 45min}, "2024-03-01T05:44:59.999999+05:45"},
      {{.time = sys_days(year(1900) / March / 1) - 1us}, "1900-02-28T23:59:59.999999-00:00"},
      {{.time = sys_days(year(1) / January / 1)}, "0001-01-01T00:00:00.000000-00:00"},
      {{.time = sys_days(year(1) / January / 1) - 23h, .offset = 23h + 59min},
       "0001-01-01T00:59:00.000000+23:59"},
      {{.time = sys_days(year(10000) / January / 1) - 1us}, "9999-12-31T23:59:59.999999-00:00"},
      {{.time = sys_days(year(10000) / January / 1), .offset = -23h - 59min},
       "9999-12-31T00:01:00.000000-23:59"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(wire(one.value), one.text);
    EXPECT_EQ(read<DateTime>(one.text), one.value) << one.text;
  }
  // Either sign of no offset is read, and anything finer than a day is a time.
  EXPECT_EQ(read<DateTime>("1970-01-01T00:00:00.000000+00:00"), DateTime());
  EXPECT_EQ(read<DateTime>(wire(DateTime{.time = sys_time<milliseconds>(1500ms)}))->time,
            sys_time<microseconds>(1500ms));
}

TEST(AmpDateTime, is_refused_where_it_has_no_form) {
  using Moment = sys_time<microseconds>;
  const DateTime without_form[] = {
      {.time = sys_days(year(1) / January / 1) - 1us},
      {.time = sys_days(year(1) / January / 1), .offset = -1min},
      {.time = sys_days(year(10000) / January / 1)},
      {.time = sys_days(year(10000) / January / 1) - 1us, .offset = 1min},
      {.time = Moment::min(), .offset = -1h},
      {.time = Moment::max(), .offset = 1h},
      {.offset = 24h},
      {.offset = -24h},
      {.offset = minutes::min()},
      {.offset = minutes::max()},
  };
  for (const DateTime& value : without_form) EXPECT_EQ(wire(value), "refused");
  const DateTime many[] = {{}, without_form[0]};
  EXPECT_EQ(wire(ListView<DateTime>(many)), "refused");
}

TEST(AmpDateTime, is_not_read_from_anything_else) {
  const std::string_view good = "2024-02-29T23:59:59.999999+23:59";
  ASSERT_TRUE(read<DateTime>(good));
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char wrong : {' ', '/', ':', 'z', '\0'}) {
      std::string text(good);
      if (text[at] == wrong) continue;
      text[at] = wrong;
      EXPECT_FALSE(read<DateTime>(text)) << text;
    }
    EXPECT_FALSE(read<DateTime>(good.substr(0, at)));
  }
  for (const std::string_view bad :
       {"0000-02-28T23:59:59.999999+23:59"sv, "2024-00-29T23:59:59.999999+23:59"sv,
        "2024-13-29T23:59:59.999999+23:59"sv, "2024-02-00T23:59:59.999999+23:59"sv,
        "2024-02-30T23:59:59.999999+23:59"sv, "2023-02-29T23:59:59.999999+23:59"sv,
        "2024-02-29T24:00:00.000000+23:59"sv, "2024-02-29T23:60:59.999999+23:59"sv,
        "2024-02-29T23:59:60.999999+23:59"sv, "2024-02-29T23:59:59.999999+24:00"sv,
        "2024-02-29T23:59:59.999999+23:60"sv, "2024-02-29T23:59:59.999999+23:590"sv}) {
    EXPECT_FALSE(read<DateTime>(bad)) << bad;
  }
}

TEST(AmpDateTime, any_moment_comes_back) {
  for_each_seed([](Random& random) {
    for (int i = 0; i < 1000; ++i) {
      const microseconds time(static_cast<std::int64_t>(random.bits()) >> 8);
      const minutes offset(static_cast<int>(random.below(2879U)) - 1439);
      const DateTime value{.time = sys_time<microseconds>(time), .offset = offset};
      const std::string text = wire(value);
      if (text == "refused") continue;  // it is before the year 1
      ASSERT_EQ(read<DateTime>(text), value) << text;
    }
  });
}

struct Row {
  std::int16_t id = 0;
  std::optional<amp::Text<4>> name{};
  static constexpr std::tuple fields{amp::Field("id", &Row::id), amp::Field("name", &Row::name)};
};

// All of which may be left out.
struct Loose {
  std::optional<std::uint8_t> a{};
  static constexpr std::tuple fields{amp::Field("a", &Loose::a)};
};

const std::string two_rows = strings({"id", "1", "name", "one", ""}) + strings({"id", "-2", ""});

TEST(AmpLists, of_structs_are_boxes) {
  using Rows = List<Row, 2>;
  EXPECT_EQ(wire(Rows{{.id = 1, .name = "one"}, {.id = -2}}), two_rows);
  const auto rows = read<Rows>(two_rows);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ((*rows)[0].id, 1);
  EXPECT_EQ((*rows)[0].name->view(), "one");
  EXPECT_EQ((*rows)[1].id, -2);
  EXPECT_FALSE((*rows)[1].name);
  EXPECT_TRUE(read<Rows>("")->empty());
  EXPECT_EQ(wire(Rows{}), "");
  EXPECT_FALSE(read<Rows>(two_rows + strings({"id", "3", ""})));
  // A pair takes its name, its value and four bytes of framing; a box two more.
  EXPECT_EQ(amp::Value<Rows>::size_max, 2U * (2 + 20 + 4 + 4 + 4 + 4 + 2));
  EXPECT_TRUE(amp::Value<Rows>::owns);
}

TEST(AmpLists, of_structs_may_have_empty_boxes) {
  EXPECT_EQ(wire(List<Loose, 2>{{}, {.a = 7}}), strings({"", "a", "7", ""}));
  const auto list = read<List<Loose, 2>>(strings({"", "a", "7", ""}));
  ASSERT_EQ(list->size(), 2U);
  EXPECT_FALSE((*list)[0].a);
  EXPECT_EQ((*list)[1].a, 7);
}

TEST(AmpLists, of_structs_are_refused_when_they_are_none) {
  for (std::size_t size = 1; size < two_rows.size(); ++size) {
    const bool whole = size == strings({"id", "1", "name", "one", ""}).size();
    EXPECT_EQ(read<ListView<Row>>(std::string_view(two_rows).substr(0, size)).has_value(), whole);
  }
  for (const std::string& bad :
       {strings({"id", "x", ""}), strings({"name", "one", ""}), strings({""}), strings({"id", "1"}),
        strings({"id", "1", "name", "\xff", ""}), strings({"id", "1", "name", "a bit", ""}),
        strings({"id", "32768", ""}), strings({"id", "1", std::string(256, 'k'), "v", ""})}) {
    EXPECT_FALSE((read<List<Row, 4>>(bad))) << bad;
    EXPECT_FALSE(read<ListView<Row>>(bad)) << bad;
  }
  // Keys of up to 255 bytes that nobody knows are passed over.
  EXPECT_TRUE(read<ListView<Row>>(strings({"id", "1", std::string(255, 'k'), "v", ""})));
}

TEST(AmpLists, lie_in_lists) {
  using Inner = List<int, 2>;
  using Outer = List<Inner, 2>;
  const std::string text = strings({strings({"1", "2"}), ""});
  EXPECT_EQ(wire(Outer{{1, 2}, {}}), text);
  const auto back = read<Outer>(text);
  ASSERT_EQ(back->size(), 2U);
  EXPECT_EQ((*back)[0][1], 2);
  EXPECT_TRUE((*back)[1].empty());
  EXPECT_FALSE(read<Outer>(strings({strings({"1", "2", "3"})})));
}

TEST(AmpLists, begin_anew_when_they_are_read_again) {
  List<int, 2> list{1, 2};
  ASSERT_TRUE((amp::Value<List<int, 2>>::get(bytes_of(strings({"3"})), list)));
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0], 3);
  Loose loose{.a = 1};
  EXPECT_EQ(amp::get_fields(amp::Box({}), loose), "");
  EXPECT_FALSE(loose.a);
}

template <class T>
std::vector<T> all_of(const ListView<T>& list) {
  return {list.begin(), list.end()};
}

TEST(AmpListView, reads_what_has_come) {
  static_assert(std::forward_iterator<ListView<int>::Iterator>);
  const std::string text = strings({"1", "-20", "300"});
  const auto numbers = read<ListView<int>>(text);
  ASSERT_TRUE(numbers);
  EXPECT_EQ(numbers->size(), 3U);
  EXPECT_EQ(all_of(*numbers), (std::vector{1, -20, 300}));
  EXPECT_EQ(all_of(*numbers), (std::vector{1, -20, 300})) << "once more";
  const auto rows = read<ListView<Row>>(two_rows);
  ASSERT_EQ(rows->size(), 2U);
  auto row = rows->begin();
  EXPECT_EQ((*row++).name->view(), "one");
  EXPECT_EQ((*row).id, -2);
  EXPECT_TRUE(++row == rows->end());
  EXPECT_TRUE(read<ListView<int>>("")->empty());
  for (const std::string& bad : {"\0"s, strings({"1"}) + "\0\2x"s, strings({"x"}), strings({""})}) {
    EXPECT_FALSE(read<ListView<int>>(bad));
  }
}

TEST(AmpListView, has_views_of_what_has_come) {
  const std::string text = strings({"", "a", "\u00e9"});
  const auto names = read<ListView<std::string_view>>(text);
  EXPECT_EQ(all_of(*names), (std::vector{""sv, "a"sv, "\u00e9"sv}));
  EXPECT_EQ(all_of(*names)[1].data(), text.data() + 4);
  EXPECT_FALSE(read<ListView<std::string_view>>(strings({"\xc3"})));
}

TEST(AmpListView, is_sent_from_a_span_or_as_a_function_says) {
  const int numbers[] = {1, -20, 300};
  const std::string text = strings({"1", "-20", "300"});
  EXPECT_EQ(wire(ListView<int>(numbers)), text);
  EXPECT_EQ(all_of(ListView<int>(numbers)), (std::vector{1, -20, 300}));
  const ListView<int> squares(3, [](std::size_t index) { return static_cast<int>(index * index); });
  EXPECT_EQ(wire(squares), strings({"0", "1", "4"}));
  EXPECT_EQ(squares.size(), 3U);
  const Row rows[] = {{.id = 1, .name = "one"}, {.id = -2}};
  EXPECT_EQ(wire(ListView<Row>(rows)), two_rows);
  EXPECT_EQ(wire(ListView<Row>()), "");
  EXPECT_EQ(wire(*read<ListView<Row>>(two_rows)), two_rows) << "sent on";
  EXPECT_FALSE(amp::Value<ListView<int>>::owns);
}

struct Large {
  ListView<std::string_view> names{};
  static constexpr std::tuple fields{amp::Field("names", &Large::names)};
};

TEST(AmpListView, is_as_long_as_a_value_may_be) {
  const std::string name(1021, 'x');
  const auto length_of = [&name](std::size_t count) {
    amp::BoxLength length;
    amp::put_fields(
        length, Large{.names = {count, [&name](std::size_t) -> std::string_view { return name; }}});
    return length.refused() ? 0 : length.size();
  };
  EXPECT_EQ(length_of(64), 2 + 5 + 2 + 64 * 1023U);
  EXPECT_EQ(length_of(65), 0U);
}

TEST(AmpLists, of_texts_are_utf8) {
  EXPECT_FALSE((read<List<amp::Text<4>, 2>>(strings({"ok", "\xed\xa0\x80"}))));
  EXPECT_TRUE((read<List<amp::Octets<4>, 2>>(strings({"ok", "\xed\xa0\x80"}))));
}

}  // namespace
}  // namespace bobbin::test
