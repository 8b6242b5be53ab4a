// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/conditions.hpp>

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace bobbin::http {
namespace {

constexpr std::string_view before = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr std::string_view then = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view after = "Sun, 06 Nov 1994 08:49:38 GMT";

struct Request {
  explicit Request(std::string fields, std::string_view method = "GET") : lines(std::move(fields)) {
    head.method = method;
    head.fields = Fields(lines);
  }
  Request(const Request&) = delete;
  std::string lines;
  RequestHead head;
};
std::string field(std::string_view name, std::string_view value) {
  return std::string(name) + ": " + std::string(value) + "\r\n";
}

const Validators present{.etag = "\"a,b\"", .modified = parse_date(then)};

Status checked(const std::string& fields, std::string_view method = "GET",
               const Validators& validators = present) {
  const Request request(fields, method);
  return check_conditions(request.head, validators);
}

TEST(Conditions, none) {
  EXPECT_EQ(checked(""), Status::ok);
  EXPECT_EQ(checked(field("If-None", "*")), Status::ok);
}

TEST(Conditions, if_none_match) {
  const auto answer = [](std::string_view value) { return checked(field("If-None-Match", value)); };
  for (const char* const tags :
       {"\"a,b\"", "*", "W/\"a,b\"", "\"x\", \"a,b\"", "\"x\",,W/\"a,b\" , \"y\""}) {
    EXPECT_EQ(answer(tags), Status::not_modified) << tags;
    EXPECT_EQ(checked(field("if-none-match", tags), "HEAD"), Status::not_modified);
    EXPECT_EQ(checked(field("If-None-Match", tags), "PUT"), Status::precondition_failed);
  }
  for (const char* const tags : {"", "\"\"", "\"a\"", "\"b\"", "a,b", "\"a,b", "\"A,B\"",
                                 "w/\"a,b\"", "x \"a,b\"", "\"x\" \"", "**"}) {
    EXPECT_EQ(answer(tags), Status::ok) << tags;
  }
  EXPECT_EQ(checked(field("If-None-Match", "\"x\"") + field("If-None-Match", "\"a,b\"")),
            Status::not_modified);
  EXPECT_EQ(checked(field("If-None-Match", "\"\""), "GET", {}), Status::ok) << "there is no tag";
}

TEST(Conditions, if_match) {
  const auto answer = [](std::string_view value) { return checked(field("If-Match", value)); };
  for (const char* const tags : {"\"a,b\"", "*", "\"x\", \"a,b\""}) {
    EXPECT_EQ(answer(tags), Status::ok) << tags;
  }
  for (const char* const tags : {"", "\"x\"", "W/\"a,b\"", "a,b"}) {
    EXPECT_EQ(answer(tags), Status::precondition_failed) << tags;
  }
  const Validators weak{.etag = "W/\"a\""};
  EXPECT_EQ(checked(field("If-Match", "W/\"a\""), "GET", weak), Status::precondition_failed);
  EXPECT_EQ(checked(field("If-None-Match", "\"a\""), "GET", weak), Status::not_modified);
}

TEST(Conditions, dates) {
  const auto since = [](std::string_view date, std::string_view method = "GET") {
    return checked(field("If-Modified-Since", date), method);
  };
  EXPECT_EQ(since(before), Status::ok);
  EXPECT_EQ(since(then), Status::not_modified);
  EXPECT_EQ(since(after), Status::not_modified);
  EXPECT_EQ(since(after, "HEAD"), Status::not_modified);
  EXPECT_EQ(since(after, "POST"), Status::ok);
  EXPECT_EQ(since("tomorrow"), Status::ok);
  const auto unmodified = [](std::string_view date) {
    return checked(field("If-Unmodified-Since", date));
  };
  EXPECT_EQ(unmodified(before), Status::precondition_failed);
  EXPECT_EQ(unmodified(then), Status::ok);
  EXPECT_EQ(unmodified("tomorrow"), Status::ok);
  EXPECT_EQ(checked(field("If-Modified-Since", after), "GET", {.etag = "\"a\""}), Status::ok);
}

TEST(Conditions, tags_count_more_than_dates) {
  EXPECT_EQ(checked(field("If-None-Match", "\"x\"") + field("If-Modified-Since", after)),
            Status::ok);
  EXPECT_EQ(checked(field("If-None-Match", "\"a,b\"") + field("If-Modified-Since", before)),
            Status::not_modified);
  EXPECT_EQ(checked(field("If-Match", "*") + field("If-Unmodified-Since", before)), Status::ok);
  EXPECT_EQ(checked(field("If-Match", "\"x\"") + field("If-None-Match", "*")),
            Status::precondition_failed);
}

// "200", "206 2-5" or "416".
std::string chosen(std::string_view range, std::uint64_t size, const std::string& more = "",
                   std::string_view method = "GET") {
  const Request request(field("Range", range) + more, method);
  const RangeChoice choice = choose_range(request.head, size, present);
  std::string text = std::to_string(static_cast<int>(choice.status));
  if (choice.status != Status::partial_content) return text;
  EXPECT_LE(choice.range.first, choice.range.last);
  EXPECT_LT(choice.range.last, size);
  return text + " " + std::to_string(choice.range.first) + "-" + std::to_string(choice.range.last);
}

TEST(Range, is_a_part) {
  EXPECT_EQ(chosen("bytes=0-99", 1000), "206 0-99");
  EXPECT_EQ(chosen("BYTES=0-0", 1000), "206 0-0");
  EXPECT_EQ(chosen("bytes=999-999", 1000), "206 999-999");
  EXPECT_EQ(chosen("bytes=10-", 1000), "206 10-999");
  EXPECT_EQ(chosen("bytes=-10", 1000), "206 990-999");
  EXPECT_EQ(chosen("bytes=0-", 1), "206 0-0");
}

TEST(Range, is_cut_at_the_end) {
  EXPECT_EQ(chosen("bytes=10-1000", 1000), "206 10-999");
  EXPECT_EQ(chosen("bytes=10-99999999999999999999999", 1000), "206 10-999");
  EXPECT_EQ(chosen("bytes=-5000", 1000), "206 0-999");
}

TEST(Range, is_not_satisfiable_behind_the_end) {
  for (const char* const range :
       {"bytes=1000-", "bytes=1000-2000", "bytes=99999999999999999999999-", "bytes=-0"}) {
    EXPECT_EQ(chosen(range, 1000), "416") << range;
  }
  EXPECT_EQ(chosen("bytes=0-", 0), "416");
  EXPECT_EQ(chosen("bytes=-1", 0), "416");
}

TEST(Range, is_passed_over_if_it_means_nothing) {
  for (const char* const range :
       {"", "bytes", "bytes=", "bytes=-", "bytes=x", "bytes=0", "bytes=5-4", "bytes=0-x",
        "bytes=x-0", "bytes=0-1-2", "bytes=--1", "bytes=+0-1", "bytes=0 - 1", "items=0-1", "0-1",
        "bytes 0-1", "bytes=0-1,x", "bytes=,"}) {
    EXPECT_EQ(chosen(range, 1000), "200") << range;
  }
  EXPECT_EQ(chosen("bytes=0-1", 1000, field("Range", "bytes=0-1")), "200");
}

TEST(Range, is_the_first_of_several) {
  EXPECT_EQ(chosen("bytes=5-9,0-1", 1000), "206 5-9");
  EXPECT_EQ(chosen("bytes= 5-9 , -1,20-", 1000), "206 5-9");
  EXPECT_EQ(chosen("bytes=2000-,0-1", 1000), "416");
}

TEST(Range, is_of_get_alone) {
  EXPECT_EQ(chosen("bytes=0-1", 1000, "", "HEAD"), "200");
  EXPECT_EQ(chosen("bytes=0-1", 1000, "", "POST"), "200");
}

TEST(Range, is_of_the_state_the_client_has) {
  EXPECT_EQ(chosen("bytes=0-1", 9, field("If-Range", "\"a,b\"")), "206 0-1");
  EXPECT_EQ(chosen("bytes=0-1", 9, field("If-Range", "\"x\"")), "200");
  EXPECT_EQ(chosen("bytes=0-1", 9, field("If-Range", "W/\"a,b\"")), "200");
  EXPECT_EQ(chosen("bytes=0-1", 9, field("If-Range", then)), "206 0-1");
  EXPECT_EQ(chosen("bytes=0-1", 9, field("If-Range", after)), "200");
  EXPECT_EQ(chosen("bytes=0-1", 9, field("If-Range", "x")), "200");
}

TEST(ContentRange, says_which_part_of_how_much) {
  const RangeChoice part{.status = Status::partial_content, .range = {5, 9}};
  EXPECT_EQ(ContentRange(part, 1000).text(), "bytes 5-9/1000");
  EXPECT_EQ(ContentRange({.status = Status::range_not_satisfiable}, 1000).text(), "bytes */1000");
  const RangeChoice most{.status = Status::partial_content, .range = {UINT64_MAX, UINT64_MAX}};
  EXPECT_EQ(ContentRange(most, UINT64_MAX).text().size(), 68U);
}

bool accepts(const std::string& fields) {
  const Request request(fields);
  return accepts_coding(request.head, "gzip");
}

TEST(AcceptEncoding, names_what_the_client_takes) {
  for (const char* const value : {"gzip", "GZIP", "deflate, gzip", "gzip;q=1", "gzip; q=0.001", "*",
                                  "br, *;q=0.1", "*;q=0, gzip", "gzip;q=0.5, *;q=0"}) {
    EXPECT_TRUE(accepts(field("Accept-Encoding", value))) << value;
  }
  for (const char* const value : {"", "identity", "gzip;q=0", "gzip;q=0.000", "gzip; Q=0", "*;q=0",
                                  "gzip;q=0, *", "x-gzip", "gzi", "gzipp", "br;x=gzip"}) {
    EXPECT_FALSE(accepts(field("Accept-Encoding", value))) << value;
  }
  EXPECT_FALSE(accepts(""));
  EXPECT_TRUE(accepts(field("Accept-Encoding", "br") + field("Accept-Encoding", "gzip")));
}

}  // namespace
}  // namespace bobbin::http
