// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <array>
#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "http_fixture.hpp"
#include "support/seed.hpp"

namespace bobbin::http {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;
using contract::Losses;
using test::Random;

// What a browser makes of a stream, after HTML's "interpreting an event stream": "type/id: data".
Events heard(std::string_view stream) {
  Events events;
  std::string type, data, id;
  while (!stream.empty()) {
    const std::size_t end = stream.find('\n');
    if (end == stream.npos) break;
    const std::string_view line = stream.substr(0, end);
    stream.remove_prefix(end + 1);
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string_view name = line.substr(0, colon);
    std::string_view value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) value.remove_prefix(1);
    EXPECT_EQ(line.find('\r'), line.npos);
    if (name == "event") type = value;
    if (name == "data") data += std::string(value) + "\n";
    if (name == "id") id = value;
    if (name == "retry") events.push_back("retry " + std::string(value));
    if (!line.empty()) continue;
    if (!data.empty()) events.push_back(type + "/" + id + ": " + data.substr(0, data.size() - 1));
    type.clear();
    data.clear();
  }
  return events;
}

// What lies in chunks so far.
std::string so_far(std::string_view response) {
  const std::size_t head = response.find("\r\n\r\n");
  if (head == response.npos) return "";
  std::string content;
  std::string_view rest = response.substr(head + 4);
  for (;;) {
    const std::size_t end = rest.find("\r\n");
    if (end == rest.npos) return content;
    const std::size_t size = std::stoul(std::string(rest.substr(0, end)), nullptr, 16);
    if (size == 0 || rest.size() < end + 2 + size + 2) return content;
    content += rest.substr(end + 2, size);
    rest.remove_prefix(end + 2 + size + 2);
  }
}

struct Shared {
  std::vector<class Feed*> feeds;
  EventBroadcaster* broadcaster = nullptr;
  WhenSlow when_slow = WhenSlow::skip;
  std::string last_id;
  int lost = 0;
};

class Feed final : public Responder<limits> {
 public:
  explicit Feed(Shared& shared) : events(*this, shared.when_slow), shared_(shared) {
    shared_.feeds.push_back(this);
  }
  ~Feed() { std::erase(shared_.feeds, this); }

  void request_received(const RequestHead& request) override {
    if (request.path == "/hello") return void(respond({.type = "text/plain"}, "Hello, world\n"));
    shared_.last_id = last_event_id(request);
    EXPECT_FALSE(events.begin());
    if (shared_.broadcaster != nullptr && events.open()) {
      EXPECT_FALSE(shared_.broadcaster->join(events));
    }
  }
  void request_lost(Error) override { ++shared_.lost; }

  EventStream events;

 private:
  Shared& shared_;
};

constexpr std::size_t clients_max = 3;
constexpr ConnectionSizes feed_sizes{.connections = clients_max, .receive = 256, .send = 512};

// A server of streams and its clients; no more than the windows and the rings is on the way.
class FeedTest : public testing::Test {
 public:
  explicit FeedTest(const memory::Behaviour& behaviour = {}) {
    network_.behaviour = behaviour;
    EXPECT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
  }
  void TestBody() override {}

  void connect(std::size_t number, std::string_view request = "GET /events",
               std::string_view more = "") {
    EXPECT_FALSE(reactor.connect_tcp(server.host(), clients_[number]));
    EXPECT_TRUE(reactor.run_until([&] { return peers[number].connected(); }));
    say(number, std::string(request) + " HTTP/1.1\r\nHost: a\r\n" + std::string(more) + "\r\n");
  }
  void say(std::size_t number, const std::string& text) {
    EXPECT_EQ(peers[number].party().write(text), text.size());
    reactor.run_for(1s);
  }
  EventStream& stream() {
    EXPECT_EQ(shared.feeds.size(), 1U);
    return shared.feeds.front()->events;
  }
  Events events_of(std::size_t number) { return heard(so_far(peers[number].received)); }
  void hold(std::size_t number) { peers[number].party().transport().pause_producing(); }
  void release(std::size_t number) {
    peers[number].party().transport().resume_producing();
    reactor.run_for(3s);
  }
  std::size_t in_use() { return server.connections().use().in_use; }

