// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <set>
#include <string>

#include <bobbin/testing.hpp>

#include "variants/variants.hpp"

namespace bobbin {
namespace {

constexpr ConnectionSizes sizes{.connections = 1, .receive = 2048, .send = 1024};

// Both of the example's ends on one set of features.
struct Variants : TestCase<> {
  void SetUp() override {
    ASSERT_FALSE(visitor.make_connection(site));
    ASSERT_FALSE(operating.make_connection(control));
  }
  void TearDown() override {
    visitor.lose();
    TestCase<>::TearDown();
  }

  // What so many visitors are greeted with.
  std::set<std::string> greetings() {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
      visitor.clear();
      visitor.receive("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
      const std::string answer(visitor.value());
      seen.insert(answer.substr(answer.find("\r\n\r\n") + 4));
    }
    return seen;
  }

  std::string tell(std::initializer_list<std::string_view> strings) {
    std::string box;
    for (const std::string_view string : strings) {
      box += '\0';
      box += static_cast<char>(string.size());
      box += string;
    }
    operating.clear();
    operating.receive(box + std::string(2, '\0'));
    return std::string(operating.value());
  }

  variants::Features features{.random = Random(1)};
  variants::Site site{features};
  variants::Control control{features};
  StringTransport<sizes> visitor{reactor};
  StringTransport<sizes> operating{reactor};
};

TEST_F(Variants, are_as_many_as_features_make) {
  using Set = std::set<std::string>;
  EXPECT_EQ(greetings(), Set({"hello world"}));
  tell({"_command", "SetCapitalize", "value", "1.0"});
  EXPECT_EQ(greetings(), Set({"Hello world"}));
  tell({"_command", "SetExclaim", "value", "1"});
  EXPECT_EQ(greetings(), Set({"Hello world!"}));
  tell({"_command", "SetCapitalize", "value", "0.5"});
  EXPECT_EQ(greetings(), Set({"Hello world!", "hello world!"}));
  tell({"_command", "SetExclaim", "value", "0.5"});
  EXPECT_EQ(greetings(), Set({"Hello world", "Hello world!", "hello world", "hello world!"}));
}

TEST_F(Variants, are_told_of) {
  using namespace std::string_literals;
  EXPECT_EQ(tell({"_ask", "1", "_command", "GetExclaim"}),
            "\0\7_answer\0\1"
            "1\0\5value\0\3"
            "0.0\0\0"s);
  EXPECT_EQ(tell({"_ask", "2", "_command", "SetExclaim", "value", "0.25"}),
            "\0\7_answer\0\1"
            "2\0\0"s);
  EXPECT_EQ(tell({"_ask", "3", "_command", "GetExclaim"}),
            "\0\7_answer\0\1"
            "3\0\5value\0\4"
            "0.25\0\0"s);
  EXPECT_EQ(features.exclaim.units, 250000);
  EXPECT_EQ(features.capitalize.units, 0);
}

}  // namespace
}  // namespace bobbin
