// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>

namespace bobbin::http {
namespace {

using namespace std::string_view_literals;

// The parameters that a path has for a pattern, "-" if it is none of it.
std::string numbers(Pattern pattern, std::string_view path) {
  Parameters parameters;
  if (!matches(pattern, path, parameters)) return "-";
  return std::to_string(parameters.number("n"));
}
std::string texts(Pattern pattern, std::string_view path) {
  Parameters parameters;
  if (!matches(pattern, path, parameters)) return "-";
  return std::string(parameters.text("t"));
}
bool leads(Pattern pattern, std::string_view path) {
  Parameters parameters;
  return matches(pattern, path, parameters);
}

TEST(Pattern, is_compared_segment_by_segment) {
  EXPECT_TRUE(leads("/", "/"));
  EXPECT_FALSE(leads("/", "/a"));
  EXPECT_FALSE(leads("/", ""));
  EXPECT_FALSE(leads("/", "*"));
  EXPECT_TRUE(leads("/a/bc", "/a/bc"));
  EXPECT_FALSE(leads("/a/bc", "/a/b"));
  EXPECT_FALSE(leads("/a/bc", "/a/bcd"));
  EXPECT_FALSE(leads("/a/bc", "/a/bc/"));
  EXPECT_TRUE(leads("/a/bc/", "/a/bc/"));
  EXPECT_FALSE(leads("/a/bc/", "/a/bc"));
  EXPECT_FALSE(leads("/a", "/A"));
  EXPECT_FALSE(leads("/a", "//a"));
}

TEST(Pattern, is_compared_with_what_is_percent_encoded) {
  EXPECT_TRUE(leads("/a b", "/a%20b"));
  EXPECT_TRUE(leads("/abc", "/%61%62%63"));
  EXPECT_FALSE(leads("/a/b", "/a%2Fb")) << "an encoded slash divides nothing";
  EXPECT_FALSE(leads("/a", "/%6"));
  EXPECT_FALSE(leads("/a", "/%6g"));
  EXPECT_FALSE(leads("/a", "/a%"));
}

TEST(Pattern, has_numbers) {
  EXPECT_EQ(numbers("/user/<int:n>", "/user/42"), "42");
  EXPECT_EQ(numbers("/user/<int:n>/x", "/user/007/x"), "7");
  EXPECT_EQ(numbers("/<int:n>", "/9223372036854775807"), "9223372036854775807");
  for (const std::string_view wrong :
       {"/9223372036854775808"sv, "/99999999999999999999999"sv, "/"sv, "/-1"sv, "/+1"sv, "/1x"sv,
        "/0x1"sv, "/ 1"sv, "/%31"sv, "/1/"sv, "/1.0"sv, "1"sv}) {
    EXPECT_EQ(numbers("/<int:n>", wrong), "-") << wrong;
  }
}

TEST(Pattern, has_texts) {
  EXPECT_EQ(texts("/say/<t>", "/say/hello"), "hello");
  EXPECT_EQ(texts("/say/<string:t>/x", "/say/a%20b/x"), "a%20b");
  EXPECT_EQ(texts("/say/<t>", "/say/"), "-");
  EXPECT_EQ(texts("/say/<t>", "/say/a/b"), "-");
}

TEST(Pattern, has_the_rest_of_a_path) {
  EXPECT_EQ(texts("/static/<path:t>", "/static/a/b.css"), "a/b.css");
  EXPECT_EQ(texts("/static/<path:t>", "/static/a/"), "a/");
  EXPECT_EQ(texts("/static/<path:t>", "/static/"), "-");
  EXPECT_EQ(texts("/static/<path:t>", "/static"), "-");
  EXPECT_EQ(texts("/<int:n>/<path:t>", "/3/../x"), "../x") << "as it came: nothing is taken away";
}

TEST(Pattern, has_up_to_four_parameters) {
  Parameters parameters;
  ASSERT_TRUE(matches("/<a>/<int:b>/<c>/<path:d>", "/1/2/3/4/5", parameters));
  EXPECT_EQ(parameters.text("a"), "1");
  EXPECT_EQ(parameters.number("b"), 2);
  EXPECT_EQ(parameters.text("b"), "2");
  EXPECT_EQ(parameters.text("c"), "3");
  EXPECT_EQ(parameters.text("d"), "4/5");
}

TEST(Decode, gives_what_the_text_stands_for) {
  char place[8];
  EXPECT_EQ(decode("", place), "");
  EXPECT_EQ(decode("a%2Fb%c3%A4", place), "a/b\xc3\xa4");
  EXPECT_EQ(decode("%00", place), "\0"sv);
  EXPECT_EQ(decode("12345678", place), "12345678");
  EXPECT_EQ(decode("123456789", place), std::nullopt);
  for (const std::string_view wrong : {"%"sv, "%1"sv, "%g0"sv, "%0g"sv, "a%"sv, "%%41"sv}) {
    EXPECT_EQ(decode(wrong, place), std::nullopt) << wrong;
  }
}

TEST(Decode, takes_plus_for_a_space_in_forms) {
  char place[8];
  EXPECT_EQ(decode("a+b%2B", place), "a+b+");
  EXPECT_EQ(decode_form("+a+b%2B%20", place), " a b+ ");
  EXPECT_EQ(decode_form("12345678", place), "12345678");
  EXPECT_EQ(decode_form("123456789", place), std::nullopt);
  EXPECT_EQ(decode_form("+%", place), std::nullopt);
}

TEST(AllowedMethods, are_a_list_without_repetition_and_never_longer_than_their_place) {
  Allowed allowed;
  EXPECT_EQ(allowed.text(), "");
  allowed.add("GET");
  allowed.add("POST");
  allowed.add("GET");
  EXPECT_EQ(allowed.text(), "GET, POST");
  for (const char* const method :
       {"AAAAAAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBBBBBB", "CCCCCCCCCCCCCCCC"})
    allowed.add(method);
  EXPECT_EQ(allowed.text(), "GET, POST, AAAAAAAAAAAAAAAAAAAA, BBBBBBBBBBBBBBBBBBBB");
}

}  // namespace
}  // namespace bobbin::http