  Shared shared;
  std::array<contract::Side, clients_max> peers;

 private:
  MemoryNetwork<memory::NetworkSizes{.links = 8, .window = 256}> network_;

 public:
  MemoryReactor<> reactor{network_};
  TcpServer<Feed, feed_sizes, Shared> server{shared};

 private:
  std::array<contract::PartyClient<client_sizes>, clients_max> clients_{
      contract::PartyClient<client_sizes>{peers[0]}, contract::PartyClient<client_sizes>{peers[1]},
      contract::PartyClient<client_sizes>{peers[2]}};
};

using EventStreamTest = FeedTest;

TEST_F(EventStreamTest, answers_with_a_stream) {
  connect(0);
  ASSERT_TRUE(stream().open());
  EXPECT_FALSE(stream().send({.event = "count", .data = "42", .id = "7", .retry = 1500ms}));
  EXPECT_FALSE(stream().comment("here"));
  EXPECT_FALSE(stream().send({.data = ""}));
  reactor.run_for(1s);
  EXPECT_EQ(peers[0].received,
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
            "Transfer-Encoding: chunked\r\n\r\n"
            "29\r\nevent: count\nid: 7\nretry: 1500\ndata: 42\n\n\r\n"
            "7\r\n:here\n\n\r\n8\r\ndata: \n\n\r\n");
  EXPECT_EQ(events_of(0), (Events{"retry 1500", "count/7: 42", "/7: "}));
}

TEST_F(EventStreamTest, ends_and_the_connection_stays) {
  connect(0);
  EXPECT_FALSE(stream().send({.data = "last"}));
  stream().finish();
  stream().finish();
  EXPECT_FALSE(stream().open());
  EXPECT_EQ(stream().send({.data = "x"}), Errc::not_running);
  EXPECT_EQ(stream().comment("x"), Errc::not_running);
  reactor.run_for(1s);
  EXPECT_EQ(unchunked(peers[0].received), "data: last\n\n");
  peers[0].received.clear();
  say(0, get("/hello"));
  EXPECT_EQ(peers[0].received, hello);
  peers[0].received.clear();
  say(0, get("/events"));
  EXPECT_FALSE(stream().send({.data = "again"}));
  reactor.run_for(1s);
  EXPECT_EQ(events_of(0), Events{"/: again"});
}

TEST_F(EventStreamTest, ends_with_its_answer_whoever_finishes_that) {
  connect(0);
  shared.feeds.front()->finish_response();
  EXPECT_FALSE(stream().open());
  EXPECT_EQ(stream().send({.data = "x"}), Errc::not_running);
}

TEST_F(EventStreamTest, is_none_for_head) {
  connect(0, "HEAD /events");
  EXPECT_FALSE(stream().open());
  EXPECT_TRUE(peers[0].received.ends_with("\r\n\r\n"));
  peers[0].received.clear();
  say(0, get("/hello"));
  EXPECT_EQ(peers[0].received, hello);
}

TEST_F(EventStreamTest, is_told_what_the_client_had_last) {
  connect(0, "GET /events", "Last-Event-ID: 17\r\n");
  EXPECT_EQ(shared.last_id, "17");
  connect(1);
  EXPECT_EQ(shared.last_id, "");
}

TEST_F(EventStreamTest, refuses_what_would_be_another_event) {
  connect(0);
  EXPECT_EQ(stream().send({.event = "a\nb"}), Errc::invalid_argument);
  EXPECT_EQ(stream().send({.event = "a\rb"}), Errc::invalid_argument);
  EXPECT_EQ(stream().send({.id = "a\nb"}), Errc::invalid_argument);
  EXPECT_EQ(stream().send({.id = "a\0b"sv}), Errc::invalid_argument);
  EXPECT_EQ(stream().send({.retry = -1ms}), Errc::invalid_argument);
  EXPECT_EQ(stream().comment("a\nb"), Errc::invalid_argument);
  EXPECT_EQ(stream().skipped(), 0U);
  reactor.run_for(1s);
  EXPECT_EQ(so_far(peers[0].received), "");
}

