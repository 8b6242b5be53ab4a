// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// The feed aggregator and the servers of its feeds, on one network in memory.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/testing.hpp>

#include "feeds/site.hpp"

namespace feeds {
namespace {

namespace http = bobbin::http;
using namespace std::chrono_literals;

std::string rss(std::string_view title, std::string_view link, std::string_view items = "") {
  return "<rss version=\"2.0\"><channel><title>" + std::string(title) + "</title><link>" +
         std::string(link) + "</link>" + std::string(items) + "</channel></rss>";
}

// What the servers of all feeds know, by host.
struct Origin {
  std::map<std::string, std::string, std::less<>> documents;
  std::map<std::string, std::function<void()>, std::less<>> waiting;  // slow ones: now they answer
  std::vector<std::string> asked;
};

class StubFeed final : public http::Responder<> {
 public:
  explicit StubFeed(Origin& origin) : origin_(origin) {}

  void request_received(const http::RequestHead& request) override {
    host_ = request.authority;
    origin_.asked.push_back(host_ + std::string(request.target));
    if (host_.starts_with("slow")) {
      origin_.waiting[host_] = [this] { answer(); };
    } else {
      answer();
    }
  }
  void request_lost(bobbin::Error) override { origin_.waiting.erase(host_); }

 private:
  void answer() {
    const auto found = origin_.documents.find(host_);
    if (found == origin_.documents.end()) {
      text_ = "Unknown host: " + host_;
      EXPECT_FALSE(respond({.status = http::Status::not_found}, text_));
    } else {
      EXPECT_FALSE(
          respond_lasting({.type = "application/rss+xml"}, bobbin::bytes_of(found->second)));
    }
  }

  Origin& origin_;
  std::string host_;
  std::string text_;
};

constexpr bobbin::ConnectionSizes origin_sizes{.connections = 8, .receive = 2048, .send = 2048};
constexpr bobbin::ConnectionSizes site_sizes{.connections = 1, .receive = 2048, .send = 1024};
constexpr http::ClientSizes client_sizes{.connections = 4, .receive = 4096, .send = 1024};

class FeedsSite : public bobbin::TestCase<> {
 protected:
  void SetUp() override {
    ASSERT_FALSE(reactor.listen_tcp(bobbin::Address::loopback(80), servers));
    log.add(lines);
  }
  void TearDown() override {
    transport.lose();
    reactor.run_for(2min);  // by then kept connections are closed
    TestCase::TearDown();
  }

  void add(std::string url) {
    urls.push_back(std::move(url));
    sources.clear();
    for (const std::string& url_text : urls) sources.push_back({url_text});
    shared.sources = sources;
  }

  void ask(std::string_view target, std::string_view method = "GET") {
    if (!transport.connected()) {
      ASSERT_FALSE(transport.make_connection(site));
    }
    transport.clear();
    transport.receive(std::string(method) + " " + std::string(target) +
                      " HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  std::string answer(std::string_view target, bobbin::Duration time = 1s) {
    ask(target);
    reactor.run_for(time);
    return std::string(transport.value());
  }
  // Of the answer, without the chunks' frames.
  std::string page() const {
    std::string content;
    std::string_view rest = transport.value();
    rest.remove_prefix(std::min(rest.find("\r\n\r\n") + 4, rest.size()));
    while (!rest.empty()) {
      const std::size_t end = rest.find("\r\n");
      const std::size_t size = std::stoul(std::string(rest.substr(0, end)), nullptr, 16);
      if (size == 0) return content;
      content += rest.substr(end + 2, size);
      rest.remove_prefix(end + 2 + size + 2);
    }
    return content + "[…]";
  }
  // The lines of the log, without what is in front of their words.
  std::vector<std::string> logged() {
    std::vector<std::string> words;
    for (std::string_view rest = text; !rest.empty();) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      words.emplace_back(line.substr(line.find('#') + 1));
      rest.remove_prefix(line.size() + 1);
    }
    text.clear();
    return words;
  }

