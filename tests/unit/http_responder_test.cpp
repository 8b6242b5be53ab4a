// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <algorithm>
#include <charconv>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>
#include <bobbin/memory.hpp>

#include "contract/parties.hpp"
#include "support/seed.hpp"

namespace bobbin::http {
namespace {

using namespace std::chrono_literals;
using contract::Losses;
using contract::PartyClient;
using contract::Side;
using test::Random;
using Events = std::vector<std::string>;

constexpr ServerLimits limits{.head = {.size = 256, .target = 64, .fields = 8},
                              .body = 1000,
                              .response = 256,
                              .idle = 60s,
                              .head_time = 10s,
                              .stall = 20s,
                              .body_rate = 1,
                              .linger = 5s};

const std::string poem = [] {
  std::string text;
  for (int line = 0; text.size() < 5000; ++line) text += "line " + std::to_string(line) + "\n";
  return text;
}();

// What a responder under test does, and what happened to it. It outlives the connection.
struct Watched {
  std::function<void(class Site&)> on_request;
  std::function<void(class Site&)> on_end;
  std::function<std::size_t(class Site&, Bytes)> on_body;
  Events events;
  class Site* site = nullptr;
  std::string date;
};

// Answers by path, or as its test says.
class Site final : public Responder<limits> {
 public:
  explicit Site(Watched& watched) : watched_(watched) { watched.site = this; }
  ~Site() { watched_.site = nullptr; }

  void request_received(const RequestHead& request) override {
    note(std::string(request.method) + " " + std::string(request.target));
    path_ = request.path;
    EXPECT_FALSE(answer());
    if (watched_.on_request) watched_.on_request(*this);
  }
  std::size_t body_received(Bytes piece) override {
    if (watched_.on_body) return watched_.on_body(*this, piece);
    return path_ == "/echo" ? write_body(piece) : piece.size();
  }
  void request_ended() override {
    note("ended");
    if (path_ == "/echo") finish_response();
    if (watched_.on_end) watched_.on_end(*this);
  }
  void request_lost(Error reason) override { note("lost: " + std::string(describe(reason))); }
  void request_refused(Status status) override {
    note("refused " + std::to_string(static_cast<int>(status)));
  }
  std::string_view date() override { return watched_.date; }

  using Responder::begin_response;
  using Responder::body_room;
  using Responder::close_after_response;
  using Responder::finish_response;
  using Responder::register_producer;
  using Responder::respond;
  using Responder::wants_content;
  using Responder::write_body;

 private:
  Error answer() {
    if (path_ == "/hello") return respond({.type = "text/plain"}, "Hello, world\n");
    if (path_ == "/poem") return respond_lasting({}, bytes_of(poem));
    if (path_ == "/echo") return begin_response({}, BodyLength::chunked());
    if (path_ == "/later") {
      const auto now = [this] { return respond({}, "now"); };
      return transport().reactor().call_later(1s, now).error();
    }
    return {};
  }
  void note(std::string event) { watched_.events.push_back(std::move(event)); }

  Watched& watched_;
  std::string path_;
};

constexpr ConnectionSizes server_sizes{.connections = 1, .receive = 256, .send = 512};
constexpr ConnectionSizes client_sizes{.connections = 1, .receive = 65536, .send = 65536};

std::vector<memory::Behaviour> behaviours() {
  return {{},
          {.lends = true},
          {.segment_max = 1, .read_max = 1},
          {.latency = 5ms,
           .jitter = 9ms,
           .segment_max = 7,
           .short_reads = 3,
           .short_writes = 3,
           .refused_writes = 3}};
}

// A server with one connection, and a client that says what it is told to.
class World {
 public:
  explicit World(const memory::Behaviour& behaviour = {}) {
    network_.behaviour = behaviour;
    EXPECT_FALSE(reactor.listen_tcp(Address::loopback(0), server_));
    connect();
  }
  ~World() {
    peer.improvise();
    watched.on_request = nullptr;
    watched.on_end = nullptr;
    watched.on_body = nullptr;
  }

  void connect() {
    EXPECT_FALSE(reactor.connect_tcp(server_.host(), client_));
    EXPECT_TRUE(reactor.run_until([this] { return peer.connected() && watched.site != nullptr; }));
    reactor.run_for(100ms);
    peer.received.clear();
  }

  void say(std::string_view text) { EXPECT_EQ(peer.party().write(text), text.size()); }
  // All at once, and then what follows from it in a short while.
  void hear(std::string_view text) {
    say(text);
    reactor.run_for(3s);
  }
  const std::string& answer() const { return peer.received; }
  bool server_is_free() const { return server_.connections().use().in_use == 0; }

