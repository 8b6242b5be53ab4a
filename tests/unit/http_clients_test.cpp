// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "http_fixture.hpp"

namespace bobbin::http {
namespace {

using namespace std::chrono_literals;
using contract::Losses;
using contract::PartyClient;
using contract::Side;

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

}  // namespace
}  // namespace bobbin::http