TEST_F(EventStreamTest, divides_data_into_lines) {
  connect(0);
  for (const std::string_view data : {"a\nb"sv, "a\r\nb"sv, "a\rb"sv, "\n"sv, "a\n"sv, "\r\n\r\n"sv,
                                      "\n\ra"sv, " a: b"sv, "data: x\n\nevent: y"sv, ":"sv}) {
    EXPECT_FALSE(stream().send({.data = data}));
    reactor.run_for(1s);
  }
  EXPECT_EQ(events_of(0), (Events{"/: a\nb", "/: a\nb", "/: a\nb", "/: \n", "/: a\n", "/: \n\n",
                                  "/: \n\na", "/:  a: b", "/: data: x\n\nevent: y", "/: :"}));
}

TEST_F(EventStreamTest, skips_what_a_slow_client_has_no_room_for) {
  connect(0);
  hold(0);
  Events expected;
  std::uint32_t skipped = 0;
  for (int number = 0; number < 200; ++number) {
    const std::string text = std::to_string(number) + std::string(20, 'x');
    const Error error = stream().send({.data = text});
    EXPECT_EQ(error.code, error ? Errc::no_capacity : Errc::ok);
    if (!error) expected.push_back("/: " + text);
    skipped += error ? 1 : 0;
    reactor.run_for(10ms);
  }
  EXPECT_GT(skipped, 100U);
  EXPECT_EQ(stream().skipped(), skipped);
  EXPECT_EQ(stream().comment("x" + std::string(100, 'y')), Errc::no_capacity);
  EXPECT_EQ(stream().skipped(), skipped) << "a comment is no event";
  release(0);
  EXPECT_EQ(events_of(0), expected);
  EXPECT_FALSE(stream().send({.data = "now"}));
  reactor.run_for(1s);
  expected.push_back("/: now");
  EXPECT_EQ(events_of(0), expected);
}

TEST_F(EventStreamTest, closes_behind_what_a_slow_client_was_promised) {
  shared.when_slow = WhenSlow::close;
  connect(0);
  hold(0);
  Events expected;
  for (int number = 0; stream().open(); ++number) {
    const std::string text = std::to_string(number);
    if (!stream().send({.data = text})) expected.push_back("/: " + text);
    ASSERT_LT(number, 1000);
  }
  EXPECT_EQ(stream().skipped(), 1U);
  release(0);
  EXPECT_EQ(heard(unchunked(peers[0].received)), expected);
  EXPECT_EQ(peers[0].losses, Losses{Errc::connection_done});
  EXPECT_EQ(in_use(), 0U);
}

TEST_F(EventStreamTest, says_of_an_event_that_it_never_fits) {
  shared.when_slow = WhenSlow::close;
  connect(0);
  hold(0);
  EXPECT_FALSE(stream().send({.data = "x"}));
  EXPECT_EQ(stream().send({.data = std::string(600, 'x')}), Errc::message_too_long);
  EXPECT_EQ(stream().comment(std::string(600, 'x')), Errc::message_too_long);
  EXPECT_TRUE(stream().open());
  EXPECT_EQ(stream().skipped(), 0U);
}

TEST_F(EventStreamTest, is_over_when_the_client_ends_its_side) {
  connect(0);
  EXPECT_FALSE(stream().send({.data = "x"}));
  peers[0].party().transport().lose_write_connection();
  reactor.run_for(1s);
  EXPECT_EQ(events_of(0), Events{"/: x"});
  EXPECT_EQ(shared.lost, 1);
  EXPECT_EQ(in_use(), 0U) << "its place is free";
  EXPECT_EQ(peers[0].losses, Losses{Errc::connection_done});
}

