// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>

#include "support/guarded.hpp"
#include "support/requests.hpp"
#include "support/seed.hpp"

namespace bobbin::http {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using test::Random;
using test::RequestEvents;
using test::RequestLimits;
using test::requests_in;

// A request with these lines behind its first one, and no content.
std::string get(std::string_view fields) {
  return "GET / HTTP/1.1\r\n" + std::string(fields) + "\r\n";
}
std::string post(std::string_view fields, std::string_view content) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n" + std::string(content);
}

RequestEvents refused(int status) { return {"refused " + std::to_string(status)}; }

RequestHead parsed(const std::string& text, HeadLimits limits = {}) {
  RequestDecoder decoder(limits);
  RequestHead head;
  const RequestDecoder::Found found = decoder.find(bytes_of(text), head);
  EXPECT_EQ(found.kind, RequestDecoder::Found::Kind::whole) << text;
  EXPECT_EQ(found.size, text.size());
  return head;
}

TEST(RequestHead, is_a_line_and_fields) {
  const std::string text =
      "GET /where?q=now&x HTTP/1.1\r\nHost: example.org:81\r\nAccept:\t*/* \r\nEmpty:\r\n\r\n";
  const RequestHead head = parsed(text);
  EXPECT_EQ(head.method, "GET");
  EXPECT_EQ(head.target, "/where?q=now&x");
  EXPECT_EQ(head.path, "/where");
  EXPECT_EQ(head.query, "q=now&x");
  EXPECT_EQ(head.authority, "example.org:81");
  EXPECT_EQ(head.version, Version::http_1_1);
  EXPECT_TRUE(head.keeps_alive);
  EXPECT_FALSE(head.expects_continue);
  EXPECT_EQ(head.body.kind, BodyLength::Kind::none);
  EXPECT_EQ(head.fields.find("aCCEPT"), "*/*");
  EXPECT_EQ(head.fields.find("Empty"), "");
  EXPECT_EQ(head.fields.find("Accep"), std::nullopt);
}

TEST(RequestHead, may_follow_one_empty_line) {
  EXPECT_EQ(requests_in("\r\n" + get("Host: a\r\n")), (RequestEvents{"GET /", "Host: a", "end"}));
  EXPECT_EQ(requests_in("\r\n\r\n" + get("Host: a\r\n")), refused(400));
  EXPECT_EQ(requests_in("\n" + get("Host: a\r\n")), refused(400));
  EXPECT_EQ(requests_in("\r" + get("Host: a\r\n")), refused(400));
  EXPECT_EQ(requests_in("\rX" + get("Host: a\r\n")), refused(400));
}

TEST(RequestHead, names_the_host_in_its_target_or_in_its_field) {
  const std::string both = "GET http://one/path?q HTTP/1.1\r\nHost: two\r\n\r\n";
  EXPECT_EQ(parsed(both).authority, "one");
  EXPECT_EQ(parsed(both).path, "/path");
  EXPECT_EQ(parsed(both).query, "q");
  const std::string bare = "GET HTTPS://[::1]:8080 HTTP/1.1\r\nHost:\r\n\r\n";
  EXPECT_EQ(parsed(bare).authority, "[::1]:8080");
  EXPECT_EQ(parsed(bare).path, "/");
  const std::string old = "GET / HTTP/1.0\r\n\r\n";
  EXPECT_EQ(parsed(old).authority, "");
  const std::string star = "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(parsed(star).path, "*");
}

// RFC 3986 §3.2.2: what neither a name nor an address has, and may mean something to a page.
TEST(RequestHead, has_a_host_of_letters_that_hosts_have) {
  for (const char c : "\"<>\\^`{|}#/?@, "s) {
    EXPECT_EQ(requests_in(get("Host: a"s + c + "b\r\n")), refused(400)) << c;
  }
  for (const char c : "-._~!$&'()*+;=%:[]"s) {
    const std::string host = "a"s + c + "b";
    EXPECT_EQ(parsed(get("Host: " + host + "\r\n")).authority, host);
  }
  EXPECT_EQ(parsed(get("Host: \r\n")).authority, "") << "where the target has none either";
}

