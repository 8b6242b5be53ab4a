// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// A server that wants to know how long a content will be.

#include <chrono>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>
#include <bobbin/testing.hpp>

namespace bobbin::http {
namespace {

constexpr ServerLimits known_lengths{.chunks = false};

class Counting final : public Responder<known_lengths> {
 public:
  void request_received(const RequestHead&) override { ++requests; }
  void request_ended() override { EXPECT_FALSE(respond({}, "thanks")); }

  int requests = 0;
};

struct HttpLength : TestCase<> {
  void SetUp() override { ASSERT_FALSE(transport.make_connection(server)); }
  void TearDown() override {
    transport.lose();
    TestCase::TearDown();
  }

  std::string_view answer_to(std::string_view request) {
    transport.clear();
    transport.receive(request);
    return transport.value().substr(0, transport.value().find("\r\n"));
  }

  Counting server;
  StringTransport<ConnectionSizes{.connections = 1, .receive = 2048, .send = 2048}> transport{
      reactor};
};

TEST_F(HttpLength, is_required) {
  EXPECT_EQ(answer_to("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab"),
            "HTTP/1.1 200 OK");
  EXPECT_EQ(answer_to("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 200 OK") << "that has none";
  EXPECT_EQ(server.requests, 2);
  EXPECT_EQ(answer_to("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                      "Expect: 100-continue\r\n\r\n"),
            "HTTP/1.1 411 Length Required");
  EXPECT_EQ(server.requests, 2);
  EXPECT_TRUE(transport.write_ended());
  reactor.run_for(known_lengths.linger + std::chrono::seconds(1));
  EXPECT_TRUE(transport.disconnecting());
}

}  // namespace
}  // namespace bobbin::http
