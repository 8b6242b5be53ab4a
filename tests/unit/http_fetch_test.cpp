// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// What a program asks of a URL in a line, and what it keeps of the response's head.

#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>
#include <bobbin/testing.hpp>

namespace bobbin::http {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

struct Kept : testing::Test {
  static constexpr std::string_view wanted[] = {"etag", "Set-Cookie"};
  char room[24];
  KeptFields kept{wanted, room};

  std::string all() const {
    std::string text;
    for (const Field& field : kept.all()) {
      text += std::string(field.name) + "=" + std::string(field.value) + ";";
    }
    return text;
  }
};

TEST_F(Kept, are_those_that_are_wanted_in_their_order) {
  EXPECT_EQ(all(), "");
  EXPECT_TRUE(kept.keep(Fields("ETag: \"a\"\r\nDate: x\r\nEtag:\t\r\n")));
  EXPECT_EQ(all(), "ETag=\"a\";Etag=;");
  EXPECT_EQ(kept.all().find("etag"), "\"a\"");
  EXPECT_TRUE(kept.keep(Fields("Set-Cookie: b\r\nSET-cookieX: c\r\n")));
  EXPECT_EQ(all(), "Set-Cookie=b;") << "in the place of the others";
  EXPECT_TRUE(kept.keep(Fields()));
  EXPECT_EQ(all(), "");
  EXPECT_TRUE(kept.wants("ETAG"));
  EXPECT_FALSE(kept.wants("ETag2"));
  EXPECT_FALSE(kept.wants(""));
}

TEST_F(Kept, are_all_there_or_none) {
  const std::string fits = "ETag: " + std::string(16, 'x') + "\r\n";
  ASSERT_EQ(fits.size(), sizeof room);
  EXPECT_TRUE(kept.keep(Fields(fits)));
  EXPECT_EQ(kept.all().find("ETag"), std::string(16, 'x'));
  for (const std::string& more :
       {"ETag: x" + fits.substr(6), fits + "ETag: \r\n", "Set-Cookie: a\r\n" + fits}) {
    EXPECT_FALSE(kept.keep(Fields(more))) << more;
    EXPECT_EQ(all(), "");
  }
  EXPECT_TRUE(kept.keep(Fields("Date: " + std::string(100, 'x') + "\r\n" + fits)))
      << "what is not wanted is of no account";
}

// Says what it was asked.
class Mirror final : public Responder<> {
 public:
  void request_received(const RequestHead& request) override {
    text_ = std::string(request.method) + " " + std::string(request.authority) +
            std::string(request.target);
    for (const char* const name : {"Content-Type", "X-Own"}) {
      if (const auto value = request.fields.find(name)) text_ += " " + std::string(*value);
    }
    tag_.assign(request.path == "/long" ? 100 : 3, 't');
    is_moved_ = request.path == "/moved";
  }
  std::size_t body_received(Bytes piece) override {
    text_ += " " + std::string(text_of(piece));
    return piece.size();
  }
  void request_ended() override {
    const Field fields[] = {{"X-Noise", "much of it, which nobody wants to have kept anywhere"},
                            {"ETag", is_moved_ ? "old" : std::string_view(tag_)},
                            {"Location", is_moved_ ? "/target" : ""}};
    EXPECT_FALSE(
        respond({.status = is_moved_ ? Status::found : Status::ok, .fields = fields}, text_));
  }

 private:
  std::string text_;
  std::string tag_;
  bool is_moved_ = false;
};

constexpr ConnectionSizes server_sizes{.connections = 2, .receive = 2048, .send = 1024};

struct HttpFetch : TestCase<> {
  void SetUp() override { ASSERT_FALSE(reactor.listen_tcp(Address::loopback(80), server)); }
  void TearDown() override {
    reactor.run_for(2min);  // by then kept connections are closed
    TestCase::TearDown();
  }

