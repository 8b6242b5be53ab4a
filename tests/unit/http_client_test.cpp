// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// A client with its connections and our own server, joined in memory.

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>
#include <bobbin/memory.hpp>

#include "http_fixture.hpp"

namespace bobbin::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// What the servers of a test have in common.
struct Sites {
  std::vector<std::string> asked;
  std::string last_content;
  bool silent = false;
};

// A server that answers by path.
class Pages final : public Responder<limits> {
 public:
  explicit Pages(Sites& sites) : sites_(sites) {}

  void request_received(const RequestHead& request) override {
    sites_.asked.push_back(std::string(request.method) + " " + std::string(request.authority) +
                           std::string(request.target));
    sites_.last_content.clear();
    path_ = request.path;
    if (sites_.silent) return;
    const auto sent_to = [this](std::string_view place, Status status = Status::found) {
      const Field location{"Location", place};
      EXPECT_FALSE(respond({.status = status, .fields = {&location, 1}}, "elsewhere"));
    };
    if (path_ == "/moved") return sent_to("/hello");
    if (path_ == "/kept") return sent_to("hello?x", Status::temporary_redirect);
    if (path_ == "/round") return sent_to("/round");
    if (path_ == "/away") return sent_to("http://10.0.0.9:99/hello");
    if (path_ == "/ftp") return sent_to("ftp://a/b");
    if (path_ == "/close") close_after_response();
    if (path_ == "/cut") return transport().abort_connection();
    if (path_ == "/half") return answer_half();
    if (path_ == "/b/c/d;p") return sent_to(request.query);
    if (path_ == "/" && !request.query.empty()) return sent_to(request.query);
    is_get_ = request.method == "GET";
    if (is_get_) answer();
  }
  std::size_t body_received(Bytes piece) override {
    sites_.last_content += text_of(piece);
    return piece.size();
  }
  void request_ended() override {
    if (!answering() || is_get_ || sites_.silent) return;
    EXPECT_FALSE(respond({}, "posted"));
  }

 private:
  void answer() {
    if (path_ == "/poem") {
      EXPECT_FALSE(respond_lasting({}, bytes_of(poem)));
    } else if (path_ == "/missing") {
      EXPECT_FALSE(respond({.status = Status::not_found}, "no"));
    } else {
      EXPECT_FALSE(respond({}, path_));
    }
  }

  void answer_half() {
    EXPECT_FALSE(begin_response({}, BodyLength::of(8)));
    EXPECT_EQ(write_body(bytes_of("half")), 4U);
    const auto cut = [this] { transport().abort_connection(); };
    EXPECT_TRUE(transport().reactor().call_later(seconds(0), cut));
  }

  Sites& sites_;
  std::string path_;
  bool is_get_ = false;
};

constexpr ClientLimits client_limits{.head = {.size = 256, .fields = 8},
                                     .request = 256,
                                     .idle = seconds(30),
                                     .head_time = seconds(5),
                                     .stall = seconds(20),
                                     .body_rate = 1};

constexpr ConnectionSizes pages_sizes{.connections = 4, .receive = 256, .send = 512};

struct Outcome {
  std::string text;
  std::string failure;
  int status = 0;
  bool operator==(const Outcome&) const = default;
};

class Joined {
 public:
  Joined() {
    EXPECT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
    EXPECT_FALSE(reactor.listen_tcp(Address::loopback(0), other));
  }

  Order order(std::string_view target, std::string_view method = "GET") {
    return {.server = server.host(), .request = {.method = method, .target = target, .host = "a"}};
  }
  void pass(Duration length = seconds(1)) { reactor.run_for(length); }

  Sites sites;

 private:
  MemoryNetwork<memory::NetworkSizes{.links = 8, .window = 256}> network_;

 public:
  MemoryReactor<> reactor{network_};
  TcpServer<Pages, pages_sizes, Sites> server{sites};
  TcpServer<Pages, pages_sizes, Sites> other{sites};
  Client<ClientSizes{.connections = 2, .receive = 256, .send = 256}, client_limits> client{
      reactor, seconds(9)};
};

// A fetch with its Deferred and what came of it.
template <std::size_t content_max = 100>
struct Fetching {
  Error start(AnyClient& client, const Order& order) {
    done.reset();
    const Error error = fetch.start(client, order, done);
    done.add_callbacks(
        [this](Fetched fetched) {
          outcome = Outcome{.text = std::string(text_of(fetched.content)),
                            .failure = "",
                            .status = static_cast<int>(fetched.status)};
        },
        [this](Failure failure) {
          outcome = Outcome{"", std::string(describe(failure)), 0};
        });
    return error;
  }
  Outcome take() {
    return std::exchange(outcome, std::nullopt).value_or(Outcome{"nothing", "", 0});
  }

