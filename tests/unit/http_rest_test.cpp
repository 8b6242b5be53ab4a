// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// An interface such as firmware has: lamps that are listed, read, set and named by JSON.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>
#include <bobbin/net.hpp>
#include <bobbin/testing.hpp>
#include <bobbin/testing/http_agent.hpp>

namespace bobbin::http {
namespace {

struct Lamps {
  static constexpr std::size_t count = 3;

  std::array<std::int64_t, count> level{};
  int called = 0;
};

enum class NoLamp : std::int32_t { no_such_lamp, no_level };
std::string_view describe(NoLamp why) {
  return why == NoLamp::no_such_lamp ? "no such lamp" : "no level";
}

constexpr std::size_t content_max = 32;

class Rest final : public ContentResponder<Rest, content_max> {
  using Request = RequestHead;

 public:
  explicit Rest(Lamps& lamps) : lamps_(lamps) {}

  Error list(const Request& request, const Parameters&) {
    const bool brief = query_value(request.query, "brief") == "1";
    return respond_json(*this, [this, brief](JsonWriter& json) {
      json.array();
      for (const std::int64_t level : lamps_.level) {
        if (!brief || level > 0) json.number(level);
      }
      json.array_end();
    });
  }
  Error show(const Request&, const Parameters& parameters) {
    if (!find(parameters)) return fail_with(NoLamp::no_such_lamp);
    return respond_json(*this, [this](JsonWriter& json) { write(json); });
  }
  Error put(const Request& request, const Parameters& parameters) {
    if (!find(parameters)) return fail_with(NoLamp::no_such_lamp);
    return receive_content(request, &Rest::set);
  }
  Error set(Bytes content) {
    ++lamps_.called;
    JsonReader reader(text_of(content));
    const bool is_number = reader.next() == JsonToken::number;
    const JsonNumber number = is_number ? reader.number() : JsonNumber();
    if (!is_number || reader.next() != JsonToken::end) return fail_with(NoLamp::no_level);
    const Result<std::int64_t> level = number.as_integer();
    if (!level) return level.error();
    lamps_.level[lamp_] = *level;
    return respond_json(*this, [this](JsonWriter& json) { write(json); },
                        {.status = Status::created});
  }
  Error later(const Request&, const Parameters&) { return {}; }
  Error drop(const Request&, const Parameters&) { return respond({.status = Status::no_content}); }
  Error too_much(const Request&, const Parameters&) {
    return respond_json<8>(*this, [](JsonWriter& json) { json.string("much too long"); });
  }
  Error content_too_large() override {
    return respond({.status = Status::content_too_large, .type = "application/json"}, "\"long\"");
  }
  Error explain(const Failure& failure) {
    return respond_json(
        *this, [&failure](JsonWriter& json) { json.string(describe(failure.as<NoLamp>())); },
        {.status = failure == NoLamp::no_such_lamp ? Status::not_found : Status::bad_request});
  }

  static constexpr FailureAnswer<Rest> lamp_failures[] = {
      {.suits = failed_by<NoLamp>, .answer = &Rest::explain},
      {failed_with<Errc::invalid_argument>, Status::bad_request}};
  static constexpr Route<Rest> lamp_routes[] = {
      {"GET", "", &Rest::show}, {"PUT", "", &Rest::put}, {"DELETE", "", &Rest::drop}};
  static constexpr Route<Rest> lamps_routes[] = {{"GET", "", &Rest::list},
                                                 {"GET", "/much", &Rest::too_much}};
  static constexpr Route<Rest> routes[] = {{"POST", "/later", &Rest::later}};
  static constexpr Branch<Rest> lamp[] = {{"/<int:id>", lamp_routes}};
  static constexpr Branch<Rest> branches[] = {
      {.path = "/lamps", .routes = lamps_routes, .failures = lamp_failures, .branches = lamp}};

 private:
  bool find(const Parameters& parameters) {
    const auto id = static_cast<std::uint64_t>(parameters.number("id"));
    lamp_ = static_cast<std::size_t>(std::min<std::uint64_t>(id, Lamps::count));
    return lamp_ < Lamps::count;
  }
  void write(JsonWriter& json) {
    json.object();
    json.key("id");
    json.number(lamp_);
    json.key("level");
    json.number(lamps_.level[lamp_]);
    json.object_end();
  }

  Lamps& lamps_;
  std::size_t lamp_ = 0;
};

struct RestTest : TestCase<> {
  std::string ask(std::string_view method, std::string_view target, std::string_view content = "") {
    const TestAnswer answer =
        agent.ask({.method = method, .target = target, .host = "lamps"}, content);
    return std::to_string(static_cast<int>(answer.status)) + " " + std::string(answer.content);
  }