// A service that stops does so, and a stream has no end that could be waited for.
TEST_F(EventStreamTest, does_not_keep_a_connection_that_is_to_end) {
  connect(0);
  EXPECT_FALSE(stream().send({.data = "x"}));
  server.lose_connections();
  reactor.run_for(1s);
  EXPECT_EQ(events_of(0), Events{"/: x"});
  EXPECT_EQ(in_use(), 0U);
  EXPECT_EQ(shared.lost, 1);
  EXPECT_EQ(peers[0].losses, Losses{Errc::connection_done});
}

TEST_F(EventStreamTest, aborts_a_client_that_takes_nothing) {
  connect(0);
  hold(0);
  for (int number = 0; number < 60; ++number) {
    if (!shared.feeds.empty()) static_cast<void>(stream().send({.data = std::string(50, 'x')}));
    reactor.run_for(1s);
  }
  EXPECT_EQ(in_use(), 0U);
  EXPECT_EQ(shared.lost, 1);
}

// Many at once.

class BroadcastTest : public FeedTest {
 public:
  explicit BroadcastTest(const memory::Behaviour& behaviour = {}) : FeedTest(behaviour) {
    shared.broadcaster = &*broadcaster;
  }

  std::optional<EventBroadcaster> broadcaster{std::in_place, reactor, 15s};
};

TEST_F(BroadcastTest, reaches_all_who_are_there) {
  EXPECT_EQ(broadcaster->send({.data = "nobody"}).taken, 0U);
  for (std::size_t number = 0; number < 3; ++number) connect(number);
  EXPECT_EQ(broadcaster->streams(), 3U);
  EXPECT_EQ(broadcaster->send({.data = "all"}).taken, 3U);
  reactor.run_for(1s);
  peers[1].party().transport().abort_connection();
  reactor.run_for(1s);
  EXPECT_EQ(broadcaster->streams(), 2U);
  EXPECT_EQ(in_use(), 2U);
  EXPECT_EQ(broadcaster->send({.data = "two"}).taken, 2U);
  reactor.run_for(1s);
  connect(1);
  EXPECT_EQ(broadcaster->send({.data = "three"}).taken, 3U);
  reactor.run_for(1s);
  EXPECT_EQ(events_of(0), (Events{"/: all", "/: two", "/: three"}));
  EXPECT_EQ(events_of(2), (Events{"/: all", "/: two", "/: three"}));
  EXPECT_EQ(broadcaster->missed(), 0U);
}

// Each gets an event in the turn in which it was sent, whoever does not read.
TEST_F(BroadcastTest, waits_for_nobody) {
  for (std::size_t number = 0; number < 3; ++number) connect(number);
  hold(1);
  Events expected;
  std::size_t missed = 0;
  for (int number = 0; number < 300; ++number) {
    const std::string text = std::to_string(number) + std::string(20, 'x');
    const EventBroadcaster::Reached reached = broadcaster->send({.data = text});
    EXPECT_EQ(reached.taken + reached.missed, 3U);
    EXPECT_GE(reached.taken, 2U);
    missed += reached.missed;
    expected.push_back("/: " + text);
    reactor.run_for(1ms);
    ASSERT_EQ(events_of(0), expected);
    ASSERT_EQ(events_of(2), expected);
  }
  EXPECT_GT(missed, 200U);
  EXPECT_EQ(broadcaster->missed(), missed);
  release(1);
  EXPECT_EQ(events_of(1).size(), 300 - missed);
}

TEST_F(BroadcastTest, closes_some_while_it_sends) {
  shared.when_slow = WhenSlow::close;
  for (std::size_t number = 0; number < 3; ++number) connect(number);
  hold(0);
  hold(2);
  std::size_t sent = 0;
  for (; broadcaster->streams() > 1; ++sent) {
    ASSERT_GE(broadcaster->send({.data = std::string(40, 'x')}).taken, 1U);
    reactor.run_for(1ms);
    ASSERT_LT(sent, 1000U);
  }
  EXPECT_EQ(broadcaster->missed(), 2U);
  EXPECT_EQ(events_of(1).size(), sent);
}

