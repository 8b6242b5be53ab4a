// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <bobbin/http/url.hpp>

namespace bobbin::http {
namespace {

std::string parts(std::string_view text) {
  const std::optional<Url> url = parse_url(text);
  return url ? std::string(url->host) + " " + std::string(url->target) : "none";
}

TEST(HttpUrl, has_a_host_and_a_target) {
  EXPECT_EQ(parts("http://example.org"), "example.org /");
  EXPECT_EQ(parts("http://example.org/"), "example.org /");
  EXPECT_EQ(parts("HTTP://192.0.2.1:8080/a/b?c=/d"), "192.0.2.1:8080 /a/b?c=/d");
  EXPECT_EQ(parts("http://[::1]:80/"), "[::1]:80 /");
  EXPECT_EQ(parts("http://a/b#c/d"), "a /b");
  EXPECT_EQ(parts("http://a#c"), "a /");
  EXPECT_EQ(parts("http://a?b"), "a ?b");
  EXPECT_EQ(parts("http://a:80?/b#c"), "a:80 ?/b");
}

TEST(HttpUrl, is_of_http_alone_and_can_be_asked_for) {
  for (const char* text :
       {"", "http", "http:", "http:/", "http://", "http:///", "http:///a", "https://a/", "//a/b",
        "/a", "a", "xhttp://a/", "http://user@a/", "http://a b/", "http://a/b c", "http://a/\r\n",
        "http://a,b/", "#http://a/"}) {
    EXPECT_EQ(parts(text), "none") << text;
  }
  EXPECT_EQ(parts("http://:80/"), "none");
  EXPECT_EQ(parts("http://?b"), "none");
  EXPECT_EQ(parts("http://<a>/"), "none");
}

TEST(Query, has_values_by_name) {
  constexpr std::string_view query = "a=1&bb=2%20&c&d=&a=3&=x&&e=f=g";
  EXPECT_EQ(query_value(query, "a"), "1") << "the first of them";
  EXPECT_EQ(query_value(query, "bb"), "2%20");
  EXPECT_EQ(query_value(query, "c"), "");
  EXPECT_EQ(query_value(query, "d"), "");
  EXPECT_EQ(query_value(query, "e"), "f=g");
  EXPECT_EQ(query_value(query, ""), "x");
  EXPECT_EQ(query_value(query, "b"), std::nullopt);
  EXPECT_EQ(query_value(query, "A"), std::nullopt);
  EXPECT_EQ(query_value("", "a"), std::nullopt);
}

TEST(Query, has_numbers_by_name) {
  constexpr std::string_view query = "a=10&b=-3&c=&d&e=1x&f=9223372036854775808&g=+1&h= 1&a=2";
  EXPECT_EQ(query_number(query, "a"), 10);
  EXPECT_EQ(query_number(query, "b"), -3);
  for (const char* const name : {"c", "d", "e", "f", "g", "h", "i"}) {
    EXPECT_EQ(query_number(query, name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace bobbin::http