  Lamps lamps;
  TestAgent<Rest, Lamps> agent{reactor, lamps};
};

TEST_F(RestTest, lists_shows_and_sets) {
  EXPECT_EQ(ask("GET", "/lamps"), "200 [0,0,0]");
  EXPECT_EQ(agent.get("/lamps").field("Content-Type"), "application/json");
  EXPECT_EQ(ask("PUT", "/lamps/1", "70"), R"(201 {"id":1,"level":70})");
  EXPECT_EQ(ask("GET", "/lamps/1"), R"(200 {"id":1,"level":70})");
  EXPECT_EQ(ask("GET", "/lamps?brief=1"), "200 [70]");
  EXPECT_EQ(ask("DELETE", "/lamps/1", "content that nobody reads"), "204 ");
}

TEST_F(RestTest, says_what_is_wrong) {
  EXPECT_EQ(ask("GET", "/lamps/3"), R"(404 "no such lamp")");
  EXPECT_EQ(ask("PUT", "/lamps/3", "70"), R"(404 "no such lamp")");
  EXPECT_EQ(ask("PUT", "/lamps/2", "on"), R"(400 "no level")");
  EXPECT_EQ(ask("PUT", "/lamps/2"), R"(400 "no level")") << "no content is content too";
  EXPECT_EQ(ask("PUT", "/lamps/2", "1.5"), "400 Bad Request");
  EXPECT_EQ(ask("GET", "/lamps/x"), "404 Not Found\n");
  EXPECT_EQ(ask("POST", "/lamps/2", "1"), "405 ");
  EXPECT_EQ(ask("GET", "/lamps/much"), "503 Service Unavailable");
}

TEST_F(RestTest, keeps_no_more_content_than_there_is_room_for) {
  const std::string most = "7" + std::string(content_max - 1, ' ');
  EXPECT_EQ(ask("PUT", "/lamps/0", most), R"(201 {"id":0,"level":7})");
  EXPECT_EQ(ask("PUT", "/lamps/0", most + " "), "413 \"long\"");
  EXPECT_EQ(ask("PUT", "/lamps/0", std::string(5000, ' ')), "413 \"long\"");
  EXPECT_EQ(lamps.called, 1);
}

// Several on one connection, whose lengths are not known beforehand, in whatever pieces.
struct RestConnection : TestCase<> {
  void SetUp() override { ASSERT_FALSE(transport.make_connection(rest)); }
  void TearDown() override {
    transport.lose();
    TestCase::TearDown();
  }

  std::string put(std::string_view chunks) {
    transport.clear();
    transport.receive_bytewise(
        "PUT /lamps/0 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked"
        "\r\n\r\n" +
        std::string(chunks) + "0\r\n\r\n");
    return std::string(transport.value().substr(9, 3));
  }

  Lamps lamps;
  Rest rest{lamps};
  StringTransport<ConnectionSizes{.connections = 1, .receive = 2048, .send = 1024}> transport{
      reactor};
};

TEST_F(RestConnection, keeps_the_content_of_one_request_after_the_other) {
  EXPECT_EQ(put("1\r\n1\r\n2\r\n23\r\n"), "201");
  EXPECT_EQ(lamps.level[0], 123);
  const std::string too_much = "21\r\n" + std::string(33, '1') + "\r\n";
  EXPECT_EQ(put("1\r\n1\r\n" + too_much + "1\r\n1\r\n"), "413");
  EXPECT_EQ(put("1\r\n9\r\n"), "201") << "nothing is left of the one before";
  EXPECT_EQ(lamps.level[0], 9);
  EXPECT_EQ(lamps.called, 2);
}

// Answered before its content has come, by a time limit or whatever: it is nobody's any more.
TEST_F(RestConnection, keeps_no_content_of_a_request_that_was_answered_before_it_came) {
  transport.receive("PUT /lamps/0 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n1");
  EXPECT_FALSE(rest.respond({.status = Status::gateway_timeout}));
  transport.receive("23");
  transport.clear();
  transport.receive("POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n4");
  EXPECT_EQ(lamps.called, 0);
  EXPECT_EQ(transport.value(), "") << "whoever answers that will";
  EXPECT_FALSE(rest.respond({.status = Status::no_content}));
}

// Who asks first is not told to send it.
TEST_F(RestConnection, refuses_content_before_it_comes) {
  const auto ask = [this](std::string_view length) {
    transport.clear();
    transport.receive(
        "PUT /lamps/0 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
        "Content-Length: " +
        std::string(length) + "\r\n\r\n");
    return std::string(transport.value().substr(9, 3));
  };
  EXPECT_EQ(ask("2"), "100");
  transport.receive("77");
  EXPECT_EQ(lamps.level[0], 77);
  EXPECT_EQ(ask("33"), "413");
  EXPECT_EQ(lamps.called, 1);
}

// Says what it was sent, and fails where it was told to.
struct Plain final : ContentResponder<Plain, 4> {
  Error take(const RequestHead& request, const Parameters&) {
    return receive_content(request, &Plain::say);
  }
  Error say(Bytes content) {
    return text_of(content) == "fail" ? Errc::no_capacity : respond({}, content);
  }
  static constexpr Route<Plain> routes[] = {{"POST", "/", &Plain::take}};
};

TEST_F(RestTest, says_as_others_do_what_it_has_no_words_for) {
  TestAgent<Plain> plain{reactor};
  EXPECT_EQ(plain.post("/", "four").content, "four");
  EXPECT_EQ(plain.post("/", "fiver").content, "Content Too Large");
  EXPECT_EQ(plain.post("/", "fiver").status, Status::content_too_large);
  EXPECT_EQ(plain.post("/", "fail").status, Status::service_unavailable);
  EXPECT_EQ(plain.get("/").status, Status::method_not_allowed);
}

}  // namespace
}  // namespace bobbin::http
