// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <bobbin/amp.hpp>

#include "support/amp_commands.hpp"
#include "support/amp_values.hpp"
#include "support/boxes.hpp"
#include "support/seed.hpp"

namespace bobbin {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

using test::read;
using test::wire;

TEST(AmpBox, is_found_wherever_it_is_cut) {
  const std::string stream =
      "\0\4_ask\0\1"
      "1\0\1k\0\0\0\0"s +
      "\0\1a\0\3xyz\0\0"s + std::string("\0\1", 2);
  const test::Found right = test::boxes_in(stream, 64);
  ASSERT_EQ(right.size(), 2U);
  for (std::size_t first = 1; first < stream.size(); ++first) {
    for (std::size_t second = first + 1; second < stream.size(); ++second) {
      ASSERT_EQ(test::found_in(amp::BoxDecoder(64), stream, {first, second}), right)
          << first << " " << second;
    }
  }
}

TEST(AmpBox, is_refused_when_it_is_none) {
  const struct {
    std::string stream;
    std::string_view found;
  } cases[] = {{"\0\0"s, "malformed"},           {"\1\0"s, "malformed"},
               {"\0\1k\0\1v\1\0"s, "malformed"}, {"\0\1k\0\x3a"s, "too long 0"},
               {"\0\1k\xff\xff"s, "too long 0"}, {"\0\x3d"s, "too long 0"}};
  for (const auto& one : cases) {
    const test::Found found = test::found_in(amp::BoxDecoder(64), one.stream, {});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0], one.found);
    EXPECT_EQ(test::boxes_in(one.stream, 64), found);
  }
  const std::string longest = "\0\1k\0\x37"s + std::string(0x37, 'v') + "\0\0"s;
  EXPECT_EQ(longest.size(), 62U);
  EXPECT_EQ(test::found_in(amp::BoxDecoder(62), longest, {}).at(0).substr(0, 7), "message");
  EXPECT_EQ(test::found_in(amp::BoxDecoder(61), longest, {}).at(0), "too long 0");
}

TEST(AmpBox, random_streams_give_the_same_wherever_they_are_cut) {
  test::for_each_seed([](test::Random& random) {
    for (int round = 0; round < 500; ++round) {
      std::string stream;
      while (stream.size() < 80) {
        const auto length = random.below(random.one_in(20) ? 300U : 6U);
        stream += static_cast<char>(length >> 8);
        stream += static_cast<char>(length & 0xff);
        stream += std::string(length, 'x');
      }
      std::vector<std::size_t> cuts;
      for (std::size_t at = random.below(9U); at < stream.size(); at += 1 + random.below(9U)) {
        cuts.push_back(at);
      }
      const test::Found right = test::boxes_in(stream, 100);
      ASSERT_EQ(test::found_in(amp::BoxDecoder(100), stream, cuts), right);
    }
  });
}

TEST(AmpBox, gives_the_last_value_of_a_key) {
  const amp::Box box(
      bytes_of("\0\1a\0\1"
               "1\0\1b\0\0\0\1a\0\1"
               "2"sv));
  EXPECT_EQ(text_of(*box.find("a")), "2");
  EXPECT_EQ(text_of(*box.find("b")), "");
  EXPECT_FALSE(box.find("c"));
  EXPECT_FALSE(box.find(""));
}

TEST(AmpBox, says_what_it_cannot_hold) {
  amp::BoxLength length;
  length.put_pair(std::string(255, 'k'), std::string(65535, 'v'));
  EXPECT_FALSE(length.refused());
  EXPECT_EQ(length.size(), 2U + 255 + 2 + 65535);
  amp::BoxLength long_key;
  long_key.put_pair(std::string(256, 'k'), "v"sv);
  EXPECT_TRUE(long_key.refused());
  amp::BoxLength long_value;
  long_value.put_pair("k", std::string(65536, 'v'));
  EXPECT_TRUE(long_value.refused());
  std::array<std::byte, 6> space;
  amp::BoxBuffer buffer(space);
  buffer.put_pair("k", "v"sv);
  EXPECT_FALSE(buffer.overflowed());
  EXPECT_EQ(text_of(buffer.bytes()), "\0\1k\0\1v"sv);
  buffer.put_end();
  EXPECT_TRUE(buffer.overflowed());
}