  Watched watched;
  Side peer;

 private:
  MemoryNetwork<memory::NetworkSizes{.links = 4, .window = 256}> network_;

 public:
  MemoryReactor<> reactor{network_};

 private:
  TcpServer<Site, server_sizes, Watched> server_{watched};
  PartyClient<client_sizes> client_{peer};
};

template <class Test>
void on_each_network(Test test) {
  int number = 0;
  for (const memory::Behaviour& behaviour : behaviours()) {
    SCOPED_TRACE("network " + std::to_string(number++));
    test(behaviour);
    if (testing::Test::HasFailure()) return;
  }
}

std::string get(std::string_view path, std::string_view fields = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}
std::string post(std::string_view path, std::string_view fields, std::string_view content) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n" +
         std::string(content);
}
std::string sized(std::string_view content) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(content.size()) + "\r\n\r\n" +
         std::string(content);
}
const std::string hello =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n";

// What chunks hold, from a response whose head is taken off.
std::string unchunked(std::string_view response) {
  std::string content;
  std::string_view rest = response.substr(response.find("\r\n\r\n") + 4);
  for (;;) {
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), size, 16);
    EXPECT_EQ(error, std::errc());
    if (error != std::errc()) return content;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()) + 2);
    if (size == 0) break;
    content += rest.substr(0, size);
    rest.remove_prefix(size + 2);
  }
  EXPECT_EQ(rest, "\r\n") << "something behind the last chunk";
  return content;
}

TEST(Responder, answers_and_stays) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World world(behaviour);
    world.hear(get("/hello"));
    EXPECT_EQ(world.answer(), hello);
    world.hear(get("/hello"));
    EXPECT_EQ(world.answer(), hello + hello);
    EXPECT_EQ(world.watched.events, (Events{"GET /hello", "GET /hello"}));
    EXPECT_FALSE(world.peer.lost());
  });
}

TEST(Responder, closes_when_the_client_asks_for_it) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World world(behaviour);
    world.hear(get("/hello", "Connection: close\r\n") + get("/never"));
    EXPECT_NE(world.answer().find("\r\nConnection: close\r\n"), std::string::npos);
    EXPECT_EQ(world.watched.events, Events{"GET /hello"});
    EXPECT_EQ(world.peer.losses, Losses{Errc::connection_done});
  });
}

TEST(Responder, speaks_http_1_0) {
  World world;
  world.hear("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(world.answer().find("\r\nConnection: keep-alive\r\n"), std::string::npos);
  EXPECT_FALSE(world.peer.lost());
  world.peer.received.clear();
  world.hear("POST /echo HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_EQ(world.answer(), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc");
  EXPECT_TRUE(world.peer.lost());
}

TEST(Responder, answers_requests_that_come_behind_each_other_in_their_order) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World world(behaviour);
    world.hear(get("/later") + post("/x", "Content-Length: 2\r\n", "xx") + get("/hello"));
    EXPECT_EQ(world.answer(), sized("now"));
    EXPECT_FALSE(world.watched.site->respond({}, "x"));
    world.reactor.run_for(3s);
    EXPECT_EQ(world.answer(), sized("now") + sized("x") + hello);
  });
}

TEST(Responder, sends_content_back_as_it_comes) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World world(behaviour);
    const std::string content = poem.substr(0, 1000);
    world.hear(post("/echo", "Content-Length: 1000\r\n", content));
    EXPECT_EQ(unchunked(world.answer()), content);
    world.peer.received.clear();
    world.hear(post("/echo", "Transfer-Encoding: chunked\r\n",
                    "3e7\r\n" + content.substr(1) + "\r\n1\r\n.\r\n0\r\n\r\n"));
    EXPECT_EQ(unchunked(world.answer()), content.substr(1) + ".");
    EXPECT_FALSE(world.peer.lost());
  });
}

TEST(Responder, sends_what_lasts_from_where_it_lies) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World world(behaviour);
    world.hear(get("/poem") + get("/hello"));
    EXPECT_EQ(world.answer(), sized(poem) + hello);
  });
}

