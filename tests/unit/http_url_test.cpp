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
}

TEST(HttpUrl, is_of_http_alone_and_can_be_asked_for) {
  for (const char* text :
       {"", "http", "http:", "http:/", "http://", "http:///", "http:///a", "https://a/", "//a/b",
        "/a", "a", "xhttp://a/", "http://user@a/", "http://a?b", "http://a b/", "http://a/b c",
        "http://a/\r\n", "http://a,b/", "#http://a/"}) {
    EXPECT_EQ(parts(text), "none") << text;
  }
}

}  // namespace
}  // namespace bobbin::http
