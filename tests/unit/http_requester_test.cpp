// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// One connection of a client: against a server that says what its test tells it to, and against our
// own.

#include "http_fixture.hpp"

namespace bobbin::http {
namespace {

using std::chrono::seconds;

constexpr ClientLimits client_limits{.head = {.size = 256, .fields = 8},
                                     .body = 1000,
                                     .request = 256,
                                     .idle = seconds(60),
                                     .head_time = seconds(30),
                                     .stall = seconds(20),
                                     .body_rate = 1};

// What a requester under test does, and what happened to it. It outlives the connection.
struct Told {
  std::function<void(class Asks&)> on_ready;
  std::function<void(class Asks&)> on_response;
  std::function<void(class Asks&)> on_end;
  std::function<std::size_t(class Asks&, Bytes)> on_body;
  Events events;
  std::string content;
  class Asks* asks = nullptr;
};

class Asks final : public Requester<client_limits> {
 public:
  explicit Asks(Told& told) : told_(told) { told.asks = this; }
  ~Asks() { told_.asks = nullptr; }

  void requester_ready() override {
    told_.events.emplace_back("ready");
    if (told_.on_ready) told_.on_ready(*this);
  }
  void response_received(const ResponseHead& response) override {
    told_.events.push_back(std::to_string(static_cast<int>(response.status)) + " " +
                           std::string(response.reason));
    if (told_.on_response) told_.on_response(*this);
  }
  std::size_t body_received(Bytes piece) override {
    const std::size_t used = told_.on_body ? told_.on_body(*this, piece) : piece.size();
    told_.content += text_of(piece.first(used));
    return used;
  }
  void response_ended() override {
    told_.events.emplace_back("ended");
    if (told_.on_end) told_.on_end(*this);
  }
  void request_failed(const Failure& failure) override {
    told_.events.push_back("failed: " + std::string(describe(failure)));
  }

  using Requester::begin_request;
  using Requester::body_room;
  using Requester::cancel_request;
  using Requester::close_after_response;
  using Requester::finish_request;
  using Requester::is_ready;
  using Requester::register_producer;
  using Requester::request;
  using Requester::request_lasting;
  using Requester::requesting;
  using Requester::write_body;

 private:
  Told& told_;
};

constexpr ConnectionSizes requester_sizes{.connections = 1, .receive = 256, .send = 256};
constexpr ConnectionSizes peer_sizes{.connections = 2, .receive = 65536, .send = 65536};

const Request get_root{.host = "a"};
const std::string root = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

// A requester, and a server that is a script.
class Conversation {
 public:
  explicit Conversation(const memory::Behaviour& behaviour = {}) {
    network_.behaviour = behaviour;
    EXPECT_FALSE(reactor.listen_tcp(Address::loopback(0), server_));
    connect();
  }
  ~Conversation() {
    peer.improvise();
    told.on_ready = nullptr;
    told.on_response = nullptr;
    told.on_end = nullptr;
    told.on_body = nullptr;
  }

  void connect() {
    EXPECT_FALSE(reactor.connect_tcp(server_.host(), client_));
    EXPECT_TRUE(reactor.run_until([this] { return peer.connected() && told.asks != nullptr; }));
    pass();
    told.events.clear();
  }
  void pass(Duration length = seconds(1)) { reactor.run_for(length); }
  void answer(std::string_view text) {
    EXPECT_EQ(peer.party().write(text), text.size());
    pass();
  }
  Asks& asks() { return *told.asks; }
  bool connected() const { return told.asks != nullptr; }
  std::string heard() { return std::exchange(peer.received, {}); }
  Events events() { return std::exchange(told.events, {}); }

  Told told;
  contract::Side peer;

 private:
  MemoryNetwork<memory::NetworkSizes{.links = 4, .window = 256}> network_;

 public:
  MemoryReactor<> reactor{network_};

