// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>

#include "support/seed.hpp"

// Lengths, statuses and their phrases as heads say them.
namespace bobbin::http {
namespace {

std::string head_of(Status status, std::uint64_t length) {
  const Response response{.status = status};
  const ResponseFraming framing{.body = BodyLength::of(length)};
  const ResponsePieces pieces(response, framing);
  std::string head;
  pieces.each_piece([&head](std::string_view piece) { head += piece; });
  EXPECT_EQ(head.size(), pieces.size());
  return head;
}

// What a decoder makes of a request with that length, in digits.
RequestDecoder::Found decoded(std::string_view digits, RequestHead& head) {
  static std::string text;
  text = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::string(digits) + "\r\n\r\n";
  const HeadLimits limits;
  RequestDecoder decoder(limits);
  return decoder.find(bytes_of(text), head);
}

void expect_written_and_read(std::uint64_t length) {
  const std::string digits = std::to_string(length);
  EXPECT_EQ(head_of(Status::ok, length),
            "HTTP/1.1 200 OK\r\nContent-Length: " + digits + "\r\n\r\n");
  RequestHead head;
  EXPECT_EQ(decoded(digits, head).kind, RequestDecoder::Found::Kind::whole) << digits;
  EXPECT_EQ(head.body.bytes, length);
}

TEST(Lengths, are_written_and_read_whatever_their_size) {
  expect_written_and_read(0);
  for (int bit = 0; bit < 64; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    for (const std::uint64_t length : {power - 1, power, power + 1})
      expect_written_and_read(length);
  }
  for (std::uint64_t power = 1; power <= UINT64_MAX / 10; power *= 10) {
    for (const std::uint64_t length : {power - 1, power, 9 * power})
      expect_written_and_read(length);
  }
  expect_written_and_read(UINT64_MAX);
}

TEST(Lengths, are_written_and_read_by_chance) {
  test::for_each_seed([](test::Random& random) {
    for (int i = 0; i < 1000; ++i) {
      expect_written_and_read(random.bits() >> random.below(64));
    }
  });
}

TEST(Lengths, that_no_number_holds_are_too_large) {
  for (const std::string_view digits :
       {"18446744073709551616", "18446744073709551620", "18446744073709551625",
        "20000000000000000000", "99999999999999999999", "184467440737095516150"}) {
    RequestHead head;
    EXPECT_EQ(decoded(digits, head).status, Status::content_too_large) << digits;
  }
}

TEST(Statuses, have_their_phrases) {
  std::set<std::string_view> phrases;
  for (int number = 100; number < 1000; ++number) {
    const auto status = static_cast<Status>(number);
    const std::string_view phrase = reason_phrase(status);
    if (phrase == "Unknown") continue;
    phrases.insert(phrase);
    if (number < 200) continue;
    EXPECT_TRUE(head_of(status, 0).starts_with("HTTP/1.1 " + std::to_string(number) + " " +
                                               std::string(phrase) + "\r\n"));
  }
  EXPECT_EQ(phrases.size(), 37U);
  EXPECT_EQ(reason_phrase(Status::continue_), "Continue");
  EXPECT_EQ(reason_phrase(Status::ok), "OK");
  EXPECT_EQ(reason_phrase(Status::not_found), "Not Found");
  EXPECT_EQ(reason_phrase(Status::request_header_fields_too_large),
            "Request Header Fields Too Large");
  EXPECT_EQ(reason_phrase(Status::http_version_not_supported), "HTTP Version Not Supported");
}

}  // namespace
}  // namespace bobbin::http
