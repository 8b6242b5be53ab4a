// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Responses as a client finds them.

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>

#include "support/guarded.hpp"
#include "support/responses.hpp"
#include "support/seed.hpp"

namespace bobbin::http {
namespace {

using namespace std::string_view_literals;
using test::Random;
using test::ResponseEvents;
using test::ResponseLimits;
using test::responses_in;

std::string ok(std::string_view fields, std::string_view content = "") {
  return "HTTP/1.1 200 OK\r\n" + std::string(fields) + "\r\n" + std::string(content);
}

ResponseEvents refused(BadResponse trouble) {
  return {"refused " + std::string(describe(trouble))};
}

ResponseHead parsed(std::string_view text, bool answers_head = false) {
  const HeadLimits limits;
  ResponseDecoder decoder(limits);
  ResponseHead head;
  const ResponseDecoder::Found found = decoder.find(bytes_of(text), answers_head, head);
  EXPECT_EQ(found.kind, ResponseDecoder::Found::Kind::whole) << text;
  EXPECT_EQ(found.size, text.size());
  return head;
}

TEST(ResponseHeads, are_a_line_and_fields) {
  const ResponseHead head =
      parsed("HTTP/1.1 404 Not Found\r\nServer: x\r\nContent-Length: 12\r\n\r\n");
  EXPECT_EQ(head.status, Status::not_found);
  EXPECT_EQ(head.reason, "Not Found");
  EXPECT_EQ(head.version, Version::http_1_1);
  EXPECT_TRUE(head.keeps_alive);
  EXPECT_FALSE(head.is_interim());
  EXPECT_EQ(head.body.kind, BodyLength::Kind::known);
  EXPECT_EQ(head.body.bytes, 12U);
  EXPECT_EQ(head.fields.find("server"), "x");
}

TEST(ResponseHeads, need_no_reason) {
  EXPECT_EQ(parsed("HTTP/1.1 299 \r\n\r\n").reason, "");
  EXPECT_EQ(parsed("HTTP/1.1 299\r\n\r\n").status, Status(299));
}

TEST(ResponseHeads, say_whether_the_connection_stays) {
  const auto stays = [](std::string_view text) { return parsed(text).keeps_alive; };
  EXPECT_TRUE(stays("HTTP/1.1 204 x\r\n\r\n"));
  EXPECT_FALSE(stays("HTTP/1.1 204 x\r\nConnection: x, Close\r\n\r\n"));
  EXPECT_FALSE(stays("HTTP/1.0 204 x\r\n\r\n"));
  EXPECT_TRUE(stays("HTTP/1.0 204 x\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_FALSE(stays("HTTP/1.0 204 x\r\nConnection: close, keep-alive\r\n\r\n"));
  EXPECT_FALSE(stays("HTTP/1.1 200 x\r\n\r\n")) << "it ends where the connection does";
}

// RFC 9112 §6.3.
TEST(ResponseHeads, say_how_the_content_ends) {
  const auto kind = [](std::string_view text, bool answers_head = false) {
    return parsed(text, answers_head).body.kind;
  };
  EXPECT_EQ(kind(ok("Content-Length: 5\r\n")), BodyLength::Kind::known);
  EXPECT_EQ(kind(ok("Transfer-Encoding: chunked\r\n")), BodyLength::Kind::chunked);
  EXPECT_EQ(kind(ok("")), BodyLength::Kind::closing);
  EXPECT_EQ(kind(ok("Content-Length: 5\r\n"), true), BodyLength::Kind::none);
  EXPECT_EQ(kind(ok(""), true), BodyLength::Kind::none);
  EXPECT_EQ(kind("HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n"), BodyLength::Kind::none);
  EXPECT_EQ(kind("HTTP/1.1 100 x\r\n\r\n"), BodyLength::Kind::none);
  EXPECT_TRUE(parsed("HTTP/1.1 100 x\r\n\r\n").is_interim());
}

TEST(Responses, that_are_none_are_refused) {
  for (const std::string_view wrong :
       {"\r\n\r\n"sv, "hello\r\n\r\n"sv, "HTTP/1.1\r\n\r\n"sv, "HTTP/1.1 20 x\r\n\r\n"sv,
        "HTTP/1.1 2000 x\r\n\r\n"sv, "HTTP/1.1 099 x\r\n\r\n"sv, "HTTP/1.1  200 x\r\n\r\n"sv,
        "HTTP/1.1 200 \x01\r\n\r\n"sv, "HTTP/1.1 200 x\n\n"sv, "http/1.1 200 x\r\n\r\n"sv,
        "HTTP/1.1 200 x\r\nA : b\r\n\r\n"sv, "HTTP/1.1 200 x\r\nA: b\r\n c\r\n\r\n"sv,
        "HTTP/1.1 200 x\r\nContent-Length: +5\r\n\r\n"sv,
        "HTTP/1.1 200 x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n"sv,
        "HTTP/1.1 200 x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"sv,
        "HTTP/1.0 200 x\r\nTransfer-Encoding: chunked\r\n\r\n"sv}) {
    EXPECT_EQ(responses_in(wrong), refused(BadResponse::malformed)) << wrong;
  }
  EXPECT_EQ(responses_in("HTTP/2.0 200 x\r\n\r\n"), refused(BadResponse::unsupported));
  EXPECT_EQ(responses_in(ok("Transfer-Encoding: gzip, chunked\r\n")),
            refused(BadResponse::unsupported));
}

TEST(Responses, have_limits) {
  const ResponseLimits limits{.head = {.size = 40, .fields = 1}, .body = 4};
  EXPECT_EQ(responses_in(ok(std::string(40, 'x')), {}, limits),
            refused(BadResponse::head_too_large));
  EXPECT_EQ(responses_in(ok("A: b\r\nC: d\r\n"), {}, limits), refused(BadResponse::head_too_large));
  EXPECT_EQ(responses_in(ok("Content-Length: 5\r\n"), {}, limits).back(),
            refused(BadResponse::content_too_large)[0]);
  EXPECT_EQ(responses_in(ok("", "abcd"), {}, limits).back(), "body abcd");
  EXPECT_EQ(responses_in(ok("", "abcde"), {}, limits).back(),
            refused(BadResponse::content_too_large)[0]);
  EXPECT_EQ(responses_in(ok("", "abcde"), {}, limits)[1], "body abcd");
}

const std::vector<std::string>& parts() {
  static const std::vector<std::string> all = {
      ok("Content-Length: 5\r\n", "hello"),
      ok("Transfer-Encoding: chunked\r\n", "5;x=y\r\nhello\r\n2\r\n, \r\n0\r\nT: 1\r\n\r\n"),
      "HTTP/1.1 100 Continue\r\n\r\n",
      "HTTP/1.0 204 \r\nConnection: keep-alive\r\n\r\n",
      ok("", "until the end"),
      ok(" folded: x\r\n"),
  };
  return all;
}

TEST(Responses, are_the_same_wherever_the_stream_is_cut_in_two) {
  for (const std::string& part : parts()) {
    const std::string stream = part + ok("Content-Length: 1\r\n", "x");
    const ResponseEvents whole = responses_in(stream);
    for (std::size_t cut = 1; cut < stream.size(); ++cut) {
      EXPECT_EQ(responses_in(stream, {cut}), whole) << stream << " at " << cut;
    }
  }
}

std::string random_stream(Random& random) {
  std::string stream;
  for (std::size_t count = 1 + random.below(4U); count > 0; --count) {
    stream += parts()[random.below(parts().size())];
  }
  if (random.one_in(3)) stream[random.below(stream.size())] = "\r\n: \0;5aG"[random.below(9U)];
  if (random.one_in(3)) stream.erase(random.below(stream.size()), 1);
  return stream;
}

TEST(Responses, are_the_same_however_the_stream_is_cut) {
  test::for_each_seed([](Random& random) {
    for (int round = 0; round < 300; ++round) {
      const std::string stream = random_stream(random);
      std::vector<std::size_t> cuts;
      for (std::size_t at = 0; at < stream.size(); at += 1 + random.below(9U)) cuts.push_back(at);
      std::vector<std::size_t> bytewise(stream.size());
      for (std::size_t i = 0; i < bytewise.size(); ++i) bytewise[i] = i;
      const ResponseEvents whole = responses_in(stream);
      ASSERT_EQ(responses_in(stream, cuts), whole) << stream;
      ASSERT_EQ(responses_in(stream, bytewise), whole) << stream;
    }
  });
}

TEST(Responses, are_read_no_further_than_they_were_shown) {
  for (const std::string& part : parts()) {
    for (std::size_t size = 0; size <= part.size(); ++size) {
      const test::Guarded guarded(std::string_view(part).substr(0, size));
      const HeadLimits limits;
      ResponseDecoder decoder(limits);
      ResponseHead head;
      const auto found = decoder.find(guarded.bytes(), false, head);
      EXPECT_LE(found.size, size);
    }
  }
}

TEST(RequestsWritten, are_a_line_and_fields) {
  const auto text = [](const Request& request, BodyLength body = {}) {
    std::string written;
    const RequestPieces pieces(request, body);
    pieces.each_piece([&written](std::string_view piece) { written += piece; });
    EXPECT_EQ(pieces.size(), written.size());
    return written;
  };
  EXPECT_EQ(text({.host = "a:81"}), "GET / HTTP/1.1\r\nHost: a:81\r\n\r\n");
  EXPECT_EQ(text({.target = "?b", .host = "a"}), "GET /?b HTTP/1.1\r\nHost: a\r\n\r\n");
  const Field field{"X-Y", "z"};
  EXPECT_EQ(
      text({.method = "PUT", .target = "/a?b", .host = "c", .type = "d/e", .fields = {&field, 1}},
           BodyLength::of(7)),
      "PUT /a?b HTTP/1.1\r\nHost: c\r\nContent-Type: d/e\r\nX-Y: z\r\nContent-Length: 7\r\n\r\n");
  EXPECT_EQ(text({.method = "POST", .host = "a"}, BodyLength::chunked()),
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
}

TEST(RequestsWritten, say_nothing_that_could_be_something_else) {
  const auto valid = [](const Request& request) { return is_valid(request); };
  EXPECT_TRUE(valid({.method = "OPTIONS", .target = "*", .host = "[::1]:8080"}));
  EXPECT_TRUE(valid({.target = "?b", .host = "a"}));
  EXPECT_FALSE(valid({.host = ""}));
  EXPECT_FALSE(valid({.host = ":80"}));
  EXPECT_FALSE(valid({.host = "a b"}));
  EXPECT_FALSE(valid({.host = "a|b"}));
  EXPECT_FALSE(valid({.host = "a\r\nX: y"}));
  EXPECT_FALSE(valid({.method = "", .host = "a"}));
  EXPECT_FALSE(valid({.method = "G T", .host = "a"}));
  EXPECT_FALSE(valid({.method = "CONNECT", .host = "a"}));
  EXPECT_FALSE(valid({.target = "", .host = "a"}));
  EXPECT_FALSE(valid({.target = "http://a/", .host = "a"}));
  EXPECT_FALSE(valid({.target = "/ HTTP/1.1\r\n", .host = "a"}));
  EXPECT_FALSE(valid({.host = "a", .type = "x\r\ny"}));
  for (const Field field : {Field{"Host", "b"}, Field{"content-length", "5"}, Field{"X:", "y"},
                            Field{"X", "a\r\nb"}, Field{"Connection", "close"},
                            Field{"Transfer-Encoding", "chunked"}, Field{"expect", "x"}}) {
    EXPECT_FALSE(valid({.host = "a", .fields = {&field, 1}})) << field.name;
  }
}

}  // namespace
}  // namespace bobbin::http