TEST(Responder, does_not_read_from_a_client_that_does_not_read) {
  World world;
  world.peer.party().transport().pause_producing();
  std::string many;
  for (int i = 0; i < 200; ++i) many += get("/hello");
  world.hear(many);
  EXPECT_LT(world.watched.events.size(), 20U);
  EXPECT_GT(world.peer.party().transport().unsent(), 1000U) << "what it sends stays with it";
  world.peer.party().transport().resume_producing();
  world.reactor.run_for(3s);
  EXPECT_EQ(world.watched.events.size(), 200U);
  EXPECT_EQ(world.answer().size(), 200 * hello.size());
}

TEST(Responder, sends_no_content_to_head) {
  World world;
  for (const char* const path : {"/hello", "/poem"}) {
    world.hear("HEAD " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(world.answer().ends_with("\r\n\r\n"));
    EXPECT_NE(world.answer().find("Content-Length: "), std::string::npos);
    world.peer.received.clear();
  }
  world.watched.on_request = [](Site& site) {
    EXPECT_FALSE(site.begin_response({}, BodyLength::chunked()));
    EXPECT_FALSE(site.wants_content());
    EXPECT_EQ(site.write_body(bytes_of(poem)), poem.size());
    site.finish_response();
  };
  world.hear("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(world.answer(), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  world.peer.received.clear();
  world.watched.on_request = nullptr;
  world.hear(get("/hello"));
  EXPECT_EQ(world.answer(), hello);
}

TEST(Responder, sends_no_content_with_a_status_that_has_none) {
  World world;
  world.watched.on_request = [](Site& site) {
    EXPECT_FALSE(site.respond({.status = Status::not_modified}, "not sent"));
  };
  world.hear(get("/") + get("/"));
  EXPECT_EQ(world.answer(), "HTTP/1.1 304 Not Modified\r\n\r\nHTTP/1.1 304 Not Modified\r\n\r\n");
}

TEST(Responder, writes_the_fields_it_is_given_and_the_date) {
  World world;
  world.watched.date = "Sun, 06 Nov 1994 08:49:37 GMT";
  world.watched.on_request = [](Site& site) {
    const Field fields[] = {{"ETag", "\"1\""}, {"X", ""}};
    EXPECT_FALSE(site.respond({.status = Status(299), .type = "a/b", .fields = fields}, ""));
  };
  world.hear(get("/"));
  EXPECT_EQ(world.answer(),
            "HTTP/1.1 299 Unknown\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: a/b\r\n"
            "ETag: \"1\"\r\nX: \r\nContent-Length: 0\r\n\r\n");
}

TEST(Responder, refuses_an_answer_that_would_be_none_and_takes_another) {
  World world;
  world.watched.on_request = [](Site& site) {
    const auto with = [](const Field& field) { return Response{.fields = {&field, 1}}; };
    EXPECT_EQ(site.respond(with({"X", "a\r\nSet-Cookie: b"}), ""), Errc::invalid_argument);
    EXPECT_EQ(site.respond(with({"X Y", "a"}), ""), Errc::invalid_argument);
    EXPECT_EQ(site.respond(with({"content-length", "3"}), ""), Errc::invalid_argument);
    EXPECT_EQ(site.respond({.type = "a\n"}, ""), Errc::invalid_argument);
    EXPECT_EQ(site.respond({.status = Status::continue_}, ""), Errc::invalid_argument);
    EXPECT_EQ(site.respond({}, poem), Errc::no_capacity);
    EXPECT_EQ(site.write_body(bytes_of("x")), 0U);
    site.finish_response();
    EXPECT_FALSE(site.respond({}, "at last"));
    EXPECT_EQ(site.respond({}, "twice"), Errc::not_running);
  };
  world.hear(get("/"));
  EXPECT_EQ(world.answer(), sized("at last"));
  EXPECT_EQ(world.watched.site->respond({}, "x"), Errc::not_running) << "nobody has asked";
}

TEST(Responder, aborts_when_less_comes_than_was_promised) {
  World world;
  world.watched.on_request = [](Site& site) {
    EXPECT_FALSE(site.begin_response({}, BodyLength::of(5)));
    EXPECT_EQ(site.write_body(bytes_of("abc")), 3U);
    EXPECT_EQ(site.begin_response({}, BodyLength::of(5)), Errc::already_running);
    EXPECT_EQ(site.body_room(), 2U);
    site.finish_response();
  };
  world.hear(get("/"));
  EXPECT_EQ(world.peer.losses, Losses{Errc::connection_lost});
  EXPECT_EQ(world.watched.events, (Events{"GET /", "lost: connection aborted"}));
}

// Writes what it has whenever it may: the least a producer can be.
struct Reciter final : PushProducer {
  explicit Reciter(Site& site_in) : site(site_in) {}
  void resume_producing() override {
    paused = false;
    while (!paused && !rest.empty())
      rest.remove_prefix(site.write_body(bytes_of(rest.substr(0, 50))));
    if (rest.empty()) site.finish_response();
  }
  void pause_producing() override {
    paused = true;
    ++pauses;
  }
  void stop_producing() override { stopped = true; }

  Site& site;
  std::string_view rest = poem;
  bool paused = false;
  bool stopped = false;
  int pauses = 0;
};

TEST(Responder, carries_a_producer_s_content_no_faster_than_the_client_reads) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World world(behaviour);
    std::optional<Reciter> reciter;
    world.watched.on_request = [&reciter](Site& site) {
      EXPECT_FALSE(site.begin_response({}, BodyLength::chunked()));
      EXPECT_FALSE(site.register_producer(reciter.emplace(site)));
      reciter->resume_producing();
    };
    world.peer.party().transport().pause_producing();
    world.hear(get("/a"));
    EXPECT_TRUE(reciter->paused);
    EXPECT_GT(reciter->rest.size(), poem.size() - 1500);
    world.peer.party().transport().resume_producing();
    world.reactor.run_for(3s);
    EXPECT_EQ(unchunked(world.answer()), poem);
    EXPECT_GT(reciter->pauses, 3);
    EXPECT_FALSE(world.peer.lost());
  });
}

