// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>
#include <string>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>
#include <bobbin/memory.hpp>

#include "contract/parties.hpp"
#include "http_server/http_server.hpp"

// The site of examples/http_server on networks that take little at a time.
namespace bobbin {
namespace {

constexpr ConnectionSizes server_sizes{.connections = 1, .receive = 2048, .send = 2048};
constexpr ConnectionSizes client_sizes{.connections = 1, .receive = 4096, .send = 1024};

// What the answer to one request is, its connection to its end.
std::string answer(const memory::Behaviour& behaviour, std::string_view request) {
  contract::Side side;
  MemoryNetwork<memory::NetworkSizes{.links = 2, .window = 700}> network;
  network.behaviour = behaviour;
  MemoryReactor<> reactor(network);
  Shared shared(reactor);
  TcpServer<Site, server_sizes, Shared> server(shared);
  contract::PartyClient<client_sizes> client(side);
  side.on_made = [request](contract::Party& party) {
    EXPECT_EQ(party.write(request), request.size());
  };
  EXPECT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
  EXPECT_FALSE(reactor.connect_tcp(server.host(), client));
  EXPECT_TRUE(reactor.run_until([&side] { return side.lost(); }, std::chrono::hours(2)));
  return side.received;
}

std::string expected(std::size_t size) {
  std::string text;
  while (text.size() < size) {
    text += "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-\n";
  }
  text.resize(size);
  return text;
}

TEST(HttpServerExample, sends_bytes_that_go_on_where_they_stopped) {
  for (const std::size_t segment : {1U, 7U, 100U, 1460U}) {
    SCOPED_TRACE("segments of " + std::to_string(segment));
    const memory::Behaviour behaviour{.latency = std::chrono::milliseconds(1),
                                      .segment_max = segment,
                                      .short_writes = 3,
                                      .refused_writes = 3};
    for (const std::size_t size : {0U, 1U, 63U, 64U, 65U, 5000U, 20'000U}) {
      const std::string text =
          answer(behaviour, "GET /bytes/" + std::to_string(size) +
                                " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      const std::size_t end = text.find("\r\n\r\n");
      ASSERT_NE(end, text.npos);
      EXPECT_EQ(text.substr(end + 4), expected(size));
    }
  }
}

TEST(HttpServerExample, sends_no_bytes_to_head) {
  const std::string text =
      answer({}, "HEAD /bytes/5000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_NE(text.find("\r\nContent-Length: 5000\r\n"), text.npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST(HttpServerExample, is_slow_for_as_long_as_it_is_asked) {
  const auto slow = [](std::string_view milliseconds) {
    return answer({}, "GET /slow/" + std::string(milliseconds) +
                          " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  };
  EXPECT_TRUE(slow("3600000").ends_with("\r\n\r\nat last\n"));
  for (const std::string_view too_long : {"3600001", "9223372036854775807"}) {
    EXPECT_TRUE(slow(too_long).starts_with("HTTP/1.1 404 ")) << too_long;
  }
}

}  // namespace
}  // namespace bobbin
