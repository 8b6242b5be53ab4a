// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <charconv>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>
#include <bobbin/memory.hpp>

#include "contract/parties.hpp"

namespace bobbin::http {

using Events = std::vector<std::string>;

inline constexpr ServerLimits limits{.head = {.size = 256, .target = 64, .fields = 8},
                                     .body = 1000,
                                     .response = 256,
                                     .idle = std::chrono::seconds(60),
                                     .head_time = std::chrono::seconds(10),
                                     .stall = std::chrono::seconds(20),
                                     .body_rate = 1,
                                     .linger = std::chrono::seconds(5)};

inline const std::string poem = [] {
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

 private:
  Error answer() {
    if (path_ == "/hello") return respond({.type = "text/plain"}, "Hello, world\n");
    if (path_ == "/poem") return respond_lasting({}, bytes_of(poem));
    if (path_ == "/echo") return begin_response({}, BodyLength::chunked());
    if (path_ == "/later") {
      const auto now = [this] { return respond({}, "now"); };
      return transport().reactor().call_later(std::chrono::seconds(1), now).error();
    }
    return {};
  }
  void note(std::string event) { watched_.events.push_back(std::move(event)); }

  Watched& watched_;
  std::string path_;
};

inline constexpr ConnectionSizes server_sizes{.connections = 1, .receive = 256, .send = 512};
inline constexpr ConnectionSizes client_sizes{.connections = 1, .receive = 65536, .send = 65536};

inline std::vector<memory::Behaviour> behaviours() {
  return {{},
          {.lends = true},
          {.segment_max = 1, .read_max = 1},
          {.latency = std::chrono::milliseconds(5),
           .jitter = std::chrono::milliseconds(9),
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
    reactor.run_for(std::chrono::milliseconds(100));
    peer.received.clear();
  }

  void say(std::string_view text) { EXPECT_EQ(peer.party().write(text), text.size()); }
  // All at once, and then what follows from it in a short while.
  void hear(std::string_view text) {
    say(text);
    reactor.run_for(std::chrono::seconds(3));
  }
  const std::string& answer() const { return peer.received; }
  bool server_is_free() const { return server_.connections().use().in_use == 0; }

  Watched watched;
  contract::Side peer;

 private:
  MemoryNetwork<memory::NetworkSizes{.links = 4, .window = 256}> network_;

 public:
  MemoryReactor<> reactor{network_};

 private:
  TcpServer<Site, server_sizes, Watched> server_{watched};
  contract::PartyClient<client_sizes> client_{peer};
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

inline std::string get(std::string_view path, std::string_view fields = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}
inline std::string post(std::string_view path, std::string_view fields, std::string_view content) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n" +
         std::string(content);
}
inline std::string sized(std::string_view content) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(content.size()) + "\r\n\r\n" +
         std::string(content);
}
inline const std::string hello =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n";

// What chunks hold, from a response whose head is taken off.
inline std::string unchunked(std::string_view response) {
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

}  // namespace bobbin::http