TEST(Responder, stops_the_producer_of_a_client_that_is_gone) {
  World world;
  std::optional<Reciter> reciter;
  world.watched.on_request = [&reciter](Site& site) {
    EXPECT_FALSE(site.begin_response({}, BodyLength::chunked()));
    EXPECT_FALSE(site.register_producer(reciter.emplace(site)));
    reciter->resume_producing();
  };
  world.peer.party().transport().pause_producing();
  world.hear(get("/a"));
  world.peer.party().transport().abort_connection();
  world.reactor.run_for(3s);
  EXPECT_TRUE(reciter->stopped);
  EXPECT_EQ(world.watched.events, (Events{"GET /a", "ended", "lost: connection lost"}));
}

// A client that waits for a word.

TEST(Expect, is_answered_when_the_request_is_not) {
  World world;
  world.hear(post("/echo2", "Expect: 100-continue\r\nContent-Length: 3\r\n", ""));
  EXPECT_EQ(world.answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  world.watched.on_end = [](Site& site) { EXPECT_FALSE(site.respond({}, "thanks")); };
  world.hear("abc");
  EXPECT_EQ(world.answer(), "HTTP/1.1 100 Continue\r\n\r\n" + sized("thanks"));
  EXPECT_FALSE(world.peer.lost());
}

TEST(Expect, is_not_answered_when_the_content_has_come) {
  World world;
  world.watched.on_end = [](Site& site) { EXPECT_FALSE(site.respond({}, "thanks")); };
  world.hear(post("/", "Expect: 100-continue\r\nContent-Length: 3\r\n", "abc"));
  EXPECT_EQ(world.answer(), sized("thanks"));
}

TEST(Expect, ends_the_connection_when_the_answer_comes_first) {
  World world;
  world.watched.on_request = [](Site& site) {
    EXPECT_FALSE(site.respond({.status = Status::forbidden}, "no"));
  };
  world.hear(post("/", "Expect: 100-continue\r\nContent-Length: 3\r\n", ""));
  EXPECT_EQ(world.answer(),
            "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
  EXPECT_EQ(world.peer.losses, Losses{Errc::connection_done});
}

// What is refused.

TEST(Refused, is_what_is_no_request_after_the_answers_before_it) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World world(behaviour);
    world.hear(get("/hello") + "nonsense\r\n\r\n" + get("/never"));
    EXPECT_EQ(world.answer(), hello +
                                  "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n"
                                  "Connection: close\r\n\r\n");
    EXPECT_EQ(world.watched.events, (Events{"GET /hello", "refused 400"}));
    EXPECT_EQ(world.peer.losses, Losses{Errc::connection_done});
  });
}

// What the client has sent meanwhile would make TCP take the answer back.
TEST(Refused, is_told_before_the_connection_ends_whatever_still_comes) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World world(behaviour);
    world.hear("nonsense\r\n\r\n" + std::string(20000, 'x'));
    EXPECT_TRUE(world.answer().starts_with("HTTP/1.1 400 "));
    EXPECT_EQ(world.peer.losses, Losses{Errc::connection_done});
    EXPECT_TRUE(world.server_is_free());
  });
}

