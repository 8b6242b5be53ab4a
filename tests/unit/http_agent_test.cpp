// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// A site that is tested as a program's own would be.

#include <bobbin/testing/http_agent.hpp>

#include <chrono>
#include <string>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>
#include <bobbin/testing.hpp>

namespace bobbin::http {
namespace {

using namespace std::chrono_literals;

struct Visits {
  int count = 0;
  int lost = 0;
};

class Shop final : public RoutedResponder<Shop> {
 public:
  explicit Shop(Visits& visits) : visits_(visits) { ++visits_.count; }

  Error hello(const RequestHead& request, const Parameters&) {
    text_ = "Hello, " + std::string(request.authority) + "\n";
    const Field more[] = {{"X-Own", "a"}, {"X-Own", "b"}};
    return respond({.type = "text/plain", .fields = more}, text_);
  }
  Error echo(const RequestHead& request, const Parameters&) {
    text_ = std::string(request.fields.find("Content-Type").value_or("none")) + ": ";
    echoing_ = true;
    return {};
  }
  std::size_t body_received(Bytes piece) override {
    text_ += text_of(piece);
    return piece.size();
  }
  void request_ended() override {
    if (!echoing_) return;
    EXPECT_FALSE(respond({.status = Status::created}, text_));
  }
  Error slow(const RequestHead&, const Parameters& parameters) {
    const auto answer = [this] { return respond({}, "at last"); };
    return transport()
        .reactor()
        .call_later(std::chrono::seconds(parameters.number("s")), answer)
        .error();
  }
  Error bytes(const RequestHead&, const Parameters& parameters) {
    text_.assign(static_cast<std::size_t>(parameters.number("n")), 'x');
    return respond_lasting({}, bytes_of(text_));
  }
  Error moved(const RequestHead&, const Parameters&) {
    const Field location{"Location", "/"};
    return respond({.status = Status::found, .fields = {&location, 1}});
  }
  Error silent(const RequestHead&, const Parameters&) { return {}; }
  Error cut(const RequestHead&, const Parameters&) {
    transport().abort_connection();
    return {};
  }
  void request_lost(Error) override { ++visits_.lost; }

  static constexpr Route<Shop> routes[] = {
      {"GET", "/", &Shop::hello},
      {"POST", "/echo", &Shop::echo},
      {"PUT", "/echo", &Shop::echo},
      {"GET", "/slow/<int:s>", &Shop::slow},
      {"GET", "/moved", &Shop::moved},
      {"GET", "/silent", &Shop::silent},
      {"GET", "/bytes/<int:n>", &Shop::bytes},
      {"GET", "/cut", &Shop::cut},
  };

