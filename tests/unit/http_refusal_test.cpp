// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// What is no request, where the ring has no room to say so.

#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>
#include <bobbin/testing.hpp>

namespace bobbin::http {
namespace {

constexpr ServerLimits little{.response = 64};

class Listening final : public Responder<little> {
 public:
  void request_received(const RequestHead& request) override { log += std::string(request.path); }
  void request_lost(Error) override { log += " lost"; }
  void request_refused(Status status) override {
    log += " refused " + std::to_string(static_cast<int>(status));
  }
  // A head with it is longer than `little` says.
  std::string_view date() override { return "Sun, 06 Nov 1994 08:49:37 GMT"; }

  std::string log;
};

struct Refusing : TestCase<> {
  void SetUp() override { ASSERT_FALSE(transport.make_connection(site)); }

  Listening site;
  StringTransport<ConnectionSizes{.connections = 1, .receive = 2048, .send = 96}> transport{
      reactor};
};

TEST_F(Refusing, without_room_is_of_no_request_that_nobody_was_given) {
  transport.receive("GET / HTTP/1.1\r\nbad field\r\n\r\n");
  transport.settle();
  EXPECT_FALSE(transport.connected());
  EXPECT_EQ(transport.value(), "");
  EXPECT_EQ(site.log, " refused 400");
}

TEST_F(Refusing, without_room_loses_the_request_that_was_given) {
  transport.receive("POST /it HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nno size");
  transport.settle();
  EXPECT_FALSE(transport.connected());
  EXPECT_EQ(site.log, "/it lost refused 400");
}

}  // namespace
}  // namespace bobbin::http
