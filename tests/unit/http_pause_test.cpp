// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Who pauses with the last piece of a content in hand hears of its end all the same: no byte is
// left that could come after resuming.

#include <chrono>
#include <string>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>
#include <bobbin/testing.hpp>

namespace bobbin::http {
namespace {

using namespace std::chrono_literals;

// Pauses with each piece of what it is sent, answers when that is whole.
class Taking final : public Responder<> {
 public:
  explicit Taking(std::string& log) : log_(log) {}

  void request_received(const RequestHead& request) override {
    log_ += std::string(request.target) + " ";
    pauses_ = request.path.starts_with("/pause");
    if (request.path == "/pause/now") transport().pause_producing();
    if (request.path == "/abort") transport().abort_connection();
  }
  std::size_t body_received(Bytes piece) override {
    if (pauses_) transport().pause_producing();
    return piece.size();
  }
  void request_ended() override {
    log_ += "ended ";
    EXPECT_FALSE(respond({}, "taken"));
  }

 private:
  std::string& log_;
  bool pauses_ = false;
};

// Pauses with each piece.
struct Asking final : Exchange {
  void response_received(const ResponseHead&) override {
    content.clear();
    ended = false;
    pause_producing();
  }
  std::size_t body_received(Bytes piece) override {
    content += text_of(piece);
    pause_producing();
    return piece.size();
  }
  void response_ended() override { ended = true; }
  void request_failed(const Failure& failure) override { trouble = describe(failure); }
  using Exchange::resume_producing;

  std::string content;
  std::string trouble;
  bool ended = false;
};

constexpr ConnectionSizes one{.connections = 1, .receive = 2048, .send = 1024};

struct Pausing : TestCase<> {
  void SetUp() override { ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), server)); }
  void TearDown() override {
    reactor.run_for(2min);  // by then kept connections are closed
    TestCase::TearDown();
  }
  Order order(std::string_view method, std::string_view target, std::string_view content = "") {
    return {.server = server.host(),
            .request = {.method = method, .target = target, .host = "a"},
            .content = bytes_of(content)};
  }

  std::string log;
  TcpServer<Taking, one, std::string> server{log};
  Client<ClientSizes{.connections = 1}> client{reactor};
  Asking asking;
};

TEST_F(Pausing, with_the_last_piece_of_a_response_does_not_keep_its_end) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_FALSE(client.send(asking, order("GET", "/")));
    reactor.run_for(1s);
    asking.resume_producing();
    reactor.run_for(1s);
    EXPECT_EQ(asking.content, "taken");
    EXPECT_TRUE(asking.ended) << "and the connection, which is kept, is read from again";
    EXPECT_EQ(asking.trouble, "");
  }
  ASSERT_FALSE(client.send(asking, order("HEAD", "/")));
  reactor.run_for(1s);
  EXPECT_TRUE(asking.ended) << "where there is no piece at all";
}

TEST_F(Pausing, with_the_last_piece_of_a_request_does_not_keep_its_end) {
  for (int i = 0; i < 3; ++i) {
    asking.ended = false;
    ASSERT_FALSE(client.send(asking, order("POST", "/pause", "content")));
    reactor.run_for(1s);
    asking.resume_producing();
    reactor.run_for(1s);
    EXPECT_TRUE(asking.ended);
  }
  ASSERT_FALSE(client.send(asking, order("GET", "/pause/now")));
  reactor.run_for(1s);
  asking.resume_producing();
  EXPECT_EQ(log, "/pause ended /pause ended /pause ended /pause/now ended ");
}

// Who waits for the word would never send what is to be read.
TEST_F(Pausing, at_the_head_does_not_keep_the_word_to_go_on) {
  StringTransport<one> transport{reactor};
  Taking taking{log};
  ASSERT_FALSE(transport.make_connection(taking));
  transport.receive(
      "POST /pause/now HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
  EXPECT_EQ(transport.value(), "HTTP/1.1 100 Continue\r\n\r\n");
  transport.lose();
}

TEST_F(Pausing, is_not_what_aborting_is) {
  ASSERT_FALSE(client.send(asking, order("GET", "/abort")));
  reactor.run_for(1s);
  EXPECT_EQ(log, "/abort ") << "a connection that is aborted hears of no end";
  EXPECT_NE(asking.trouble, "");
}

}  // namespace
}  // namespace bobbin::http