  // What comes of it: content, ETag and failure.
  template <class AFetch>
  std::string ask(AFetch& one, const Order& order) {
    done.reset();
    if (const Error error = one.start(client, order, done)) return std::string(describe(error));
    const auto outcome = take_result(run(done));
    if (!outcome) return "nothing";
    if (!*outcome) return std::string(describe(outcome->failure()));
    const Fetched& fetched = **outcome;
    const std::string tag(fetched.fields != nullptr ? fetched.field("etag") : "");
    return std::string(fetched.text()) + (tag.empty() ? "" : " [" + tag + "]");
  }

  static constexpr HostEntry entries[] = {{"example.org", Address::loopback(0)}};
  HostTable names{reactor, entries};
  TcpServer<Mirror, server_sizes> server;
  ResolvingClient<ClientSizes{.connections = 1}> client{reactor, names};
  Deferred<Fetched> done;
  Fetch<100> plain;
  static constexpr std::string_view wanted[] = {"ETag", "Location"};
  Fetch<100, 32> keeping{wanted};
};

TEST_F(HttpFetch, asks_of_a_url) {
  EXPECT_EQ(ask(plain, Order::get("http://example.org/a?b")), "GET example.org/a?b");
  EXPECT_EQ(ask(plain, Order::get("http://127.0.0.1")), "GET 127.0.0.1/");
  EXPECT_EQ(ask(plain, Order::head("http://example.org/a")), "");
  EXPECT_EQ(ask(plain, Order::post("http://example.org/a", "b=c")),
            "POST example.org/a application/x-www-form-urlencoded b=c");
  EXPECT_EQ(ask(plain, Order::post("http://example.org/a", "{}", "application/json")),
            "POST example.org/a application/json {}");
  EXPECT_EQ(ask(plain, Order::put("http://example.org/a", "text", "text/plain")),
            "PUT example.org/a text/plain text");
  EXPECT_EQ(ask(plain, Order::of("DELETE", "http://example.org/a")), "DELETE example.org/a");
  const Field own[] = {{"X-Own", "mine"}};
  EXPECT_EQ(ask(plain, Order::post("http://example.org/a", "b", "t").with(own)),
            "POST example.org/a t mine b");
}

TEST_F(HttpFetch, says_that_a_url_is_none) {
  for (const char* const url : {"", "example.org", "https://example.org/", "http://", "/a"}) {
    EXPECT_EQ(ask(plain, Order::get(url)), "invalid argument") << url;
    EXPECT_FALSE(plain.is_active());
  }
}

TEST_F(HttpFetch, keeps_the_fields_that_it_was_told_to) {
  EXPECT_EQ(ask(keeping, Order::get("http://example.org/")), "GET example.org/ [ttt]");
  EXPECT_EQ(ask(keeping, Order::get("http://example.org/")), "GET example.org/ [ttt]");
  EXPECT_EQ(ask(keeping, Order::head("http://example.org/")), " [ttt]");
  EXPECT_EQ(ask(plain, Order::get("http://example.org/long")), "GET example.org/long");
}

TEST_F(HttpFetch, keeps_those_of_the_last_response) {
  std::array<char, 64> room;
  Order order = Order::get("http://example.org/moved");
  EXPECT_EQ(ask(keeping, order), "GET example.org/moved [old]");
  order.redirect_room = room;
  EXPECT_EQ(ask(keeping, order), "GET example.org/target [ttt]");
}

TEST_F(HttpFetch, fails_where_it_cannot_keep_them) {
  EXPECT_EQ(ask(keeping, Order::get("http://example.org/long")),
            describe(BadResponse::head_too_large));
  EXPECT_EQ(keeping.status(), Status::ok) << "is known all the same";
  EXPECT_EQ(ask(keeping, Order::get("http://example.org/")), "GET example.org/ [ttt]");
}

TEST_F(HttpFetch, takes_no_more_for_fields_than_it_is_told_to) {
  EXPECT_EQ(sizeof(Fetch<64>) + sizeof(KeptFields) + 64, sizeof(Fetch<64, 64>));
}

}  // namespace
}  // namespace bobbin::http