TEST(Refused, is_not_listened_to_for_long) {
  World world;
  world.peer.on_end = [](contract::Party&) {};
  world.say("nonsense\r\n\r\n");
  for (int second = 0; second < 4; ++second) {
    world.say("x");
    world.reactor.run_for(1s);
  }
  EXPECT_FALSE(world.server_is_free());
  world.reactor.run_for(2s);
  EXPECT_TRUE(world.server_is_free());
}

TEST(Refused, is_content_that_is_too_long_before_the_program_hears_of_it) {
  World world;
  world.hear(post("/", "Content-Length: 1001\r\n", "x"));
  EXPECT_EQ(world.watched.events, Events{"refused 413"});
  EXPECT_TRUE(world.answer().starts_with("HTTP/1.1 413 "));
}

TEST(Refused, is_content_that_turns_out_to_be_none) {
  World world;
  world.hear(post("/", "Transfer-Encoding: chunked\r\n", "1\r\nx\r\nnonsense"));
  EXPECT_EQ(world.watched.events, (Events{"POST /", "lost: connection aborted", "refused 400"}));
  EXPECT_TRUE(world.answer().starts_with("HTTP/1.1 400 "));
}

TEST(Refused, is_content_behind_the_answer_without_another_one) {
  World world;
  world.hear(post("/hello", "Transfer-Encoding: chunked\r\n", "1\r\nx\r\nnonsense"));
  EXPECT_EQ(world.answer(), hello);
  EXPECT_TRUE(world.peer.lost());
}

TEST(Refused, is_content_of_an_answer_that_has_begun_by_breaking_it_off) {
  World world;
  world.hear(post("/echo", "Transfer-Encoding: chunked\r\n", "1\r\nx\r\nnonsense"));
  EXPECT_EQ(world.peer.losses, Losses{Errc::connection_lost});
  EXPECT_EQ(world.watched.events, (Events{"POST /echo", "lost: connection aborted"}));
}

TEST(Answered, before_its_content_has_come_the_rest_is_thrown_away) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World world(behaviour);
    world.hear(post("/hello", "Content-Length: 900\r\n", std::string(900, 'x')) + get("/hello"));
    EXPECT_EQ(world.answer(), hello + hello);
    EXPECT_EQ(world.watched.events, (Events{"POST /hello", "GET /hello"}));
  });
}

// Clients that leave.

TEST(Client, that_ends_its_side_behind_a_request_gets_its_answer) {
  World world;
  world.say(get("/later"));
  world.peer.party().transport().lose_write_connection();
  world.reactor.run_for(3s);
  EXPECT_EQ(world.answer(), "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nnow");
  EXPECT_EQ(world.peer.losses, Losses{Errc::connection_done});
}

TEST(Client, that_ends_its_side_inside_a_request_is_let_go) {
  for (const std::string& text :
       {get("/").substr(0, 5), post("/", "Content-Length: 5\r\n", "ab")}) {
    World world;
    world.say(text);
    world.peer.party().transport().lose_write_connection();
    world.reactor.run_for(3s);
    EXPECT_TRUE(world.server_is_free());
  }
}

TEST(Client, that_is_gone_takes_its_request_with_it) {
  World world;
  world.hear(get("/wait"));
  world.peer.party().transport().abort_connection();
  world.reactor.run_for(3s);
  EXPECT_EQ(world.watched.events, (Events{"GET /wait", "ended", "lost: connection lost"}));
}

// Time.

TEST(Deadline, of_an_idle_connection_closes_it) {
  World world;
  world.hear(get("/hello"));
  world.reactor.run_for(56s);
  EXPECT_FALSE(world.peer.lost());
  world.reactor.run_for(2s);
  EXPECT_EQ(world.peer.losses, Losses{Errc::connection_done});
  EXPECT_EQ(world.answer(), hello);
}

TEST(Deadline, of_a_head_is_its_own_however_it_dribbles) {
  World world;
  world.reactor.run_for(30s);
  for (int second = 0; second < 12 && !world.peer.lost(); ++second) {
    world.say(get("/").substr(static_cast<std::size_t>(second), 1));
    world.reactor.run_for(1s);
  }
  EXPECT_TRUE(world.answer().starts_with("HTTP/1.1 408 "));
  EXPECT_EQ(world.watched.events, Events{"refused 408"});
}

