// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/net/json_writer.hpp>

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/net/json.hpp>
#include <bobbin/testing.hpp>

#include "support/json_model.hpp"
#include "support/seed.hpp"

namespace bobbin::test {
namespace {

using namespace std::string_view_literals;
using Script = std::function<void(JsonWriter&)>;

std::string written(const Script& script) {
  JsonWriter counted({});
  script(counted);
  std::vector<char> place(counted.size());
  JsonWriter json(place);
  script(json);
  const Result<std::string_view> text = json.text();
  return text ? std::string(*text) : "refused";
}
std::string string_of(std::string_view text) {
  return written([text](JsonWriter& json) { json.string(text); });
}
template <class T>
std::string number_of(T value) {
  return written([value](JsonWriter& json) { json.number(value); });
}

void write_all_kinds(JsonWriter& json) {
  json.object();
  json.key("a");
  json.array();
  json.number(1);
  json.string("two");
  json.boolean(true);
  json.null();
  json.array();
  json.array_end();
  json.object();
  json.object_end();
  json.array_end();
  json.key("b\"");
  json.boolean(false);
  json.object_end();
}
constexpr std::string_view all_kinds = R"({"a":[1,"two",true,null,[],{}],"b\"":false})";

TEST(JsonWriter, puts_commas_and_colons_where_they_belong) {
  EXPECT_EQ(written(write_all_kinds), all_kinds);
  EXPECT_EQ(written([](JsonWriter& json) { json.null(); }), "null");
}