  Origin origin;
  static constexpr bobbin::Address here = bobbin::Address::loopback(0);
  static constexpr bobbin::HostEntry hosts[] = {
      {"feed-1", here}, {"feed-2", here},    {"slow", here},  {"slow-2", here},
      {"empty", here},  {"malformed", here}, {"large", here}, {"missing.invalid", here}};
  bobbin::HostTable names{reactor, hosts};
  bobbin::TcpServer<StubFeed, origin_sizes, Origin> servers{origin};
  http::ResolvingClient<client_sizes> client{reactor, names};
  std::string text;
  bobbin::TextLog<400> lines{[this](std::string_view line) {
    text += line;
    return line.size();
  }};
  std::vector<std::string> urls;
  std::vector<Source> sources;
  Shared shared{.network = {.clock = reactor, .client = client, .log = {log, "feeds"}},
                .sources = {}};
  Site site{shared};
  bobbin::StringTransport<site_sizes, 400'000> transport{reactor};
};

TEST_F(FeedsSite, shows_all_feeds_in_their_order) {
  origin.documents["feed-1"] = rss("First feed", "http://feed-1/",
                                   "<item><title>First item</title><link>#first</link></item>");
  origin.documents["slow-2"] = rss("Second feed", "http://feed-2/",
                                   "<item><title>Second item</title><link>#second</link></item>");
  add("http://slow-2/rss.xml");
  add("http://feed-1/rss.xml");
  ask("/");
  reactor.run_for(1s);
  EXPECT_EQ(origin.asked, (std::vector<std::string>{"slow-2/rss.xml", "feed-1/rss.xml"}));
  const std::string begin =
      "<!doctype html>\n<html><head><title>Feed Aggregator 2.0</title></head><body>\n"
      "<div><table>\n<tr><th><a href=\"";
  EXPECT_EQ(page(), begin + "[…]") << "as far as it is known";
  origin.waiting.at("slow-2")();
  reactor.run_for(1s);
  EXPECT_EQ(page(),
            begin +
                "http://feed-2/\">Second feed</a></th></tr>\n"
                "<tr><td><a href=\"#second\">Second item</a></td></tr>\n</table></div>\n"
                "<div><table>\n<tr><th><a href=\"http://feed-1/\">First feed</a></th></tr>\n"
                "<tr><td><a href=\"#first\">First item</a></td></tr>\n</table></div>\n"
                "</body></html>\n");
  EXPECT_EQ(logged(), (std::vector<std::string>{"info] Downloading feed http://slow-2/rss.xml",
                                                "info] Downloading feed http://feed-1/rss.xml"}));
}

TEST_F(FeedsSite, says_the_same_as_json) {
  origin.documents["feed-1"] = rss("First feed", "http://feed-1/",
                                   "<item><title>First item</title><link>#first</link></item>");
  origin.documents["feed-2"] = rss("Second \"feed\"", "http://feed-2/");
  add("http://feed-1/rss.xml");
  add("http://feed-2/rss.xml");
  const std::string expected =
      R"({"feeds":[{"link":"http://feed-1/","title":"First feed","items":[{"link":"#first",)"
      R"("title":"First item"}]},{"link":"http://feed-2/","title":"Second \"feed\"","items":[]}]})";
  for (const char* target : {"/?json=true", "/?json=1"}) {
    EXPECT_NE(answer(target).find("Content-Type: application/json\r\n"), std::string::npos);
    EXPECT_EQ(page(), expected);
  }
  for (const char* target : {"/", "/?json=", "/?jason=1"}) {
    EXPECT_NE(answer(target).find("Content-Type: text/html"), std::string::npos) << target;
  }
}

TEST_F(FeedsSite, has_a_feed_that_failed_in_its_place) {
  origin.documents["feed-1"] = rss("First feed", "http://feed-1/");
  origin.documents["empty"] = "";
  origin.documents["malformed"] = "<rss><channel></rss>";
  origin.documents["large"] = std::string(Retrieval::document_max + 1, ' ');
  for (const char* host : {"missing.invalid", "feed-1", "empty", "malformed", "large"}) {
    add("http://" + std::string(host) + "/rss.xml");
  }
  answer("/?json=true");
  EXPECT_EQ(page(),
            R"({"feeds":[{"error":"Failed to load http://missing.invalid/rss.xml: 404"},)"
            R"({"link":"http://feed-1/","title":"First feed","items":[]},)"
            R"({"error":"Failed to load http://empty/rss.xml: no element found"},)"
            R"({"error":"Failed to load http://malformed/rss.xml: malformed XML"},)"
            R"({"error":"Failed to load http://large/rss.xml: response content too large"}]})");
  text.clear();
  answer("/");
  EXPECT_NE(page().find("<a href=\"http://missing.invalid/rss.xml\">Failed to load feed: 404</a>"),
            std::string::npos);
  EXPECT_NE(page().find("Failed to load feed: no element found</a>"), std::string::npos);
  EXPECT_NE(page().find("First feed"), std::string::npos);
  std::vector<std::string> said = logged();
  said.erase(said.begin(), said.begin() + 5);
  std::sort(said.begin(), said.end());
  EXPECT_EQ(said,
            (std::vector<std::string>{
                "critical] Unexpected failure downloading http://empty/rss.xml: no element found",
                "critical] Unexpected failure downloading http://large/rss.xml: response content "
                "too large",
                "critical] Unexpected failure downloading http://malformed/rss.xml: malformed XML",
                "error] Could not download feed http://missing.invalid/rss.xml: 404"}));
}

TEST_F(FeedsSite, waits_for_a_feed_for_so_long_and_no_longer) {
  origin.documents["feed-1"] = rss("First feed", "http://feed-1/");
  add("http://slow/rss.xml");
  add("http://feed-1/rss.xml");
  add("http://nobody/rss.xml");
  answer("/?json=true", 29s);
  EXPECT_EQ(page(), R"({"feeds":[{[…])") << "as far as it is known";
  reactor.run_for(2s);
  EXPECT_EQ(page(), R"({"feeds":[{"error":"Failed to load http://slow/rss.xml: timed out"},)"
                    R"({"link":"http://feed-1/","title":"First feed","items":[]},)"
                    R"({"error":"Failed to load http://nobody/rss.xml: unknown host"}]})");
  EXPECT_TRUE(origin.waiting.empty()) << "given up";
}

TEST_F(FeedsSite, escapes_what_feeds_say) {
  origin.documents["feed-1"] =
      rss("&lt;script&gt;", "http://a/?b&quot;&gt;",
          "<item><title><![CDATA[</a><b>]]></title><link>javascript:alert(1)</link></item>");
  add("http://feed-1/rss.xml");
  answer("/");
  EXPECT_NE(page().find("<a href=\"http://a/?b&quot;&gt;\">&lt;script&gt;</a>"), std::string::npos);
  EXPECT_NE(page().find("<a href=\"\">&lt;/a&gt;&lt;b&gt;</a>"), std::string::npos);
}

// The longest there can be, through a send ring that is a fraction of it.
TEST_F(FeedsSite, is_whole_however_long_it_is) {
  const std::string title = "&#34;" + std::string(Text::size_max - 1, '"');
  std::string items;
  for (std::size_t i = 0; i < Feed::items_max; ++i)
    items += "<item><title>" + title + "</title></item>";
  origin.documents["feed-1"] = rss(title, "http://feed-1/", items);
  for (std::size_t i = 0; i < sources_max; ++i) add("http://feed-1/rss.xml");
  answer("/?json=1", 10s);
  EXPECT_GT(page().size(), sources_max * Feed::items_max * Text::size_max * 2);
  EXPECT_TRUE(page().ends_with("\\\"\"}]}]}"));
  answer("/", 10s);
  EXPECT_TRUE(page().ends_with("&quot;</a></td></tr>\n</table></div>\n</body></html>\n"));
}

TEST_F(FeedsSite, gives_up_what_nobody_waits_for) {
  add("http://slow/rss.xml");
  ask("/");
  reactor.run_for(1s);
  EXPECT_EQ(origin.waiting.size(), 1U);
  transport.lose();
  reactor.run_for(1s);
  EXPECT_TRUE(origin.waiting.empty());
  EXPECT_EQ(logged(), (std::vector<std::string>{"info] Downloading feed http://slow/rss.xml"}));
}

TEST_F(FeedsSite, answers_without_feeds_and_without_content) {
  answer("/?json=1");
  EXPECT_EQ(page(), R"({"feeds":[]})");
  answer("/");
  EXPECT_TRUE(page().ends_with("<body>\n</body></html>\n"));
  add("http://slow/rss.xml");
  ask("/", "HEAD");
  EXPECT_TRUE(transport.value().starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(origin.asked.empty()) << "nobody wants it";
}

}  // namespace
}  // namespace feeds