  Fetch<content_max> fetch;
  Deferred<Fetched> done;
  std::optional<Outcome> outcome;
};

TEST(HttpClient, fetches_what_it_asks_for) {
  Joined joined;
  Fetching<> one;
  EXPECT_FALSE(one.start(joined.client, joined.order("/hello")));
  EXPECT_TRUE(one.fetch.is_active());
  joined.pass();
  EXPECT_EQ(one.take(), (Outcome{"/hello", "", 200}));
  EXPECT_FALSE(one.fetch.is_active());
  EXPECT_FALSE(one.start(joined.client, joined.order("/missing")));
  joined.pass();
  EXPECT_EQ(one.take(), (Outcome{"no", "", 404}));
  EXPECT_EQ(joined.sites.asked, (std::vector<std::string>{"GET a/hello", "GET a/missing"}));
}

TEST(HttpClient, keeps_connections_and_opens_no_more_than_it_has) {
  Joined joined;
  Fetching<> fetching[5];
  for (Fetching<>& one : fetching) EXPECT_FALSE(one.start(joined.client, joined.order("/hello")));
  joined.pass();
  for (Fetching<>& one : fetching) EXPECT_EQ(one.take().text, "/hello");
  EXPECT_EQ(joined.server.connections().use().high_water, 2U);
  joined.pass(seconds(31));
  EXPECT_EQ(joined.server.connections().use().in_use, 0U) << "kept for so long and no longer";
}

TEST(HttpClient, gives_the_place_of_a_kept_connection_to_another_server) {
  Joined joined;
  Fetching<> here[2];
  for (Fetching<>& one : here) EXPECT_FALSE(one.start(joined.client, joined.order("/hello")));
  joined.pass();
  Order there = joined.order("/there");
  there.server = joined.other.host();
  Fetching<> one;
  EXPECT_FALSE(one.start(joined.client, there));
  joined.pass();
  EXPECT_EQ(one.take().text, "/there");
  EXPECT_EQ(joined.server.connections().use().in_use, 1U);
  EXPECT_EQ(joined.other.connections().use().in_use, 1U);
}

TEST(HttpClient, posts) {
  Joined joined;
  Fetching<> one;
  Order order = joined.order("/form", "POST");
  order.content = bytes_of(poem);
  order.content = order.content.first(900);
  EXPECT_FALSE(one.start(joined.client, order));
  joined.pass();
  EXPECT_EQ(one.take(), (Outcome{"posted", "", 200}));
  EXPECT_EQ(joined.sites.last_content, poem.substr(0, 900));
}

TEST(HttpClient, says_what_it_cannot_ask) {
  Joined joined;
  Fetching<> one;
  EXPECT_EQ(one.start(joined.client, joined.order("no path")), Errc::invalid_argument);
  const std::string long_target = "/" + std::string(300, 'x');
  EXPECT_FALSE(one.start(joined.client, joined.order(long_target)));
  EXPECT_EQ(one.fetch.start(joined.client, joined.order("/"), one.done), Errc::already_running);
  joined.pass();
  EXPECT_EQ(one.take().failure, "out of capacity");
  EXPECT_EQ(one.start(joined.client, joined.order(long_target)), Errc::no_capacity)
      << "there is a connection now, which says it at once";
  EXPECT_FALSE(one.fetch.is_active());
}

TEST(HttpClient, keeps_no_more_content_than_there_is_room_for) {
  Joined joined;
  Fetching<100> one;
  EXPECT_FALSE(one.start(joined.client, joined.order("/poem")));
  joined.pass();
  EXPECT_EQ(one.take().failure, "response content too large");
  Fetching<5100> enough;
  EXPECT_FALSE(enough.start(joined.client, joined.order("/poem")));
  joined.pass();
  EXPECT_EQ(enough.take().text, poem);
}

TEST(HttpClient, fails_where_nobody_is) {
  Joined joined;
  Fetching<> one;
  Order order = joined.order("/");
  order.server = Address::loopback(9);
  EXPECT_FALSE(one.start(joined.client, order));
  joined.pass();
  EXPECT_EQ(one.take().failure, "connection refused");
  EXPECT_FALSE(one.start(joined.client, joined.order("/cut")));
  joined.pass();
  EXPECT_NE(one.take().failure, "");
  EXPECT_FALSE(one.start(joined.client, joined.order("/hello")));
  joined.pass();
  EXPECT_EQ(one.take().text, "/hello");
}