 private:
  contract::PartyServer<peer_sizes> server_{peer};
  TcpClient<Asks, requester_sizes, Told> client_{told};
};

TEST(Requester, asks_and_is_answered) {
  on_each_network([](const memory::Behaviour& behaviour) {
    Conversation both(behaviour);
    EXPECT_FALSE(both.asks().request(get_root));
    EXPECT_TRUE(both.asks().requesting());
    both.pass();
    EXPECT_EQ(both.heard(), root);
    both.answer(sized("hello"));
    EXPECT_EQ(both.events(), (Events{"200 OK", "ended", "ready"}));
    EXPECT_EQ(both.told.content, "hello");
    EXPECT_TRUE(both.asks().is_ready());
  });
}

TEST(Requester, asks_again_from_where_it_is_ready) {
  on_each_network([](const memory::Behaviour& behaviour) {
    Conversation both(behaviour);
    int left = 3;
    both.told.on_ready = [&left](Asks& asks) {
      if (left-- <= 0) return;
      EXPECT_FALSE(asks.request(get_root));
    };
    both.told.on_ready(both.asks());
    for (int i = 0; i < 3; ++i) {
      both.pass();
      EXPECT_EQ(both.heard(), root);
      both.answer(sized(std::to_string(i)));
    }
    EXPECT_EQ(both.told.content, "012");
    EXPECT_TRUE(both.asks().is_ready());
  });
}

TEST(Requester, asks_one_thing_at_a_time) {
  Conversation both;
  EXPECT_EQ(both.asks().request({.host = ""}), Errc::invalid_argument);
  EXPECT_EQ(both.asks().request({.target = "/" + std::string(300, 'x'), .host = "a"}),
            Errc::no_capacity);
  EXPECT_TRUE(both.asks().is_ready());
  EXPECT_FALSE(both.asks().request(get_root));
  EXPECT_EQ(both.asks().request(get_root), Errc::not_running);
  both.pass();
  EXPECT_EQ(both.heard(), root);
}

TEST(Requester, sends_content) {
  Conversation both;
  EXPECT_FALSE(both.asks().request({.method = "POST", .host = "a"}, "hello"));
  both.pass();
  EXPECT_EQ(both.heard(), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
  both.answer("HTTP/1.1 204 \r\n\r\n");
  EXPECT_EQ(both.events(), (Events{"204 ", "ended", "ready"}));
  EXPECT_FALSE(both.asks().request({.method = "PUT", .host = "a"}));
  both.pass();
  EXPECT_EQ(both.heard(), "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
}

TEST(Requester, sends_content_that_is_longer_than_its_ring) {
  on_each_network([](const memory::Behaviour& behaviour) {
    Conversation both(behaviour);
    EXPECT_FALSE(both.asks().request_lasting({.method = "PUT", .host = "a"}, bytes_of(poem)));
    both.pass(seconds(20));
    EXPECT_EQ(both.heard(), "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: " +
                                std::to_string(poem.size()) + "\r\n\r\n" + poem);
    both.answer(sized(""));
    EXPECT_EQ(both.events(), (Events{"200 OK", "ended", "ready"}));
  });
}

TEST(Requester, sends_content_of_unknown_length_in_chunks) {
  Conversation both;
  EXPECT_FALSE(both.asks().begin_request({.method = "POST", .host = "a"}, BodyLength::chunked()));
  EXPECT_EQ(both.asks().write_body(bytes_of("hello")), 5U);
  both.asks().finish_request();
  EXPECT_EQ(both.asks().write_body(bytes_of("more")), 0U);
  both.pass();
  EXPECT_EQ(
      both.heard(),
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
}

TEST(Requester, does_not_pretend_that_a_request_is_whole) {
  Conversation both;
  EXPECT_FALSE(both.asks().begin_request({.method = "POST", .host = "a"}, BodyLength::of(10)));
  EXPECT_EQ(both.asks().write_body(bytes_of("short")), 5U);
  both.asks().finish_request();
  EXPECT_EQ(both.events(), Events{"failed: connection aborted"});
  both.pass();
  EXPECT_FALSE(both.connected());
}

TEST(Requester, takes_chunks_and_what_ends_with_the_connection) {
  on_each_network([](const memory::Behaviour& behaviour) {
    Conversation both(behaviour);
    EXPECT_FALSE(both.asks().request(get_root));
    both.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    EXPECT_EQ(both.events(), (Events{"200 OK", "ended", "ready"}));
    EXPECT_FALSE(both.asks().request(get_root));
    both.answer("HTTP/1.1 200 OK\r\n\r\ndef");
    EXPECT_EQ(both.events(), Events{"200 OK"});
    both.peer.party().transport().lose_connection();
    both.pass();
    EXPECT_EQ(both.events(), Events{"ended"});
    EXPECT_EQ(both.told.content, "abcdef");
    EXPECT_FALSE(both.connected());
  });
}

TEST(Requester, expects_no_content_to_head) {
  Conversation both;
  EXPECT_FALSE(both.asks().request({.method = "HEAD", .host = "a"}));
  both.answer("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
  EXPECT_EQ(both.events(), (Events{"200 OK", "ended", "ready"}));
}

TEST(Requester, passes_over_what_comes_before_the_response) {
  Conversation both;
  EXPECT_FALSE(both.asks().request(get_root));
  both.answer("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + sized("x"));
  EXPECT_EQ(both.events(), (Events{"200 OK", "ended", "ready"}));
  EXPECT_FALSE(both.asks().request(get_root));
  both.answer("HTTP/1.1 101 Switching Protocols\r\n\r\n");
  EXPECT_EQ(both.events(), Events{"failed: response of an unknown version or coding"});
}

TEST(Requester, closes_when_either_side_says_so) {
  Conversation both;
  EXPECT_FALSE(both.asks().request(get_root));
  both.answer("HTTP/1.1 204 x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(both.events(), (Events{"204 x", "ended"}));
  EXPECT_FALSE(both.connected());
  both.connect();
  EXPECT_FALSE(both.asks().request(get_root));
  both.asks().close_after_response();
  both.answer(sized("x"));
  EXPECT_EQ(both.events(), (Events{"200 OK", "ended"}));
  EXPECT_FALSE(both.connected());
  both.connect();
  both.asks().close_after_response();
  both.pass();
  EXPECT_FALSE(both.connected());
}

TEST(Requester, believes_nobody_who_answers_unasked) {
  Conversation both;
  both.answer(sized("x"));
  EXPECT_EQ(both.events(), Events{});
  EXPECT_FALSE(both.connected());
  both.connect();
  EXPECT_FALSE(both.asks().request(get_root));
  both.answer(sized("x") + sized("y"));
  EXPECT_EQ(both.events(), (Events{"200 OK", "ended", "ready"}));
  EXPECT_FALSE(both.connected());
}

TEST(Requester, fails_with_what_is_no_response) {
  const std::pair<std::string, std::string> wrong[] = {
      {"gibberish\r\n\r\n", "failed: malformed response"},
      {"HTTP/1.1 200 OK\r\n" + std::string(300, 'x'), "failed: response head too large"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", "failed: response content too large"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx", "failed: malformed response"},
  };
  for (const auto& [text, failure] : wrong) {
    Conversation both;
    EXPECT_FALSE(both.asks().request(get_root));
    both.answer(text);
    EXPECT_EQ(both.told.events.back(), failure);
    EXPECT_FALSE(both.connected());
  }
}

TEST(Requester, knows_a_response_that_was_cut_off) {
  Conversation both;
  EXPECT_FALSE(both.asks().request(get_root));
  both.answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell");
  both.peer.party().transport().lose_connection();
  both.pass();
  EXPECT_EQ(both.events(), (Events{"200 OK", "failed: incomplete response"}));
  both.connect();
  EXPECT_FALSE(both.asks().request(get_root));
  both.pass();
  both.peer.party().transport().lose_connection();
  both.pass();
  EXPECT_EQ(both.events(), Events{"failed: connection closed cleanly"});
  both.connect();
  EXPECT_FALSE(both.asks().request(get_root));
  both.answer("HTTP/1.1 200 OK\r\n\r\nhell");
  both.peer.party().transport().abort_connection();
  both.pass();
  EXPECT_EQ(both.told.events.back(), "failed: connection lost");
}

TEST(Requester, waits_for_a_head_no_longer_than_it_says) {
  Conversation both;
  EXPECT_FALSE(both.asks().request(get_root));
  both.pass(seconds(29));
  EXPECT_EQ(both.events(), Events{});
  both.answer("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 ");
  both.pass();
  EXPECT_EQ(both.events(), Events{"failed: timed out"});
  EXPECT_FALSE(both.connected());
}

TEST(Requester, waits_for_content_that_comes_too_slowly_no_longer_than_it_says) {
  Conversation both;
  EXPECT_FALSE(both.asks().request(get_root));
  both.answer("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n" + std::string(30, 'x'));
  both.pass(seconds(20));
  EXPECT_EQ(both.events(), Events{"200 OK"});
  both.pass(seconds(20));
  EXPECT_EQ(both.events(), Events{"failed: timed out"});
}

TEST(Requester, gives_up_a_server_that_takes_nothing) {
  Conversation both;
  both.peer.party().transport().pause_producing();
  EXPECT_FALSE(both.asks().request_lasting({.method = "PUT", .host = "a"}, bytes_of(poem)));
  both.pass(seconds(61));
  EXPECT_EQ(both.events(), Events{"failed: timed out"});
}

TEST(Requester, keeps_a_connection_no_longer_than_it_says) {
  Conversation both;
  both.pass(seconds(57));
  EXPECT_TRUE(both.connected());
  both.pass(seconds(3));
  EXPECT_FALSE(both.connected());
  EXPECT_EQ(both.events(), Events{});
}

TEST(Requester, is_not_hurried_by_its_own_program) {
  Conversation both;
  EXPECT_FALSE(both.asks().begin_request({.method = "POST", .host = "a"}, BodyLength::of(1)));
  both.pass(seconds(300));
  EXPECT_EQ(both.asks().write_body(bytes_of("x")), 1U);
  both.asks().finish_request();
  both.told.on_body = [](Asks& asks, Bytes) {
    asks.transport().pause_producing();
    return std::size_t{0};
  };
  both.answer(sized("y"));
  both.pass(seconds(300));
  both.told.on_body = nullptr;
  both.asks().transport().resume_producing();
  both.pass();
  EXPECT_EQ(both.events(), (Events{"200 OK", "ended", "ready"}));
}

TEST(Requester, stops_sending_what_nobody_waits_for) {
  Conversation both;
  EXPECT_FALSE(both.asks().request_lasting({.method = "PUT", .host = "a"}, bytes_of(poem)));
  both.answer("HTTP/1.1 413 x\r\nContent-Length: 0\r\n\r\n");
  both.pass();
  EXPECT_EQ(both.events().at(0), "413 x");
  EXPECT_FALSE(both.connected()) << "nobody knows where the next request would begin";
}

TEST(Requester, can_be_cancelled_from_everywhere) {
  Conversation both;
  EXPECT_FALSE(both.asks().request(get_root));
  both.asks().cancel_request();
  EXPECT_EQ(both.events(), Events{"failed: cancelled"});
  both.asks().cancel_request();
  both.pass();
  EXPECT_EQ(both.events(), Events{});
  for (const bool in_content : {false, true}) {
    both.connect();
    both.told.on_response = [in_content](Asks& asks) {
      if (!in_content) asks.cancel_request();
    };
    both.told.on_body = [](Asks& asks, Bytes piece) {
      asks.cancel_request();
      return piece.size();
    };
    EXPECT_FALSE(both.asks().request(get_root));
    both.answer(sized("hello"));
    EXPECT_EQ(both.events(), (Events{"200 OK", "failed: cancelled"}));
    EXPECT_FALSE(both.connected());
  }
}

}  // namespace
}  // namespace bobbin::http
