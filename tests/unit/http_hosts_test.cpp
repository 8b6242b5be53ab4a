// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>
#include <bobbin/testing.hpp>

namespace bobbin::http {
namespace {

TEST(Host, is_compared_without_its_port_and_in_whatever_case) {
  for (const char* const authority : {"example.org", "EXAMPLE.org", "example.org:80",
                                      "example.org:", "example.org.", "example.org.:8080"}) {
    EXPECT_TRUE(is_host("example.org", authority)) << authority;
    EXPECT_TRUE(is_host("Example.Org", authority)) << authority;
  }
  for (const char* const authority : {"", ":80", "example.com", "www.example.org", "example.org..",
                                      "example", "xexample.org", "example.orgx", "."}) {
    EXPECT_FALSE(is_host("example.org", authority)) << authority;
  }
  EXPECT_TRUE(is_host("[::1]", "[::1]"));
  EXPECT_TRUE(is_host("[::1]", "[::1]:80"));
  EXPECT_FALSE(is_host("[::1]", "[::2]:80"));
}

TEST(Host, may_be_any_below_another_or_any_at_all) {
  EXPECT_TRUE(is_host("*.example.org", "www.example.org:80"));
  EXPECT_TRUE(is_host("*.example.org", "a.b.EXAMPLE.org"));
  EXPECT_FALSE(is_host("*.example.org", "example.org"));
  EXPECT_FALSE(is_host("*.example.org", ".example.org"));
  EXPECT_FALSE(is_host("*.example.org", "wwwexample.org"));
  EXPECT_TRUE(is_host("*", "anything"));
  EXPECT_TRUE(is_host("*", ""));
}

// Three sites, of which one is two hosts'.
template <bool has_others>
struct Sites final : RoutedResponder<Sites<has_others>> {
  Error feed(const RequestHead&, const Parameters&) { return this->respond({}, "feed"); }
  Error pages(const RequestHead&, const Parameters&) { return this->respond({}, "pages"); }
  Error others(const RequestHead&, const Parameters&) { return this->respond({}, "others"); }
  void host_missing(const RequestHead& request) override {
    std::string text = "Unknown host: ";
    text += request.authority;
    EXPECT_FALSE(this->respond({.status = Status::not_found}, text));
  }

  static constexpr Route<Sites> feed_routes[] = {{"GET", "/rss.xml", &Sites::feed}};
  static constexpr Route<Sites> page_routes[] = {{"GET", "/", &Sites::pages}};
  static constexpr Route<Sites> other_routes[] = {{"GET", "/", &Sites::others}};
  static constexpr VirtualHost<Sites> hosts[] = {
      {"feed.invalid", feed_routes},
      {"pages.invalid", page_routes},
      {"*.pages.invalid", page_routes},
      {has_others ? "*" : "others.invalid", other_routes},
  };
};

template <class Site>
struct HostsTest : TestCase<> {
  void SetUp() override { ASSERT_FALSE(transport.make_connection(site)); }
  void TearDown() override { transport.lose(); }

  // "200 content"
  std::string ask(std::string_view path, std::string_view host) {
    transport.clear();
    transport.receive("GET " + std::string(path) + " HTTP/1.1\r\nHost: " + std::string(host) +
                      "\r\n\r\n");
    const std::string_view answer = transport.value();
    return std::string(answer.substr(9, 4)) +
           std::string(answer.substr(answer.find("\r\n\r\n") + 4));
  }

  Site site;
  StringTransport<ConnectionSizes{.connections = 1, .receive = 2048, .send = 1024}> transport{
      reactor};
};

using SomeHosts = HostsTest<Sites<false>>;
using AllHosts = HostsTest<Sites<true>>;

TEST_F(SomeHosts, have_routes_of_their_own) {
  EXPECT_EQ(ask("/rss.xml", "feed.invalid:8080"), "200 feed");
  EXPECT_EQ(ask("/", "feed.invalid"), "404 Not Found\n");
  EXPECT_EQ(ask("/", "pages.invalid"), "200 pages");
  EXPECT_EQ(ask("/", "www.pages.invalid"), "200 pages");
  EXPECT_EQ(ask("/", "others.invalid"), "200 others");
  EXPECT_EQ(ask("http://feed.invalid/rss.xml", "pages.invalid"), "200 feed")
      << "the target counts more than the field";
}

TEST_F(SomeHosts, are_all_there_are) {
  EXPECT_EQ(ask("/", "missing.invalid"), "404 Unknown host: missing.invalid");
}

TEST_F(AllHosts, have_one_for_the_rest) {
  EXPECT_EQ(ask("/", "missing.invalid"), "200 others");
  EXPECT_EQ(ask("/", "pages.invalid"), "200 pages");
}

}  // namespace
}  // namespace bobbin::http