TEST(HttpClient, has_a_time_limit_for_each_part_and_for_the_whole) {
  Joined joined;
  joined.sites.silent = true;
  Fetching<> one;
  EXPECT_FALSE(one.start(joined.client, joined.order("/")));
  joined.pass(seconds(6));
  EXPECT_EQ(one.take().failure, "timed out");
  one.done.reset();
  EXPECT_FALSE(one.fetch.start(joined.client, joined.order("/"), one.done));
  one.done.add_timeout(joined.reactor, seconds(2)).add_errback([&one](Failure failure) {
    one.outcome = Outcome{"", std::string(describe(failure)), 0};
  });
  joined.pass(seconds(3));
  EXPECT_EQ(one.take().failure, "timed out");
  EXPECT_FALSE(one.fetch.is_active());
}

TEST(HttpClient, can_be_cancelled_while_waiting_connecting_and_answered) {
  Joined joined;
  Fetching<> fetching[3];
  for (Fetching<>& one : fetching) EXPECT_FALSE(one.start(joined.client, joined.order("/hello")));
  fetching[2].done.cancel();
  EXPECT_EQ(fetching[2].take().failure, "cancelled");
  fetching[0].done.cancel();
  EXPECT_EQ(fetching[0].take().failure, "cancelled");
  joined.pass();
  EXPECT_EQ(fetching[1].take().text, "/hello");
  EXPECT_EQ(joined.sites.asked.size(), 1U);
  joined.sites.silent = true;
  EXPECT_FALSE(fetching[0].start(joined.client, joined.order("/hello")));
  joined.pass();
  fetching[0].done.cancel();
  joined.pass();
  EXPECT_EQ(joined.server.connections().use().in_use, 0U);
}

TEST(HttpClient, serves_who_waits_in_order) {
  Joined joined;
  Fetching<> fetching[6];
  const std::string paths[] = {"/0", "/1", "/2", "/3", "/4", "/5"};
  for (int i = 0; i < 6; ++i) {
    EXPECT_FALSE(fetching[i].start(joined.client, joined.order(paths[i])));
  }
  joined.pass();
  ASSERT_EQ(joined.sites.asked.size(), 6U);
  for (int i = 0; i < 6; i += 2) EXPECT_LT(joined.sites.asked[i], "GET a/" + std::to_string(i + 2));
}

// The server closes the connection while the request is on its way.
TEST(HttpClient, asks_once_more_where_a_kept_connection_was_closed) {
  Joined joined;
  Fetching<> one;
  EXPECT_FALSE(one.start(joined.client, joined.order("/hello")));
  joined.pass();
  joined.sites.asked.clear();
  EXPECT_FALSE(one.start(joined.client, joined.order("/cut")));
  joined.pass();
  EXPECT_EQ(joined.sites.asked.size(), 2U);
  EXPECT_NE(one.take().failure, "") << "once, and not again";
  joined.sites.asked.clear();
  EXPECT_FALSE(one.start(joined.client, joined.order("/hello")));
  joined.pass();
  Order post = joined.order("/cut", "POST");
  EXPECT_FALSE(one.start(joined.client, post));
  joined.pass();
  EXPECT_EQ(joined.sites.asked.size(), 2U) << "what is no request to be made twice is not";
}

// What has begun to be given would be given twice.
TEST(HttpClient, does_not_ask_again_once_an_answer_has_begun) {
  Joined joined;
  Fetching<> one;
  EXPECT_FALSE(one.start(joined.client, joined.order("/hello")));
  joined.pass();
  joined.sites.asked.clear();
  EXPECT_FALSE(one.start(joined.client, joined.order("/half")));
  joined.pass();
  EXPECT_EQ(joined.sites.asked.size(), 1U);
  EXPECT_NE(one.take().failure, "");
}

TEST(HttpClient, does_not_wait_for_a_server_that_closes) {
  Joined joined;
  Fetching<> fetching[4];
  for (Fetching<>& one : fetching) EXPECT_FALSE(one.start(joined.client, joined.order("/close")));
  joined.pass(seconds(12));
  for (Fetching<>& one : fetching) EXPECT_EQ(one.take().text, "/close");
}

// Streams.

class Streaming final : public Exchange, private PushProducer {
 public:
  void request_begun() override {
    EXPECT_FALSE(register_producer(*this));
    resume_producing();
  }
  std::size_t body_received(Bytes piece) override {
    if (pauses) {
      Exchange::pause_producing();
      return 0;
    }
    received += text_of(piece);
    return piece.size();
  }
  void response_ended() override { ended = true; }
  void request_failed(const Failure& failure) override { trouble = describe(failure); }