TEST_F(BroadcastTest, sends_a_comment_to_who_had_nothing_for_long) {
  connect(0);
  connect(1);
  EXPECT_FALSE(shared.feeds[0]->events.send({.data = "x"}));
  const std::size_t before = so_far(peers[1].received).size();
  reactor.run_for(31s);
  EXPECT_EQ(so_far(peers[1].received).substr(before), ":\n\n");
  for (int second = 0; second < 60; ++second) {
    EXPECT_EQ(broadcaster->send({.data = "often"}).taken, 2U);
    reactor.run_for(1s);
  }
  EXPECT_EQ(so_far(peers[1].received).find(":\n\n", before + 3), std::string::npos);
}

TEST_F(BroadcastTest, takes_a_timer_only_while_somebody_listens) {
  const std::size_t before = reactor.timer_use().in_use;
  connect(0);
  const std::size_t with_one = reactor.timer_use().in_use;
  connect(1);
  EXPECT_EQ(reactor.timer_use().in_use, with_one + 1) << "the connection's own";
  for (const std::size_t number : {0U, 1U}) peers[number].party().transport().abort_connection();
  reactor.run_for(1s);
  EXPECT_EQ(reactor.timer_use().in_use, before);
  EXPECT_EQ(with_one, before + 2);
}

TEST_F(BroadcastTest, refuses_streams_that_are_not_open_or_elsewhere) {
  connect(0);
  EXPECT_EQ(broadcaster->join(stream()), Errc::already_registered);
  stream().finish();
  EXPECT_EQ(broadcaster->join(stream()), Errc::not_running);
  EXPECT_EQ(broadcaster->streams(), 0U);
}

TEST_F(BroadcastTest, may_go_before_its_streams) {
  connect(0);
  shared.broadcaster = nullptr;
  broadcaster.reset();
  EXPECT_FALSE(stream().send({.data = "x"}));
  reactor.run_for(40s);
  EXPECT_EQ(so_far(peers[0].received), "data: x\n\n");
}

// Whatever is sent, and whoever reads how, each has all that was taken for it, in order.
TEST(Broadcast, delivers_what_was_taken) {
  test::for_each_seed([](Random& random) {
    BroadcastTest world(behaviours()[random.below(behaviours().size())]);
    std::array<Events, 3> expected;
    constexpr std::string_view pieces[] = {"a", "\n", "\r", ": ", "data", "\xc3\xa9"};
    for (std::size_t number = 0; number < 3; ++number) world.connect(number);
    world.reactor.run_for(5s);
    ASSERT_EQ(world.shared.feeds.size(), 3U);
    for (int round = 0; round < 300; ++round) {
      std::string data;
      for (auto left = random.below(8U); left > 0; --left) {
        data += pieces[random.below(std::size(pieces))];
      }
      std::string meant;
      for (std::size_t i = 0; i < data.size(); ++i) {
        if (data[i] == '\n' && i > 0 && data[i - 1] == '\r') continue;
        meant += data[i] == '\r' ? '\n' : data[i];
      }
      for (std::size_t number = 0; number < 3; ++number) {
        if (random.one_in(10)) world.hold(number);
        if (random.one_in(5)) world.peers[number].party().transport().resume_producing();
      }
      const std::string id = std::to_string(round);
      for (std::size_t number = 0; number < 3; ++number) {
        const Error error = world.shared.feeds[number]->events.send({.data = data, .id = id});
        if (!error) expected[number].push_back("/" + id + ": " + meant);
      }
      world.reactor.run_for(Duration(random.below(20'000U)));
    }
    std::array<Events, 3> received;
    for (std::size_t number = 0; number < 3; ++number) {
      world.release(number);
      world.reactor.run_for(5s);
      received[number] = world.events_of(number);
    }
    std::sort(expected.begin(), expected.end());
    std::sort(received.begin(), received.end());
    ASSERT_EQ(received, expected);
  });
}

}  // namespace
}  // namespace bobbin::http