TEST(JsonWriter, escapes_what_may_not_stand_in_a_string) {
  EXPECT_EQ(string_of(""), R"("")");
  EXPECT_EQ(string_of("a/b\x7f"), "\"a/b\x7f\"");
  EXPECT_EQ(string_of("\"\\\b\f\n\r\t"), R"("\"\\\b\f\n\r\t")");
  EXPECT_EQ(string_of("\0\x01\x1f"sv), R"("\u0000\u0001\u001f")");
  EXPECT_EQ(string_of("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
            "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
}

TEST(JsonWriter, replaces_what_is_no_utf_8) {
  constexpr std::string_view mark = "\xef\xbf\xbd";
  for (const std::string_view wrong : {"\x80"sv, "\xff"sv, "\xc3"sv, "\xe2\x82"sv, "\xed\xa0\x80"sv,
                                       "\xc0\x80"sv, "\xf0\x9f\x98"sv, "\xf4\x90\x80\x80"sv}) {
    std::string marks;
    for (std::size_t i = 0; i < wrong.size(); ++i) marks += mark;
    EXPECT_EQ(string_of("a" + std::string(wrong) + "b"), "\"a" + marks + "b\"");
    EXPECT_EQ(string_of(wrong), "\"" + marks + "\"");
  }
}

TEST(JsonWriter, writes_integers_of_each_type) {
  EXPECT_EQ(number_of(0), "0");
  EXPECT_EQ(number_of(INT64_MIN), "-9223372036854775808");
  EXPECT_EQ(number_of(UINT64_MAX), "18446744073709551615");
  EXPECT_EQ(number_of(std::int8_t{-128}), "-128");
  EXPECT_EQ(number_of(std::uint8_t{255}), "255");
}

TEST(JsonWriter, writes_doubles_that_are_read_as_the_same) {
  EXPECT_EQ(number_of(0.1), "0.1");
  EXPECT_EQ(number_of(-2.5e-8), "-2.5e-08");
  EXPECT_EQ(number_of(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(number_of(-std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(number_of(std::numeric_limits<double>::quiet_NaN()), "null");
  for (const double value : {-0.0, 1e22, 5e-324, 1.7976931348623157e308, 1.0 / 3, 123456789.125}) {
    const std::string text = number_of(value);
    JsonReader json(text);
    ASSERT_EQ(json.next(), JsonToken::number) << text;
    EXPECT_EQ(json.number().as_double().value(), value);
    EXPECT_EQ(std::signbit(json.number().as_double().value()), std::signbit(value));
  }
}

TEST(JsonWriter, refuses_what_is_deeper_than_it_can_tell) {
  const auto nested = [](std::size_t depth) {
    return [depth](JsonWriter& json) {
      for (std::size_t i = 0; i < depth; ++i) {
        json.object();
        json.key("k");
      }
      json.null();
      for (std::size_t i = 0; i < depth; ++i) json.object_end();
    };
  };
  EXPECT_TRUE(read_json(written(nested(64)), {.depth = 64}));
  EXPECT_EQ(written(nested(65)), "refused");
  EXPECT_EQ(written(nested(200)), "refused");
}

// Of every size that is too small, and nothing is written behind it.
TEST(JsonWriter, refuses_what_does_not_fit) {
  for (std::size_t size = 0; size < all_kinds.size(); ++size) {
    std::string place(all_kinds.size(), '~');
    JsonWriter json({place.data(), size});
    write_all_kinds(json);
    EXPECT_EQ(json.text().error(), Errc::no_capacity);
    EXPECT_EQ(json.size(), all_kinds.size());
    EXPECT_EQ(place,
              std::string(all_kinds.substr(0, size)) + std::string(all_kinds.size() - size, '~'));
  }
}

TEST(JsonWriter, writes_a_text_in_pieces) {
  for (std::size_t length = 1; length <= all_kinds.size(); ++length) {
    std::string text;
    for (std::size_t from = 0; from < all_kinds.size(); from += length) {
      std::string place(length, '~');
      JsonWriter json(place, from);
      write_all_kinds(json);
      text += place;
    }
    text.resize(all_kinds.size());
    EXPECT_EQ(text, all_kinds);
  }
  JsonWriter behind({}, 1000);
  write_all_kinds(behind);
  EXPECT_EQ(behind.text().value(), "");
}

// A random value, written and told of in the words of `read_json`.
class Value {
 public:
  explicit Value(Random& random) : random_(random) { grow(0); }

  void write(JsonWriter& json) const {
    for (const Script& step : steps_) step(json);
  }
  JsonTokens tokens;

 private:
  void grow(std::size_t depth) {
    switch (random_.below(depth < 5 ? 8U : 6U)) {
      case 0: return step("null", [](JsonWriter& json) { json.null(); });
      case 1: return step("true", [](JsonWriter& json) { json.boolean(true); });
      case 2: return step("false", [](JsonWriter& json) { json.boolean(false); });
      case 3: return grow_number();
      case 4:
      case 5: {
        const std::string text = any_text();
        return step("string " + text, [text](JsonWriter& json) { json.string(text); });
      }
      case 6: {
        step("array", [](JsonWriter& json) { json.array(); });
        for (auto left = random_.below(4U); left > 0; --left) grow(depth + 1);
        return step("array end", [](JsonWriter& json) { json.array_end(); });
      }
      default: return grow_object(depth);
    }
  }
  void grow_object(std::size_t depth) {
    step("object", [](JsonWriter& json) { json.object(); });
    for (auto left = random_.below(4U); left > 0; --left) {
      const std::string text = any_text();
      step("key " + text, [text](JsonWriter& json) { json.key(text); });
      grow(depth + 1);
    }
    step("object end", [](JsonWriter& json) { json.object_end(); });
  }
  void grow_number() {
    const auto bits = random_.bits() >> random_.below(64U);
    const auto value = static_cast<std::int64_t>(random_.one_in(2) ? bits : ~bits);
    step("number " + std::to_string(value), [value](JsonWriter& json) { json.number(value); });
  }
  void step(std::string token, Script script) {
    tokens.push_back(std::move(token));
    steps_.push_back(std::move(script));
  }
  std::string any_text() {
    constexpr std::string_view pieces[] = {"a",
                                           " ",
                                           "\"",
                                           "\\",
                                           "/",
                                           "\n",
                                           "\0"sv,
                                           "\x1f",
                                           "\x7f",
                                           "\xc2\x80",
                                           "\xe2\x82\xac",
                                           "\xed\x9f\xbf",
                                           "\xf4\x8f\xbf\xbf"};
    std::string text;
    for (auto left = random_.below(6U); left > 0; --left) {
      text += pieces[random_.below(std::size(pieces))];
    }
    return text;
  }

  Random& random_;
  std::vector<Script> steps_;
};

TEST(JsonWriter, writes_what_a_reader_reads_as_the_same) {
  for_each_seed([](Random& random) {
    for (int round = 0; round < 300; ++round) {
      const Value value(random);
      const std::string text = written([&value](JsonWriter& json) { value.write(json); });
      ASSERT_EQ(read_json(text), value.tokens) << text;
    }
  });
}

// Into a transport.

struct Quiet final : Protocol {
  std::size_t data_received(Bytes data) override { return data.size(); }
  using Protocol::transport;
};

struct WriteJson : TestCase<> {
  void SetUp() override { ASSERT_FALSE(transport.make_connection(protocol)); }
  void TearDown() override { transport.lose(); }

  Quiet protocol;
  StringTransport<ConnectionSizes{.connections = 1, .receive = 64, .send = 64}> transport{reactor};
};

TEST_F(WriteJson, is_whole_wherever_the_ring_ends) {
  int calls = 0;
  const auto write = [&calls](JsonWriter& json) {
    write_all_kinds(json);
    ++calls;
  };
  // A ring that is never empty goes round.
  transport.hold();
  ASSERT_EQ(protocol.transport().write(bytes_of("abc")), 3U);
  std::string expected = "abc";
  std::string received;
  for (int round = 0; round < 200; ++round) {
    ASSERT_FALSE(write_json(protocol.transport(), write));
    expected += all_kinds;
    transport.take(all_kinds.size());
    received += transport.value();
    transport.clear();
    ASSERT_EQ(received, expected.substr(0, received.size()));
    ASSERT_EQ(received.size() + 3, expected.size());
  }
  EXPECT_GT(calls, 220) << "the ring's end divided none of them";
  EXPECT_LT(calls, 400);
}

TEST_F(WriteJson, writes_nothing_where_there_is_no_room_for_all) {
  transport.hold();
  ASSERT_FALSE(write_json(protocol.transport(), write_all_kinds));
  EXPECT_EQ(write_json(protocol.transport(), write_all_kinds), Errc::no_capacity);
  transport.settle();
  transport.release();
  EXPECT_EQ(transport.value(), all_kinds);
}

}  // namespace
}  // namespace bobbin::test