  using Exchange::pause_producing;
  void go_on() {
    pauses = false;
    Exchange::resume_producing();
  }

  const std::string text = poem.substr(0, 900);
  std::string received;
  std::string trouble;
  bool pauses = false;
  bool ended = false;
  bool stopped = false;

 private:
  void resume_producing() override {
    while (sent_ < text.size()) {
      const std::size_t taken = write_body(bytes_of(text).subspan(sent_));
      sent_ += taken;
      if (taken == 0) return;
    }
    finish_request();
  }
  void pause_producing() override {}
  void stop_producing() override { stopped = true; }

  std::size_t sent_ = 0;
};

TEST(HttpClient, streams_both_ways_with_back_pressure) {
  Joined joined;
  Streaming one;
  one.pauses = true;
  EXPECT_FALSE(one.is_active());
  EXPECT_FALSE(joined.client.send(one, joined.order("/poem")));
  joined.pass(seconds(15));
  EXPECT_TRUE(one.is_active());
  EXPECT_EQ(one.received, "");
  one.go_on();
  joined.pass();
  EXPECT_EQ(one.received, poem);
  EXPECT_TRUE(one.ended);

  for (const BodyLength length : {BodyLength::chunked(), BodyLength::of(900)}) {
    Streaming up;
    Order order = joined.order("/form", "POST");
    order.streamed = length;
    order.content = bytes_of("both");
    EXPECT_EQ(joined.client.send(up, order), Errc::invalid_argument);
    order.content = {};
    EXPECT_FALSE(joined.client.send(up, order));
    joined.pass();
    EXPECT_EQ(joined.sites.last_content, up.text);
    EXPECT_TRUE(up.ended);
    EXPECT_EQ(up.received, "posted");
  }
}

TEST(HttpClient, forgets_who_goes) {
  Joined joined;
  {
    Streaming first;
    Streaming second;
    Streaming third;
    for (Streaming* one : {&first, &second, &third}) {
      EXPECT_FALSE(joined.client.send(*one, joined.order("/poem")));
    }
    joined.pass(milliseconds(0));
  }
  Fetching<> one;
  EXPECT_FALSE(one.start(joined.client, joined.order("/hello")));
  joined.pass();
  EXPECT_EQ(one.take().text, "/hello");
}

TEST(HttpClient, fails_who_is_active_when_it_goes) {
  Fetching<> fetching[3];
  Joined joined;
  {
    Client<ClientSizes{.connections = 1, .receive = 256, .send = 256}, client_limits> client(
        joined.reactor);
    for (Fetching<>& one : fetching) EXPECT_FALSE(one.start(client, joined.order("/hello")));
  }
  for (Fetching<>& one : fetching) EXPECT_NE(one.take().failure, "");
}

// Redirects.

struct Redirected : Joined {
  Order to(std::string_view target, std::string_view method = "GET") {
    Order made = order(target, method);
    made.redirect_room = room;
    return made;
  }
  char room[32];
};

TEST(Redirects, are_the_response_where_there_is_no_room_for_them) {
  Joined joined;
  Fetching<> one;
  EXPECT_FALSE(one.start(joined.client, joined.order("/moved")));
  joined.pass();
  EXPECT_EQ(one.take(), (Outcome{"elsewhere", "", 302}));
}

TEST(Redirects, are_followed) {
  Redirected joined;
  Fetching<> one;
  EXPECT_FALSE(one.start(joined.client, joined.to("/moved")));
  joined.pass();
  EXPECT_EQ(one.take(), (Outcome{"/hello", "", 200}));
  EXPECT_FALSE(one.start(joined.client, joined.to("/moved", "POST")));
  joined.pass();
  EXPECT_EQ(one.take(), (Outcome{"/hello", "", 200}));
  EXPECT_FALSE(one.start(joined.client, joined.to("/kept", "POST")));
  joined.pass();
  EXPECT_EQ(one.take(), (Outcome{"posted", "", 200}));
  EXPECT_EQ(joined.sites.asked,
            (std::vector<std::string>{"GET a/moved", "GET a/hello", "POST a/moved", "GET a/hello",
                                      "POST a/kept", "POST a/hello?x"}));
}

