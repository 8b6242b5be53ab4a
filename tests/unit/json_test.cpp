// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/net/json.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/guarded.hpp"
#include "support/json_model.hpp"
#include "support/seed.hpp"

namespace bobbin::test {
namespace {

using namespace std::string_view_literals;

// Texts that are JSON.
constexpr std::string_view valid[] = {
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-1",
    "1234567890123456789012345678901234567890",
    "0.0",
    "-0.5",
    "1e5",
    "1E5",
    "1e+5",
    "1e-05",
    "0e0",
    "0.1e1",
    "123.456e78",
    R"("")",
    R"("a")",
    R"("\"\\\/\b\f\n\r\t")",
    R"("\u0000")",
    R"("\u00e9\u00E9")",
    R"("\ud83d\ude00")",
    R"("\uDBFF\uDFFF")",
    R"("\uFFFF\uD7FF\uE000")",
    "\"\x7f\"",
    "\"\xc2\x80\xdf\xbf\"",
    "\"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\"",
    "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"",
    "\"\xe2\x80\xa8\xe2\x80\xa9\"",  // line separators, which JavaScript once minded
    "[]",
    "[ ]",
    "[[]]",
    "[1]",
    "[1,2]",
    "[ 1 , 2 ]",
    "[null,true,false,0,\"\",[],{}]",
    "{}",
    "{ }",
    R"({"a":1})",
    R"({"a":1,"b":2})",
    R"({"a":1,"a":1})",
    R"({"":0})",
    R"({"\u0061":{"b":[{}]}})",
    " \t\r\n1 \t\r\n",
    "\n{\n\"a\"\n:\n1\n,\n\"b\"\n:\n[\n]\n}\n",
};

struct Malformed {
  std::string_view text;
  JsonFault fault;
  std::size_t offset;
};
constexpr auto unexpected = JsonFault::unexpected;
constexpr auto unfinished = JsonFault::unfinished;
constexpr auto bad_escape = JsonFault::bad_escape;
constexpr auto bad_utf8 = JsonFault::bad_utf8;

constexpr Malformed malformed[] = {
    {"", unfinished, 0},
    {"  ", unfinished, 2},
    {"\xef\xbb\xbf[]", unexpected, 0},
    {"[]\0"sv, unexpected, 2},
    {"\0"sv, unexpected, 0},
    {"[] []", unexpected, 3},
    {"1 2", unexpected, 2},
    {"1,", unexpected, 1},
    {"]", unexpected, 0},
    {"}", unexpected, 0},
    {",", unexpected, 0},
    {":", unexpected, 0},
    {"\f1", unexpected, 0},
    {"\v", unexpected, 0},
    {"\xc2\xa0", unexpected, 0},  // a space, but none of JSON's
    // Words.
    {"nul", unfinished, 3},
    {"nulL", unexpected, 3},
    {"nullx", unexpected, 4},
    {"True", unexpected, 0},
    {"truefalse", unexpected, 4},
    {"fals\0"sv, unexpected, 4},
    {"NaN", unexpected, 0},
    {"nan", unexpected, 1},
    {"Infinity", unexpected, 0},
    {"undefined", unexpected, 0},
    // Numbers.
    {"-", unfinished, 1},
    {"+1", unexpected, 0},
    {"--1", unexpected, 1},
    {"01", unexpected, 1},
    {"-01", unexpected, 2},
    {"00", unexpected, 1},
    {".5", unexpected, 0},
    {"-.5", unexpected, 1},
    {"1.", unfinished, 2},
    {"[1.]", unexpected, 3},
    {"1.e1", unexpected, 2},
    {"1e", unfinished, 2},
    {"1e+", unfinished, 3},
    {"[1e]", unexpected, 3},
    {"1e1.5", unexpected, 3},
    {"1ee1", unexpected, 2},
    {"1e+-1", unexpected, 3},
    {"0x1", unexpected, 1},
    {"1_000", unexpected, 1},
    {"1a", unexpected, 1},
    {"-Infinity", unexpected, 1},
    {"- 1", unexpected, 1},
    {"\xef\xbc\x91", unexpected, 0},  // a full-width 1
    // Strings.
    {"\"", unfinished, 1},
    {"\"a", unfinished, 2},
    {"'a'", unexpected, 0},
    {"\"\n\"", unexpected, 1},
    {"\"a\0\""sv, unexpected, 2},
    {"\"\t\"", unexpected, 1},
    {"\"\x1f\"", unexpected, 1},
    {"\"a\"b", unexpected, 3},
    {"a\"\"", unexpected, 0},
    // Escapes.
    {"\"\\", unfinished, 2},
    {"\"\\\"", unfinished, 3},
    {R"("\a")", bad_escape, 1},
    {R"("\x41")", bad_escape, 1},
    {R"("\U0041")", bad_escape, 1},
    {R"("\'")", bad_escape, 1},
    {"\"\\\n\"", bad_escape, 1},
    {"\"\\\0\""sv, bad_escape, 1},
    {"\"\\\xc3\xa9\"", bad_escape, 1},
    {R"("\u")", bad_escape, 3},
    {R"("\u00e")", bad_escape, 6},
    {R"("\u00eg")", bad_escape, 6},
    {R"("\u-123")", bad_escape, 3},
    {R"("\u 123")", bad_escape, 3},
    {"\"\\u00e", unfinished, 6},
    {R"("\ud800")", bad_escape, 1},
    {R"("\udc00")", bad_escape, 1},
    {R"("\ud800\ud800")", bad_escape, 1},
    {R"("\udc00\ud800")", bad_escape, 1},
    {R"("\ud800\n")", bad_escape, 1},
    {R"("\ud800x")", bad_escape, 1},
    {R"("a\ud800\u0041")", bad_escape, 2},
    {R"("\ud83d\ude0)", unfinished, 12},
    {R"("\ud83d\)", unfinished, 8},
    {R"("\ud83d)", unfinished, 7},
    // UTF-8.
    {"\"\x80\"", bad_utf8, 1},
    {"\"\xbf\"", bad_utf8, 1},
    {"\"a\xff\"", bad_utf8, 2},
    {"\"\xfe\"", bad_utf8, 1},
    {"\"\xc0\x80\"", bad_utf8, 1},
    {"\"\xc1\xbf\"", bad_utf8, 1},
    {"\"\xe0\x9f\xbf\"", bad_utf8, 1},
    {"\"\xed\xa0\x80\"", bad_utf8, 1},
    {"\"\xed\xbf\xbf\"", bad_utf8, 1},
    {"\"\xf0\x8f\xbf\xbf\"", bad_utf8, 1},
    {"\"\xf4\x90\x80\x80\"", bad_utf8, 1},
    {"\"\xf5\x80\x80\x80\"", bad_utf8, 1},
    {"\"\xc3\"", bad_utf8, 1},
    {"\"\xe2\x82\"", bad_utf8, 1},
    {"\"\xe2\x28\xa1\"", bad_utf8, 1},
    {"\"\xf0\x9f\x98\"", bad_utf8, 1},
    {"\"\xc3", unfinished, 2},
    {"\"\xf0\x9f\x98", unfinished, 4},
    {"\xe9", unexpected, 0},
    // Arrays.
    {"[", unfinished, 1},
    {"[1", unfinished, 2},
    {"[1,", unfinished, 3},
    {"[1,]", unexpected, 3},
    {"[,1]", unexpected, 1},
    {"[,]", unexpected, 1},
    {"[1,,2]", unexpected, 3},
    {"[1 2]", unexpected, 3},
    {"[1}", unexpected, 2},
    {"[1:2]", unexpected, 2},
    {"[]]", unexpected, 2},
    {"[[]", unfinished, 3},
    {"[\"a\"", unfinished, 4},
    // Objects.
    {"{", unfinished, 1},
    {"{]", unexpected, 1},
    {"{\"a\"", unfinished, 4},
    {"{\"a\"}", unexpected, 4},
    {"{\"a\":", unfinished, 5},
    {"{\"a\":}", unexpected, 5},
    {"{\"a\" 1}", unexpected, 5},
    {"{\"a\"::1}", unexpected, 5},
    {"{\"a\",1}", unexpected, 4},
    {"{\"a\":1", unfinished, 6},
    {"{\"a\":1,", unfinished, 7},
    {"{\"a\":1,}", unexpected, 7},
    {"{\"a\":1,,\"b\":2}", unexpected, 7},
    {"{\"a\":1 \"b\":2}", unexpected, 7},
    {"{\"a\":1]", unexpected, 6},
    {"{,}", unexpected, 1},
    {"{:1}", unexpected, 1},
    {"{1:1}", unexpected, 1},
    {"{a:1}", unexpected, 1},
    {"{'a':1}", unexpected, 1},
    {"{null:1}", unexpected, 1},
    {"{[]:1}", unexpected, 1},
    {"{\"a\":1}}", unexpected, 7},
    // Comments.
    {"// 1\n1", unexpected, 0},
    {"1 /* */", unexpected, 2},
    {"[1 # one\n]", unexpected, 3},
};

TEST(Json, is_read_if_it_is_valid) {
  for (const std::string_view text : valid) {
    EXPECT_EQ(read_json(text), JsonModel(text).tokens()) << text;
    EXPECT_TRUE(read_json(text)) << text;
  }
}

TEST(Json, is_refused_where_it_is_not) {
  for (const Malformed& one : malformed) {
    JsonReader json(one.text);
    while (json.next() != JsonToken::malformed) ASSERT_NE(json.token(), JsonToken::end) << one.text;
    EXPECT_EQ(describe(json.fault()), describe(one.fault)) << one.text;
    EXPECT_EQ(json.offset(), one.offset) << one.text;
    EXPECT_EQ(json.next(), JsonToken::malformed);
    EXPECT_EQ(json.offset(), one.offset);
    EXPECT_FALSE(JsonModel(one.text).tokens()) << one.text;
  }
}

// However short it is cut, each cut being the end of what may be read.
TEST(Json, is_not_read_behind_its_end) {
  std::vector<std::string_view> texts(std::begin(valid), std::end(valid));
  for (const Malformed& one : malformed) texts.push_back(one.text);
  for (const std::string_view text : texts) {
    for (std::size_t size = 0; size <= text.size(); ++size) {
      const Guarded guarded(text.substr(0, size));
      const std::string_view piece = text_of(guarded.bytes());
      EXPECT_EQ(read_json(piece), JsonModel(piece).tokens()) << piece;
    }
  }
}

// What is cut off is the only fault.
TEST(Json, that_is_cut_is_unfinished) {
  for (const std::string_view text : valid) {
    for (std::size_t size = 0; size < text.size(); ++size) {
      JsonReader json(text.substr(0, size));
      while (json.next() != JsonToken::malformed && json.token() != JsonToken::end) {
      }
      if (json.token() == JsonToken::end) continue;  // of a number, or space at the end
      EXPECT_EQ(json.fault(), JsonFault::unfinished) << text.substr(0, size);
      EXPECT_EQ(json.offset(), size);
    }
  }
}

TEST(Json, is_given_token_by_token) {
  JsonReader json(R"( {"a": [1, "two", true], "b": null} )");
  const auto expect = [&](JsonToken token, std::size_t offset, std::size_t depth) {
    EXPECT_EQ(json.next(), token);
    EXPECT_EQ(json.token(), token);
    EXPECT_EQ(json.offset(), offset);
    EXPECT_EQ(json.depth(), depth);
  };
  expect(JsonToken::object, 1, 1);
  expect(JsonToken::key, 2, 1);
  EXPECT_TRUE(json.string().is("a"));
  expect(JsonToken::array, 7, 2);
  expect(JsonToken::number, 8, 2);
  EXPECT_EQ(json.number().as_integer().value(), 1);
  expect(JsonToken::string, 11, 2);
  EXPECT_EQ(json.string().raw(), "two");
  expect(JsonToken::boolean, 18, 2);
  EXPECT_TRUE(json.boolean());
  expect(JsonToken::array_end, 22, 1);
  expect(JsonToken::key, 25, 1);
  expect(JsonToken::null, 30, 1);
  expect(JsonToken::object_end, 34, 0);
  expect(JsonToken::end, 36, 0);
  expect(JsonToken::end, 36, 0);
}

TEST(Json, is_passed_over) {
  JsonReader json(R"({"a": [1, {"x": [2]}], "b": 3, "c": {"d": []}, "e": "f"})");
  EXPECT_EQ(json.next(), JsonToken::object);
  EXPECT_EQ(json.next(), JsonToken::key);
  EXPECT_EQ(json.skip(), JsonToken::array_end);
  EXPECT_EQ(json.next(), JsonToken::key);
  EXPECT_TRUE(json.string().is("b"));
  EXPECT_EQ(json.skip(), JsonToken::number);
  EXPECT_EQ(json.skip(), JsonToken::number);
  EXPECT_EQ(json.next(), JsonToken::key);
  EXPECT_EQ(json.next(), JsonToken::object);
  EXPECT_EQ(json.skip(), JsonToken::object_end);
  EXPECT_EQ(json.next(), JsonToken::key);
  EXPECT_EQ(json.skip(), JsonToken::string);
  EXPECT_TRUE(json.string().is("f"));
  EXPECT_EQ(json.next(), JsonToken::object_end);
  EXPECT_EQ(json.next(), JsonToken::end);
  JsonReader broken("[[1, 2}");
  broken.next();
  EXPECT_EQ(broken.skip(), JsonToken::malformed);
  EXPECT_EQ(broken.skip(), JsonToken::malformed);
}

TEST(Json, is_as_deep_as_the_limit_and_no_deeper) {
  for (const std::size_t depth : {0U, 1U, 5U, 64U}) {
    std::string text(depth, '[');
    text += "1" + std::string(depth, ']');
    EXPECT_TRUE(read_json(text, {.depth = depth}));
    text = "[" + text + "]";
    JsonReader deeper(text, {.depth = depth});
    while (deeper.next() == JsonToken::array) {
    }
    EXPECT_EQ(deeper.fault(), JsonFault::too_deep);
    EXPECT_EQ(deeper.offset(), depth);
  }
}

// What is open is known at each level.
TEST(Json, keeps_objects_and_arrays_apart_at_every_depth) {
  std::string text = "0";
  for (int i = 0; i < 64; ++i) text = i % 3 == 0 ? "[" + text + "]" : "{\"k\":" + text + "}";
  EXPECT_TRUE(read_json(text, {.depth = 64}));
  for (std::size_t i = text.size() - 64; i < text.size(); ++i) {
    std::string wrong = text;
    wrong[i] = wrong[i] == ']' ? '}' : ']';
    EXPECT_FALSE(read_json(wrong, {.depth = 64}));
  }
}

TEST(Json, has_strings_and_numbers_no_longer_than_the_limit) {
  EXPECT_TRUE(read_json(R"(["12345", 12345, {"12345": "\u0041"}])", {.length = 6}));
  for (const std::string_view text :
       {R"("123456")"sv, "123456"sv, R"({"123456":1})"sv, R"("\u0041")"sv}) {
    JsonReader json(text, {.length = 5});
    while (json.next() == JsonToken::object) {
    }
    EXPECT_EQ(json.fault(), JsonFault::too_long) << text;
  }
}

TEST(Json, strings_mean_what_their_escapes_do) {
  JsonReader json(R"("a\u0062\n\u00e9\u20AC\ud83d\ude00\u0000z")");
  EXPECT_EQ(json.next(), JsonToken::string);
  const std::string_view meaning = "ab\n\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\0z"sv;
  EXPECT_EQ(json.string().size(), meaning.size());
  EXPECT_TRUE(json.string().is(meaning));
  EXPECT_FALSE(json.string().is(meaning.substr(0, 5)));
  EXPECT_FALSE(json.string().is(std::string(meaning) + "z"));
  EXPECT_FALSE(json.string().is(""));
  std::vector<char> place(meaning.size());
  EXPECT_EQ(json.string().copy_to(place).value(), meaning);
  for (std::size_t size = 0; size < meaning.size(); ++size) {
    std::vector<char> less(size);
    EXPECT_EQ(json.string().copy_to(less).error(), Errc::no_capacity);
  }
}

JsonNumber number_in(std::string_view text) {
  JsonReader json(text);
  EXPECT_EQ(json.next(), JsonToken::number);
  return json.number();
}

TEST(Json, numbers_are_integers_if_they_are_written_so_and_fit) {
  EXPECT_EQ(number_in("0").as_integer().value(), 0);
  EXPECT_EQ(number_in("-0").as_integer().value(), 0);
  EXPECT_EQ(number_in("-17").as_integer().value(), -17);
  EXPECT_EQ(number_in("9223372036854775807").as_integer().value(), INT64_MAX);
  EXPECT_EQ(number_in("-9223372036854775808").as_integer().value(), INT64_MIN);
  for (const auto text : {"9223372036854775808", "-9223372036854775809", "1.0", "1e2", "0.5"}) {
    EXPECT_EQ(number_in(text).as_integer().error(), Errc::invalid_argument) << text;
  }
}

TEST(Json, numbers_are_the_nearest_double) {
  EXPECT_EQ(number_in("0.1").as_double().value(), 0.1);
  EXPECT_EQ(number_in("-1E+2").as_double().value(), -100.0);
  EXPECT_EQ(number_in("1.7976931348623157e308").as_double().value(),
            std::numeric_limits<double>::max());
  EXPECT_EQ(number_in("5e-324").as_double().value(), std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(number_in("9007199254740993").as_double().value(), 9007199254740992.0);
  EXPECT_TRUE(std::signbit(number_in("-0").as_double().value()));
  EXPECT_EQ(number_in("1e400").as_double().error(), Errc::invalid_argument);
  EXPECT_EQ(number_in("1e-400").as_double().error(), Errc::invalid_argument);
}

// Texts made of pieces of texts, most of them not quite right.
TEST(Json, is_what_the_grammar_says) {
  constexpr std::string_view pieces[] = {
      "{",     "}",     "[",    "]",    ",",       ":",       "\"",
      "\"a\"", "1",     "-",    "0.5",  "e",       " ",       "t",
      "n",     "false", "null", "\\u0", "\\ud83d", "\\ude00", "\xe2\x82\xac",
      "\xc3"};
  for_each_seed([&](Random& random) {
    for (int round = 0; round < 3000; ++round) {
      std::string text;
      if (random.one_in(2)) {
        text = valid[random.below(std::size(valid))];
        const std::string_view piece = pieces[random.below(std::size(pieces))];
        text.insert(random.below(text.size() + 1), piece);
      } else {
        for (auto left = random.below(12U); left > 0; --left) {
          text += pieces[random.below(std::size(pieces))];
        }
      }
      const JsonLimits limits{.depth = random.below(5U), .length = random.below(20U)};
      ASSERT_EQ(read_json(text, limits), JsonModel(text, limits).tokens()) << text;
    }
  });
}

}  // namespace
}  // namespace bobbin::test