TEST(Deadline, of_content_is_a_rate) {
  World world;
  world.say(post("/", "Content-Length: 500\r\n", ""));
  for (int second = 0; second < 60; ++second) {
    world.say("xx");
    world.reactor.run_for(1s);
  }
  EXPECT_EQ(world.watched.events, Events{"POST /"}) << "that is fast enough";
  for (int second = 0; second < 60 && !world.peer.lost(); ++second) {
    if (second % 2 == 0) world.say("x");
    world.reactor.run_for(1s);
  }
  EXPECT_EQ(world.watched.events, (Events{"POST /", "lost: connection aborted", "refused 408"}));
  EXPECT_TRUE(world.answer().starts_with("HTTP/1.1 408 "));
}

TEST(Deadline, is_not_for_content_that_the_program_does_not_take) {
  World world;
  world.watched.on_body = [](Site&, Bytes) -> std::size_t { return 0; };
  world.say(post("/", "Content-Length: 100\r\n", std::string(100, 'x')));
  world.reactor.run_for(600s);
  EXPECT_EQ(world.watched.events, Events{"POST /"});
  EXPECT_FALSE(world.peer.lost());
}

TEST(Deadline, of_a_client_that_takes_nothing_ends_it) {
  World world;
  world.peer.party().transport().pause_producing();
  world.say(get("/poem"));
  world.reactor.run_for(60s);
  EXPECT_TRUE(world.server_is_free());
  EXPECT_EQ(world.watched.events, (Events{"GET /poem", "ended", "lost: connection aborted"}));
}

TEST(Deadline, is_not_for_a_client_that_takes_a_little_at_a_time) {
  World world;
  world.say(get("/poem"));
  for (int rounds = 0; rounds < 100 && world.answer().size() < sized(poem).size(); ++rounds) {
    world.peer.party().transport().pause_producing();
    world.reactor.run_for(15s);
    world.peer.party().transport().resume_producing();
    world.reactor.run_until(
        [&world, had = world.answer().size()] { return world.answer().size() > had; }, 1s);
  }
  EXPECT_EQ(world.answer(), sized(poem));
}

TEST(Deadline, does_not_wake_up_a_server_that_waits_for_its_program) {
  World world;
  world.hear(get("/wait"));
  world.reactor.run_for(60s);
  const auto turns = world.reactor.statistics().turns;
  world.reactor.run_for(24h);
  EXPECT_LT(world.reactor.statistics().turns - turns, 3U);
  EXPECT_FALSE(world.watched.site->respond({}, "after a day"));
  world.reactor.run_for(1s);
  EXPECT_EQ(world.answer(), sized("after a day"));
}

TEST(Deadline, needs_a_timer_without_which_nobody_is_served) {
  MemoryNetwork<> network;
  MemoryReactor<ReactorSizes{.timers = 1}> reactor(network);
  Watched watched;
  Side peer;
  TcpServer<Site, server_sizes, Watched> server(watched);
  PartyClient<client_sizes> client(peer);
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
  ASSERT_FALSE(reactor.connect_tcp(server.host(), client));
  reactor.run_for(1s);
  EXPECT_FALSE(peer.losses.empty() && peer.failures.empty());
  EXPECT_EQ(server.connections().use().in_use, 0U);
}

// Everything together, in any order.

TEST(Responder, answers_whatever_comes_however_it_comes) {
  test::for_each_seed([](Random& random) {
    const auto network = behaviours()[random.below(behaviours().size())];
    World world(network);
    std::string stream;
    Events expected;
    std::vector<std::string> answers;
    for (int count = 0; count < 60; ++count) {
      switch (random.below(4U)) {
        case 0: stream += get("/hello"), answers.push_back(hello); break;
        case 1: stream += get("/poem"), answers.push_back(sized(poem)); break;
        case 2: stream += get("/later"), answers.push_back(sized("now")); break;
        default: {
          const std::string content(random.below(900U), 'c');
          stream +=
              post("/hello", "Content-Length: " + std::to_string(content.size()) + "\r\n", content);
          answers.push_back(hello);
        }
      }
    }
    std::string_view rest = stream;
    while (!rest.empty()) {
      const std::string_view piece = rest.substr(0, 1 + random.below(700U));
      rest.remove_prefix(world.peer.party().write(piece));
      world.reactor.run_for(Duration(random.below(200'000U)));
    }
    world.reactor.run_for(200s);
    std::string all;
    for (const std::string& one : answers) all += one;
    ASSERT_EQ(world.answer().size(), all.size());
    ASSERT_EQ(world.answer(), all);
  });
}

}  // namespace
}  // namespace bobbin::http