TEST(Redirects, are_followed_so_often_and_no_further_than_there_is) {
  Redirected joined;
  Fetching<> one;
  Order order = joined.to("/round");
  order.redirects = 3;
  EXPECT_FALSE(one.start(joined.client, order));
  joined.pass();
  EXPECT_EQ(one.take().failure, "too many redirects");
  EXPECT_EQ(joined.sites.asked.size(), 4U);
  EXPECT_FALSE(one.start(joined.client, joined.to("/ftp")));
  joined.pass();
  EXPECT_EQ(one.take().failure, "redirected to nowhere");
  order = joined.to("/moved");
  order.redirect_room = order.redirect_room.first(3);
  EXPECT_FALSE(one.start(joined.client, order));
  joined.pass();
  EXPECT_EQ(one.take().failure, "redirected to nowhere");
}

// RFC 3986 §5.4, of those that an HTTP client meets.
TEST(Redirects, are_resolved_as_they_should_be) {
  const std::pair<std::string, std::string> references[] = {
      {"g", "a/b/c/g"},
      {"./g", "a/b/c/g"},
      {"g/", "a/b/c/g/"},
      {"/g", "a/g"},
      {"?y", "a/b/c/d;p?y"},
      {"g?y", "a/b/c/g?y"},
      {";x", "a/b/c/;x"},
      {"g;x?y", "a/b/c/g;x?y"},
      {".", "a/b/c/"},
      {"./", "a/b/c/"},
      {"..", "a/b/"},
      {"../", "a/b/"},
      {"../g", "a/b/g"},
      {"../..", "a/"},
      {"../../", "a/"},
      {"../../g", "a/g"},
      {"../../../g", "a/g"},
      {"/./g", "a/g"},
      {"/../g", "a/g"},
      {"g.", "a/b/c/g."},
      {".g", "a/b/c/.g"},
      {"./../g", "a/b/g"},
      {"./g/.", "a/b/c/g/"},
      {"g/./h", "a/b/c/g/h"},
      {"g/../h", "a/b/c/h"},
      {"g?y/./x", "a/b/c/g?y/./x"},
      {"g?y/../x", "a/b/c/g?y/../x"},
      {"//a/g", "a/g"},
      {"//a", "a/"},
      {"//a?y", "a/?y"},
      {"http://A/g", "A/g"},
      {"HTTP://a", "a/"},
  };
  for (const auto& [reference, place] : references) {
    Redirected joined;
    Fetching<> one;
    const std::string target = "/b/c/d;p?" + reference;
    Order order = joined.to(target);
    order.redirects = 1;
    EXPECT_FALSE(one.start(joined.client, order));
    joined.pass();
    ASSERT_EQ(joined.sites.asked.size(), 2U) << reference;
    EXPECT_EQ(joined.sites.asked[1], "GET " + place) << reference;
  }
  for (const std::string reference :
       {"https://a/", "http:/g", "http:g", "mailto:a", "//", "http://"}) {
    Redirected joined;
    Fetching<> one;
    const std::string target = "/b/c/d;p?" + reference;
    EXPECT_FALSE(one.start(joined.client, joined.to(target)));
    joined.pass();
    EXPECT_EQ(one.take().failure, "redirected to nowhere") << reference;
  }
}

// What is asked for by a URL without a path, "http://a?b".
TEST(Redirects, are_resolved_from_a_query_alone) {
  const std::pair<std::string, std::string> references[] = {
      {"g", "a/g"}, {"/g", "a/g"}, {"?y", "a/?y"}, {"../g", "a/g"}};
  for (const auto& [reference, place] : references) {
    Redirected joined;
    Fetching<> one;
    const std::string target = "?" + reference;
    Order order = joined.to(target);
    order.redirects = 1;
    EXPECT_FALSE(one.start(joined.client, order));
    joined.pass();
    ASSERT_EQ(joined.sites.asked.size(), 2U) << reference;
    EXPECT_EQ(joined.sites.asked[0], "GET a/?" + reference);
    EXPECT_EQ(joined.sites.asked[1], "GET " + place) << reference;
  }
}

TEST(Redirects, carry_no_credentials_to_others) {
  Redirected joined;
  Fetching<> one;
  EXPECT_FALSE(one.start(joined.client, joined.to("/away")));
  joined.pass(seconds(10));
  EXPECT_NE(one.take().failure, "") << "nobody is there";
  const Field secret{"Authorization", "Basic x"};
  Order order = joined.to("/away");
  order.request.fields = {&secret, 1};
  EXPECT_FALSE(one.start(joined.client, order));
  joined.pass();
  EXPECT_EQ(one.take(), (Outcome{"elsewhere", "", 302}));
}

}  // namespace
}  // namespace bobbin::http
