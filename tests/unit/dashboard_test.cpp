// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "dashboard.hpp"

#include <chrono>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <bobbin/testing.hpp>

namespace bobbin {
namespace {

using namespace std::chrono_literals;

std::string get(std::string_view path, std::string_view field = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(field) + "\r\n";
}

struct DashboardTest : TestCase<> {
  DashboardTest() {
    EXPECT_FALSE(
        shared.figures.add({.name = "spools", .bytes = 640, .use = [this] { return use; }}));
  }
  void SetUp() override { ASSERT_FALSE(transport.make_connection(dashboard)); }
  void TearDown() override { transport.lose(); }

  std::string ask(std::string_view path, std::string_view field = "") {
    transport.clear();
    transport.receive(get(path, field));
    return std::string(transport.value());
  }

  std::string sample() {
    char place[Feed::event_max];
    JsonWriter json(place);
    shared.figures.write_sample(json, 0, 0);
    const auto text = json.text();
    EXPECT_TRUE(text);
    return text ? std::string(*text) : "";
  }
  bool sample_says(std::string_view member) { return sample().find(member) != std::string::npos; }

  PoolUse use{.capacity = 8, .in_use = 2, .high_water = 3, .refused = 1};
  Shared shared{reactor, "a test", false};
  Dashboard dashboard{shared};
  StringTransport<dashboard_sizes, 65536> transport{reactor};
};

TEST_F(DashboardTest, has_a_page_that_is_small) {
  const std::string answer = ask("/");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_NE(answer.find("Content-Encoding: gzip\r\n"), answer.npos);
  ASSERT_FALSE(dashboard_page.all().empty());
  const http::EmbeddedFile& page = dashboard_page.all().front();
  EXPECT_TRUE(answer.ends_with(text_of(std::as_bytes(page.content))));
  EXPECT_LT(page.content.size(), 20'000U);
  EXPECT_GT(page.content.size(), 1000U);
  EXPECT_EQ(page.content[0], 0x1f) << "gzip's mark";
  EXPECT_EQ(page.content[1], 0x8b);
}

TEST_F(DashboardTest, does_not_send_the_page_to_who_has_it) {
  const std::string etag(dashboard_page.all().front().etag);
  EXPECT_EQ(ask("/", "If-None-Match: " + etag + "\r\n"),
            "HTTP/1.1 304 Not Modified\r\nETag: " + etag + "\r\nCache-Control: no-cache\r\n\r\n");
  EXPECT_TRUE(ask("/", "If-None-Match: \"another\"\r\n").starts_with("HTTP/1.1 200 "));
}

TEST_F(DashboardTest, tells_first_what_stays_and_then_four_times_a_second_what_changes) {
  const std::string answer = ask("/events");
  EXPECT_NE(answer.find("event: about\nretry: 1000\n"
                        "data: {\"platform\":\"a test\",\"firmware\":false,\"pools\":["
                        "{\"name\":\"spools\",\"bytes\":640,\"counts\":true}]}\n\n"),
            answer.npos)
      << answer;
  EXPECT_NE(answer.find("event: sample\n"), answer.npos) << "at once";
  reactor.run_for(1ms);
  for (int number = 0; number < 8; ++number) {
    transport.clear();
    reactor.run_for(250ms);
    const std::string_view event = transport.value();
    EXPECT_NE(event.find("event: sample\ndata: {\"time\":"), event.npos);
    EXPECT_EQ(event.find("event:"), event.rfind("event:")) << "one each time";
    EXPECT_NE(event.find("\"streams\":1,\"missed\":0,"), event.npos);
  }
}

TEST_F(DashboardTest, who_reads_too_slowly_misses_some_and_gets_the_rest_whole) {
  ask("/events");
  transport.hold();
  reactor.run_for(30s);
  transport.clear();
  transport.release();
  const std::string late(transport.value());
  EXPECT_NE(late.find("\"missed\":0,"), late.npos);
  transport.clear();
  reactor.run_for(251ms);
  const std::string_view event = transport.value();
  EXPECT_NE(event.find("event: sample\ndata: {\"time\":30"), event.npos) << event;
  EXPECT_EQ(event.find("\"missed\":0,"), event.npos);
  EXPECT_TRUE(event.ends_with("]]}\n\n\r\n")) << event;
}

TEST_F(DashboardTest, does_nothing_while_nobody_looks) {
  ask("/events");
  transport.lose();
  reactor.run_for(1s);
  EXPECT_EQ(reactor.timer_use().in_use, 0U);
}

TEST_F(DashboardTest, tells_how_pools_are_used) {
  EXPECT_TRUE(sample_says("\"pools\":[[2,8,3,1]]}"));
  use = {.capacity = 8, .in_use = 5, .high_water = 0, .refused = 0};
  EXPECT_TRUE(sample_says("\"pools\":[[5,8,5,0]]}")) << "the most that was seen";
  use.in_use = 1;
  EXPECT_TRUE(sample_says("\"pools\":[[1,8,5,0]]}"));
}

TEST_F(DashboardTest, has_room_for_all_pools_there_can_be) {
  use = {.capacity = 100'000, .in_use = 99'999, .high_water = 100'000, .refused = 1000};
  Figures figures(reactor, "mps2-an521", true);
  const PoolFigures longest{
      .name = "lwIP TCP_PCB_LISTEN", .bytes = 100'000, .use = [this] { return use; }};
  int pools = 0;
  while (!figures.add(longest)) ++pools;
  EXPECT_GE(pools, 16);
  char place[Feed::event_max];
  JsonWriter about(place);
  figures.write_about(about);
  EXPECT_TRUE(about.text()) << about.size();
  JsonWriter changing(place);
  figures.write_sample(changing, 8, 0);
  EXPECT_TRUE(changing.text()) << changing.size();
}

TEST_F(DashboardTest, shows_how_a_reader_pauses_a_stream) {
  transport.hold();
  ask("/stress");
  EXPECT_TRUE(sample_says("\"stress\":1,\"paused\":1,\"paused_for\":0,"));
  reactor.run_for(2s);
  EXPECT_TRUE(sample_says("\"stress\":1,\"paused\":1,\"paused_for\":2000000,"));
  transport.take(dashboard_sizes.send / 2);
  EXPECT_TRUE(sample_says("\"paused\":1,")) << "not drained as far as it has to be";
  transport.take(dashboard_sizes.send / 2);
  EXPECT_EQ(reactor.statistics().resumes, 1U);
  EXPECT_TRUE(sample_says("\"paused\":1,")) << "and it was full again at once";
  EXPECT_EQ(reactor.statistics().pauses, 2U);
  transport.lose();
  EXPECT_TRUE(sample_says("\"stress\":0,\"paused\":0,\"paused_for\":2000000,"));
}

TEST_F(DashboardTest, streams_what_can_be_checked) {
  transport.hold();
  ask("/stress");
  std::string received(transport.value());
  for (int piece = 0; piece < 20; ++piece) {
    transport.clear();
    transport.take(2000);
    received += transport.value();
  }
  EXPECT_NE(received.find("Transfer-Encoding: chunked\r\n"), received.npos);
  EXPECT_NE(received.find("\x1f\x8b"), received.npos) << "the page, again and again";
  EXPECT_GE(received.size(), 40'000U);
}

TEST_F(DashboardTest, gives_up_a_reader_that_takes_nothing_for_minutes) {
  transport.hold();
  ask("/stress");
  reactor.run_for(1min);
  EXPECT_TRUE(transport.connected());
  reactor.run_for(5min);
  EXPECT_FALSE(transport.connected());
  EXPECT_TRUE(sample_says("\"stress\":0,\"paused\":0,"));
}

}  // namespace
}  // namespace bobbin
