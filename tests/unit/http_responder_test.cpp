// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "http_fixture.hpp"
#include "support/seed.hpp"

namespace bobbin::http {
namespace {

using namespace std::chrono_literals;
using contract::Losses;
using test::Random;

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
