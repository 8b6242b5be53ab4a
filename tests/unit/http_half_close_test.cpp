// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// A client that ends its side while it waits for its answer: it may want that, or be gone.

#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>
#include <bobbin/testing.hpp>

namespace bobbin::http {
namespace {

constexpr ServerLimits who_ends_is_gone{.half_close = false};

// Answers when its test does.
template <const ServerLimits& limits>
struct Waiting final : Responder<limits> {
  void request_received(const RequestHead& request) override { asked += request.target; }
  void request_lost(Error reason) override { lost = reason; }

  std::string asked;
  std::optional<Error> lost;
};

template <class Site>
struct HalfClose : TestCase<> {
  void SetUp() override { ASSERT_FALSE(transport.make_connection(site)); }
  void TearDown() override {
    if (transport.connected()) transport.lose();
    TestCase::TearDown();
  }

  Site site;
  StringTransport<ConnectionSizes{.connections = 1, .receive = 2048, .send = 1024}> transport{
      reactor};
};

using Answered = HalfClose<Waiting<default_server_limits>>;
using Gone = HalfClose<Waiting<who_ends_is_gone>>;

constexpr std::string_view request = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

TEST_F(Answered, who_ends_its_side_gets_the_answer) {
  transport.receive(request);
  transport.receive_end();
  EXPECT_TRUE(transport.connected());
  EXPECT_FALSE(site.respond({}, "here"));
  transport.settle();
  EXPECT_TRUE(transport.value().ends_with("here"));
}

TEST_F(Gone, who_ends_its_side_is_forgotten_at_once) {
  transport.receive(request);
  EXPECT_FALSE(site.lost);
  transport.receive_end();
  EXPECT_EQ(site.lost, Errc::connection_aborted);
  EXPECT_FALSE(transport.connected());
  EXPECT_EQ(site.respond({}, "here"), Errc::not_running);
}

TEST_F(Gone, it_is_so_while_an_answer_is_sent_too) {
  transport.receive(request);
  ASSERT_FALSE(site.begin_response({}, BodyLength::of(8)));
  EXPECT_EQ(site.write_body(bytes_of("half")), 4U);
  transport.settle();
  transport.receive_end();
  EXPECT_EQ(site.lost, Errc::connection_aborted);
}

// Nothing is lost then.
TEST_F(Gone, it_is_no_matter_between_requests) {
  transport.receive(request);
  EXPECT_FALSE(site.respond({}, "here"));
  transport.settle();
  transport.receive_end();
  EXPECT_FALSE(site.lost);
  EXPECT_FALSE(transport.aborted());
  EXPECT_FALSE(transport.connected());
  EXPECT_TRUE(transport.value().ends_with("here"));
}

}  // namespace
}  // namespace bobbin::http