 private:
  Visits& visits_;
  std::string text_;
  bool echoing_ = false;
};

// The connection is gone with each request, so a TestCase finds nothing.
struct ShopTest : TestCase<> {
  Visits visits;
  TestAgent<Shop, Visits> agent{reactor, visits};
};

TEST_F(ShopTest, greets) {
  const Instant start = reactor.now();
  for (int i = 1; i < 4; ++i) {
    const TestAnswer answer = agent.get("/");
    EXPECT_EQ(answer.status, Status::ok);
    EXPECT_EQ(answer.content, "Hello, localhost\n");
    EXPECT_EQ(answer.field("content-type"), "text/plain");
    EXPECT_EQ(answer.field("X-Other"), "");
    EXPECT_EQ(answer.fields.count("X-Own"), 2U);
    EXPECT_FALSE(answer.failure);
    EXPECT_EQ(visits.count, i);
  }
  EXPECT_EQ(reactor.now(), start);
  EXPECT_EQ(agent.ask({.host = "example.org"}).content, "Hello, example.org\n");
  EXPECT_EQ(visits.lost, 0);
}

TEST_F(ShopTest, is_told_things) {
  TestAnswer answer = agent.post("/echo", "a=b");
  EXPECT_EQ(answer.status, Status::created);
  EXPECT_EQ(answer.content, "application/x-www-form-urlencoded: a=b");
  EXPECT_EQ(agent.post("/echo", "{}", "application/json").content, "application/json: {}");
  const std::string much(3000, 'm');
  EXPECT_EQ(agent.ask({.method = "PUT", .target = "/echo", .host = "a"}, much).content,
            "none: " + much);
  EXPECT_EQ(agent.post("/", "a=b").status, Status::method_not_allowed);
  EXPECT_EQ(agent.get("/nowhere").status, Status::not_found);
}

TEST_F(ShopTest, sends_elsewhere) {
  const TestAnswer answer = agent.get("/moved");
  EXPECT_EQ(answer.status, Status::found);
  EXPECT_EQ(answer.field("Location"), "/");
  EXPECT_EQ(agent.ask({.method = "HEAD", .host = "a"}).content, "");
}

TEST_F(ShopTest, may_take_its_time) {
  network.behaviour.latency = 100ms;
  const Instant start = reactor.now();
  EXPECT_EQ(agent.get("/slow/100").content, "at last");
  EXPECT_GE(reactor.now() - start, 100s);
}

TEST_F(ShopTest, may_not_take_for_ever) {
  const Instant start = reactor.now();
  const TestAnswer answer = agent.get("/silent");
  EXPECT_EQ(answer.failure, Errc::timed_out);
  EXPECT_EQ(answer.status, Status{});
  EXPECT_EQ(reactor.now() - start, AnyTestAgent::patience);
  EXPECT_EQ(visits.lost, 1);
}

TEST_F(ShopTest, may_fail) {
  EXPECT_TRUE(agent.get("/cut").failure);
  EXPECT_EQ(agent.get("no path").failure, Errc::invalid_argument);
  EXPECT_EQ(agent.get("/bytes/65536").content.size(), 65536U);
  EXPECT_EQ(agent.get("/bytes/65537").failure, BadResponse::content_too_large);
  EXPECT_EQ(agent.get("/").status, Status::ok) << "and goes on";
}

TEST_F(ShopTest, has_an_address) {
  struct Knock final : Exchange {
    void response_received(const ResponseHead& response) override { status = response.status; }
    Status status{};
  } knock;
  {
    Client<> client(reactor);
    ASSERT_FALSE(client.send(knock, {.server = agent.server(), .request = {.host = "a"}}));
    reactor.run_for(1s);
    EXPECT_EQ(knock.status, Status::ok);
  }
  reactor.run_for(1s);
}

// A connection of the test's own is not waited for.
TEST_F(ShopTest, asks_beside_others) {
  struct Waiting final : Exchange {
  } waiting;
  {
    Client<> client(reactor);
    const Order order{.server = agent.server(), .request = {.target = "/silent", .host = "a"}};
    ASSERT_FALSE(client.send(waiting, order));
    reactor.run_for(1s);
    const Instant start = reactor.now();
    EXPECT_EQ(agent.get("/").status, Status::ok);
    EXPECT_EQ(reactor.now(), start);
    EXPECT_TRUE(waiting.is_active());
  }
  reactor.run_for(1s);
}

// As in the README, which a test holds to it.

struct Site final : RoutedResponder<Site> {
  Error user(const RequestHead&, const Parameters& parameters) {
    return respond({.type = "text/plain"}, parameters.number("id") == 1 ? "root\n" : "nobody\n");
  }
  static constexpr Route<Site> routes[] = {{"GET", "/user/<int:id>", &Site::user}};
};

struct SiteTest : bobbin::TestCase<> {
  bobbin::http::TestAgent<Site> agent{reactor};
};

TEST_F(SiteTest, knows_root) {
  EXPECT_EQ(agent.get("/user/1").content, "root\n");
  EXPECT_EQ(agent.get("/user/x").status, bobbin::http::Status::not_found);
}

}  // namespace
}  // namespace bobbin::http