TEST(RequestHead, says_whether_the_connection_stays_open) {
  EXPECT_TRUE(parsed(get("Host: a\r\nConnection: Upgrade, Keep-Alive\r\n")).keeps_alive);
  EXPECT_FALSE(parsed(get("Host: a\r\nConnection: foo\r\nconnection: , CLOSE,\r\n")).keeps_alive);
  EXPECT_TRUE(parsed(get("Host: a\r\nConnection: closed\r\n")).keeps_alive);
  EXPECT_FALSE(parsed("GET / HTTP/1.0\r\n\r\n").keeps_alive);
  EXPECT_TRUE(parsed("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keeps_alive);
  EXPECT_FALSE(parsed("GET / HTTP/1.0\r\nConnection: close, keep-alive\r\n\r\n").keeps_alive);
  EXPECT_FALSE(
      parsed("GET / HTTP/1.0\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n").keeps_alive);
}

TEST(RequestHead, that_could_be_understood_in_two_ways_is_refused) {
  for (const std::string& wrong : {
           // Lines.
           "GET / HTTP/1.1\nHost: a\r\n\r\n"s,
           "GET / HTTP/1.1\r\nHost: a\n\r\n"s,
           "GET / HTTP/1.1\r\nHost: a\r\n\n"s,
           "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n"s,
           "GET / HTTP/1.1\r\nHost: a\rb: c\r\n\r\n"s,
           // The first one.
           "GET /\r\n\r\n"s,
           "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"s,
           "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"s,
           " GET / HTTP/1.1\r\nHost: a\r\n\r\n"s,
           "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"s,
           "G@T / HTTP/1.1\r\nHost: a\r\n\r\n"s,
           "GET / http/1.1\r\nHost: a\r\n\r\n"s,
           "GET / HTTP/1.10\r\nHost: a\r\n\r\n"s,
           "GET / HTTP/1\r\nHost: a\r\n\r\n"s,
           "GET  HTTP/1.1\r\nHost: a\r\n\r\n"s,
           "GET path HTTP/1.1\r\nHost: a\r\n\r\n"s,
           "GET /# HTTP/1.1\r\nHost: a\r\n\r\n"s,
           "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n"s,
           "GET * HTTP/1.1\r\nHost: a\r\n\r\n"s,
           "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n"s,
           "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"s,
           "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"s,
           "GET http://:80/ HTTP/1.1\r\nHost:\r\n\r\n"s,
           "GET http://:80/ HTTP/1.1\r\nHost: a\r\n\r\n"s,
           "GET http://a|b/ HTTP/1.1\r\nHost: a\r\n\r\n"s,
           // Fields.
           get("Host: a\r\n folded\r\n"),
           get("Host: a\r\n\tfolded\r\n"),
           get(" Host: a\r\n"),
           get("Host : a\r\n"),
           get("Host: a\r\nno colon\r\n"),
           get("Host: a\r\n: empty\r\n"),
           get("Host: a\r\nx\xffy: 1\r\n"),
           get("Host: a\r\nx: \x01\r\n"),
           get("Host: a\r\nx: \x7f\r\n"),
           get("Host: a\r\nx: a\0b\r\n"sv),
           // Hosts.
           get(""),
           get("Host: a\r\nHost: a\r\n"),
           get("Host: a/b\r\n"),
           get("Host: a, b\r\n"),
           get("Host: u@a\r\n"),
           get("Host: a b\r\n"),
           get("Host: :80\r\n"),
           get("Host: \"><script>\r\n"),
           "GET http://a/ HTTP/1.1\r\nHost: <\r\n\r\n"s,
           // Lengths.
           post("Content-Length: 1\r\nContent-Length: 1\r\n", "x"),
           post("Content-Length: 1, 1\r\n", "x"),
           post("Content-Length: +1\r\n", "x"),
           post("Content-Length: 0x1\r\n", "x"),
           post("Content-Length: \r\n", "x"),
           post("Content-Length: -1\r\n", "x"),
           post("Content-Length: 1 1\r\n", "x"),
           post("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
           post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
           post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"),
           post("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"),
           post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
           post("Transfer-Encoding: identity\r\n", ""),
           post("Transfer-Encoding:\r\n", ""),
           "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"s,
       }) {
    EXPECT_EQ(requests_in(wrong), refused(400)) << wrong;
  }
}

TEST(RequestHead, is_refused_with_the_status_that_says_why) {
  EXPECT_EQ(requests_in("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), refused(505));
  EXPECT_EQ(requests_in("GET / HTTP/0.9\r\nHost: a\r\n\r\n"), refused(505));
  EXPECT_EQ(requests_in("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n"), refused(501));
  EXPECT_EQ(requests_in(post("Transfer-Encoding: gzip, chunked\r\n", "")), refused(501));
  EXPECT_EQ(requests_in(get("Host: a\r\nExpect: 200-ok\r\n")), refused(417));
  EXPECT_EQ(requests_in(post("Content-Length: 99999999999999999999\r\n", "")), refused(413));
}

TEST(RequestHead, of_another_protocol_is_refused_at_its_first_byte) {
  EXPECT_EQ(requests_in("\x16\x03\x01"), refused(400));
  EXPECT_EQ(requests_in("\0"sv), refused(400));
}

TEST(RequestHead, may_be_as_long_as_its_limits_and_no_longer) {
  const HeadLimits limits{.size = 40, .target = 8, .fields = 2};
  const auto found = [&limits](std::string_view text) {
    return requests_in(text, {}, RequestLimits{.head = limits});
  };
  EXPECT_EQ(found("GET /1234567 HTTP/1.1\r\nHost: 1234\r\n\r\n").back(), "end");
  EXPECT_EQ(found("GET /12345678 HTTP/1.1\r\nHost: a\r\n\r\n"), refused(414));
  EXPECT_EQ(found("GET /12345678901234567890123456789012345"), refused(414));
  EXPECT_EQ(found("GET / HTTP/1.1\r\nHost: 1234567890123\r\n\r"), RequestEvents{}) << "39 bytes";
  EXPECT_EQ(found("GET / HTTP/1.1\r\nHost: 1234567890123456789"), refused(431));
  EXPECT_EQ(found("GET / HTTP/1.1\r\nHost: a\r\nB:\r\n\r\n").back(), "end");
  EXPECT_EQ(found("GET / HTTP/1.1\r\nHost: a\r\nB:\r\nC:\r\n\r\n"), refused(431));
}

TEST(Body, is_as_many_bytes_as_were_announced) {
  EXPECT_EQ(requests_in(post("Content-Length: 3\r\n", "abc") + get("Host: b\r\n")),
            (RequestEvents{"POST /", "Host: a", "Content-Length: 3", "body abc", "end", "GET /",
                           "Host: b", "end"}));
  EXPECT_EQ(requests_in(post("Content-Length: 0\r\n", "")).back(), "end");
  EXPECT_EQ(requests_in(post("Content-Length: 1000\r\n", "")).back(), "Content-Length: 1000");
  EXPECT_EQ(requests_in(post("Content-Length: 1001\r\n", "")).back(), "refused 413");
}

RequestEvents chunks(std::string_view content, const RequestLimits& limits = {}) {
  RequestEvents events = requests_in(post("Transfer-Encoding: chunked\r\n", content), {}, limits);
  events.erase(events.begin(), events.begin() + 3);
  return events;
}

TEST(Body, is_what_the_chunks_hold) {
  EXPECT_EQ(chunks("3\r\nabc\r\n0a\r\n0123456789\r\n0\r\n\r\n"),
            (RequestEvents{"body abc0123456789", "end"}));
  EXPECT_EQ(chunks("0\r\n\r\n"), RequestEvents{"end"});
  EXPECT_EQ(chunks("000\r\n\r\n"), RequestEvents{"end"});
  EXPECT_EQ(chunks("1;a=b;c=\"d e\"\r\nx\r\n0;z\r\n\r\n"), (RequestEvents{"body x", "end"}));
  EXPECT_EQ(chunks("1\r\nx\r\n0\r\nName: value\r\nOther:\r\n\r\n"),
            (RequestEvents{"body x", "end"}));
}

TEST(Body, in_chunks_that_could_be_understood_in_two_ways_is_refused) {
  for (const std::string_view wrong :
       {"\r\n"sv, ";a\r\n"sv, "g\r\n"sv, "0x1\r\n"sv, "-1\r\n"sv, "+1\r\n"sv, " 1\r\n"sv,
        "1 \r\n"sv, "1\n"sv, "1\r\r\n"sv, "1;a\n"sv, "1;\x01\r\n"sv, "1;a\rb\r\n"sv,
        "0\r\n x: y\r\n"sv, "0\r\nx y\r\n"sv, "0\r\nx\r\n"sv, "0\r\nx: \x01\r\n"sv, "0\r\n\rx"sv,
        "0\r\nx: y\n"sv}) {
    EXPECT_EQ(chunks(wrong).back(), "refused 400") << wrong;
  }
  EXPECT_EQ(chunks("1\r\nxy"), (RequestEvents{"body x", "refused 400"}));
  EXPECT_EQ(chunks("1\r\nx\n0"), (RequestEvents{"body x", "refused 400"}));
  EXPECT_EQ(chunks("1\r\nx\r0"), (RequestEvents{"body x", "refused 400"}));
}

TEST(Body, in_chunks_is_bounded_whatever_they_say) {
  EXPECT_EQ(chunks("3e8\r\n"), RequestEvents{});
  EXPECT_EQ(chunks("3e9"), RequestEvents{"refused 413"});
  EXPECT_EQ(chunks("ffffffffffffffffffffffff"), RequestEvents{"refused 413"});
  EXPECT_EQ(chunks("2\r\nab\r\n3e7"), (RequestEvents{"body ab", "refused 413"}));
  const RequestLimits no_limit{.body = UINT64_MAX};
  EXPECT_EQ(chunks("fffffffffffffff\r\n", no_limit), RequestEvents{});
  EXPECT_EQ(chunks("ffffffffffffffff\r\n", no_limit), RequestEvents{"refused 413"});
}

TEST(Body, has_a_limit_of_what_is_around_its_chunks) {
  const std::string extension = "1;" + std::string(BodyDecoder::framing_max - 4, 'x') + "\r\n";
  EXPECT_EQ(chunks(extension + "y\r\n0\r\n\r\n"), (RequestEvents{"body y", "end"}));
  EXPECT_EQ(chunks("1;" + std::string(BodyDecoder::framing_max, 'x')),
            RequestEvents{"refused 400"});
  const std::string trailer = "x: " + std::string(BodyDecoder::framing_max, 'y');
  EXPECT_EQ(chunks("0\r\n" + trailer), RequestEvents{"refused 400"});
  EXPECT_EQ(chunks(std::string(BodyDecoder::framing_max + 1, '0')), RequestEvents{"refused 400"});
}

TEST(Fields, are_found_in_whatever_case_and_in_their_order) {
  const std::string text = get("Host: a\r\nX: 1\r\nx: 2, , 3 ,\r\n");
  const RequestHead head = parsed(text);
  EXPECT_EQ(head.fields.find("x"), "1");
  EXPECT_EQ(head.fields.count("X"), 2U);
  EXPECT_TRUE(head.fields.list_has("X", "1"));
  EXPECT_TRUE(head.fields.list_has("X", "3"));
  EXPECT_FALSE(head.fields.list_has("X", ""));
  EXPECT_FALSE(head.fields.list_has("Y", "1"));
}

// Streams of requests, good and bad, that are cut in every way.

const std::vector<std::string>& parts() {
  static const std::vector<std::string> all = {
      get("Host: a\r\n"),
      get("Host: a\r\nX: y\r\n"),
      post("Content-Length: 5\r\n", "hello"),
      post("Transfer-Encoding: chunked\r\n", "5;x=y\r\nhello\r\n2\r\n, \r\n0\r\nT: 1\r\n\r\n"),
      "\r\n" + get("Host: a\r\n"),
      "POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\n\r\n",
      post("Transfer-Encoding: chunked\r\n", "5\r\nhello\n"),
      get("Host: a\r\n X: folded\r\n"),
  };
  return all;
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

TEST(Requests, are_the_same_wherever_the_stream_is_cut_in_two) {
  for (const std::string& part : parts()) {
    const std::string stream = part + get("Host: b\r\n");
    const RequestEvents whole = requests_in(stream);
    for (std::size_t cut = 1; cut < stream.size(); ++cut) {
      EXPECT_EQ(requests_in(stream, {cut}), whole) << stream << " at " << cut;
    }
  }
}

TEST(Requests, are_the_same_however_the_stream_is_cut) {
  test::for_each_seed([](Random& random) {
    for (int round = 0; round < 300; ++round) {
      const std::string stream = random_stream(random);
      std::vector<std::size_t> cuts;
      for (std::size_t at = 0; at < stream.size(); at += 1 + random.below(9U)) cuts.push_back(at);
      std::vector<std::size_t> bytewise(stream.size());
      for (std::size_t i = 0; i < bytewise.size(); ++i) bytewise[i] = i;
      const RequestEvents whole = requests_in(stream);
      ASSERT_EQ(requests_in(stream, cuts), whole) << stream;
      ASSERT_EQ(requests_in(stream, bytewise), whole) << stream;
    }
  });
}

TEST(Requests, are_read_no_further_than_they_were_shown) {
  for (const std::string& part : parts()) {
    for (std::size_t size = 0; size <= part.size(); ++size) {
      const test::Guarded guarded(std::string_view(part).substr(0, size));
      const HeadLimits limits;
      RequestDecoder decoder(limits);
      RequestHead head;
      const RequestDecoder::Found found = decoder.find(guarded.bytes(), head);
      if (found.kind != RequestDecoder::Found::Kind::whole) continue;
      BodyDecoder body;
      body.begin(head.body, 1000);
      Bytes rest = guarded.bytes().subspan(found.size);
      for (;;) {
        const BodyDecoder::Found found_there = body.find(rest);
        const std::size_t used = found_there.size + found_there.piece.size();
        if (used == 0) break;
        if (found_there.size == 0) body.take(used);
        rest = rest.subspan(used);
      }
    }
  }
}

}  // namespace
}  // namespace bobbin::http