TEST(AmpValues, integers) {
  EXPECT_EQ(wire(0), "0");
  EXPECT_EQ(wire(-1), "-1");
  EXPECT_EQ(wire(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(wire(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(read<std::uint8_t>("255"), 255);
  EXPECT_EQ(read<std::uint64_t>("18446744073709551615"), UINT64_MAX);
  for (const std::string_view bad : {"256", "-1", "", "1 ", " 1", "0x1", "1.0", "+1"}) {
    EXPECT_FALSE(read<std::uint8_t>(bad)) << bad;
  }
  EXPECT_FALSE(read<std::int64_t>("9223372036854775808"));
}

TEST(AmpValues, booleans) {
  EXPECT_EQ(wire(true), "True");
  EXPECT_EQ(wire(false), "False");
  EXPECT_EQ(read<bool>("True"), true);
  EXPECT_EQ(read<bool>("False"), false);
  for (const std::string_view bad : {"", "true", "1", "False "}) EXPECT_FALSE(read<bool>(bad));
}

TEST(AmpValues, floats) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(wire(0.5), "0.5");
  EXPECT_EQ(wire(infinity), "inf");
  for (const double number : {0.0, 0.1, -1e300, 5e-324, -2.2250738585072014e-308, infinity}) {
    EXPECT_EQ(read<double>(wire(number)), number);
    EXPECT_LE(wire(number).size(), amp::Value<double>::size_max);
  }
  EXPECT_TRUE(std::isnan(*read<double>("nan")));
  EXPECT_EQ(read<double>("1e-07"), 1e-7);
  for (const std::string_view bad : {"", "x", "1,5", "0.5 "}) EXPECT_FALSE(read<double>(bad));
}

TEST(AmpValues, fixed_points) {
  using Milli = amp::Fixed<3>;
  EXPECT_EQ(wire(Milli{0}), "0.0");
  EXPECT_EQ(wire(Milli{1500}), "1.5");
  EXPECT_EQ(wire(Milli{-12345}), "-12.345");
  EXPECT_EQ(wire(Milli{20000}), "20.0");
  EXPECT_EQ(wire(amp::Fixed<0>{-7}), "-7");
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(wire(amp::Fixed<18>{-most}), "-9.223372036854775807");
  EXPECT_EQ(wire(amp::Fixed<18>{std::numeric_limits<std::int64_t>::min()}).size(), 21U);
  EXPECT_EQ(read<amp::Fixed<18>>("-9.223372036854775807")->units, -most);
  const struct {
    std::string_view text;
    std::int64_t units;
  } good[] = {{"1", 1000},        {"0.5", 500},
              {"-0.25", -250},    {"1e-07", 0},
              {"4.9e-4", 0},      {"5e-4", 1},
              {"1.9995", 2000},   {"1e+2", 100000},
              {"-1.5E1", -15000}, {"5.", 5000},
              {"0e999", 0},       {"0.1000000000000000055511151231", 100},
              {"1e-999", 0},      {"123456.7891", 123456789}};
  for (const auto& one : good) {
    ASSERT_TRUE(read<Milli>(one.text)) << one.text;
    EXPECT_EQ(read<Milli>(one.text)->units, one.units) << one.text;
  }
  for (const std::string_view bad : {"", "-", ".5", "1e", "1e+", "x", "nan", "inf", "1,5", "1 ",
                                     "1e999", "1e16", "9223372036854775.808", "1e99999", "+1"}) {
    EXPECT_FALSE(read<Milli>(bad)) << bad;
  }
  test::for_each_seed([](test::Random& random) {
    for (int i = 0; i < 1000; ++i) {
      const Milli number{static_cast<std::int64_t>(random.bits()) >> random.below(63U)};
      if (number.units == std::numeric_limits<std::int64_t>::min()) continue;
      ASSERT_EQ(read<Milli>(wire(number)), number);
    }
  });
}

TEST(AmpValues, texts_are_utf8_and_strings_anything) {
  EXPECT_EQ(read<std::string_view>("\u00e9\U0001f600"), "\u00e9\U0001f600");
  for (const std::string_view bad : {"\xff"sv, "\xc3"sv, "\xed\xa0\x80"sv, "\xc0\x80"sv,
                                     "\xf4\x90\x80\x80"sv, "a\x80"sv, "\xe2\x82"sv}) {
    EXPECT_FALSE(read<std::string_view>(bad));
    EXPECT_FALSE(read<amp::Text<8>>(bad));
    EXPECT_EQ(text_of(*read<Bytes>(bad)), bad);
    EXPECT_EQ(text_of(*read<amp::Octets<8>>(bad)), bad);
  }
  EXPECT_EQ(read<amp::Text<3>>("abc")->view(), "abc");
  EXPECT_FALSE(read<amp::Text<3>>("abcd"));
}

TEST(AmpValues, lists) {
  using Numbers = amp::List<int, 3>;
  EXPECT_EQ(wire(Numbers{}), "");
  EXPECT_EQ(wire(Numbers{1, -20, 3}),
            "\0\1"
            "1\0\3-20\0\1"
            "3"s);
  EXPECT_EQ(read<Numbers>("\0\1"
                          "7"sv)
                ->size(),
            1U);
  for (const std::string_view bad : {"\0"sv,
                                     "\0\2"
                                     "7"sv,
                                     "\0\1x"sv,
                                     "\0\1"
                                     "1\0\1"
                                     "1\0\1"
                                     "1\0\1"
                                     "1"sv}) {
    EXPECT_FALSE(read<Numbers>(bad));
  }
}

TEST(AmpCommands, know_how_long_they_may_be) {
  EXPECT_EQ(amp::pairs_size_max<test::Sum::Arguments>(), 2U * (1 + 20 + 4));
  EXPECT_EQ(amp::pairs_size_max<amp::Nothing>(), 0U);
  EXPECT_TRUE(amp::owns_its_values<test::Everything::Response>());
  EXPECT_FALSE(amp::owns_its_values<test::Everything::Arguments>());
}

}  // namespace
}  // namespace bobbin
