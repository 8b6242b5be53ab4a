// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// The site of the example.

#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <bobbin/testing.hpp>

#include "http_server/http_server.hpp"

namespace bobbin {
namespace {

struct HttpServerExample : TestCase<> {
  void SetUp() override { ASSERT_FALSE(transport.make_connection(site)); }
  void TearDown() override {
    transport.lose();
    TestCase::TearDown();
  }

  Shared shared{reactor};
  Site site{shared};
  StringTransport<ConnectionSizes{.connections = 1, .receive = 2048, .send = 2048}, 65536>
      transport{reactor};
};

// What is taken, and when, must make no difference to what it is.
TEST_F(HttpServerExample, gives_the_same_bytes_however_they_are_taken) {
  const std::string_view digits =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-\n";
  std::string expected;
  for (int i = 0; i < 10'000; ++i) expected += digits[static_cast<std::size_t>(i) % digits.size()];
  for (const std::size_t piece : {1U, 37U, 64U, 1000U, 65536U}) {
    transport.clear();
    transport.hold();
    transport.receive("GET /bytes/10000 HTTP/1.1\r\nHost: a\r\n\r\n");
    std::size_t before = 0;
    do {
      before = transport.value().size();
      transport.take(piece);
    } while (transport.value().size() > before);
    const std::string_view value = transport.value();
    EXPECT_EQ(value.substr(value.find("\r\n\r\n") + 4), expected) << "by " << piece;
  }
}

}  // namespace
}  // namespace bobbin
