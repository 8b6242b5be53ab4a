// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>
#include <bobbin/testing.hpp>

#include "support/seed.hpp"

namespace bobbin::http {
namespace {

using namespace std::chrono_literals;
using Time = std::chrono::sys_time<std::chrono::nanoseconds>;

// A file of a test: its text, and what is wrong with it.
struct Disk {
  std::string text;
  std::uint64_t claimed = 0;
  std::size_t short_reads = 0;  // no more than so much at once; 0: as much as is asked for
  std::size_t fails_behind = std::string::npos;
  int reads = 0;
  bool open = false;
};
Disk* disk = nullptr;

struct FakeFile {
  std::uint64_t size() const { return disk->claimed; }
  Time modified() const { return Time(784111777s + 5ns); }
  Result<std::size_t> read(std::uint64_t offset, MutableBytes place) {
    EXPECT_TRUE(disk->open);
    ++disk->reads;
    const auto at = static_cast<std::size_t>(offset);
    if (at >= disk->fails_behind) return Errc::system_error;
    if (at >= disk->text.size()) return std::size_t{0};
    std::size_t count = std::min(place.size(), disk->text.size() - at);
    if (disk->short_reads > 0) count = std::min(count, disk->short_reads);
    std::memcpy(place.data(), disk->text.data() + at, count);
    return count;
  }
  void close() { disk->open = false; }
};

struct Site final : Responder<> {
  void request_received(const RequestHead& request) override {
    disk->open = true;
    EXPECT_FALSE(answer.begin(request, {.type = "text/plain"}));
  }
  void request_lost(Error) override { lost = true; }

  FileAnswer<FakeFile> answer{*this};
  bool lost = false;
};

class FileAnswerTest : public TestCase<> {
 protected:
  void SetUp() override {
    for (int i = 0; file_.text.size() < 5000; ++i) file_.text += std::to_string(i) + "\n";
    file_.claimed = file_.text.size();
    disk = &file_;
    ASSERT_FALSE(transport_.make_connection(site_));
  }
  void TearDown() override {
    transport_.lose();
    EXPECT_FALSE(file_.open);
    disk = nullptr;
  }

  void ask(const std::string& fields = "", std::string_view method = "GET") {
    transport_.clear();
    transport_.receive(std::string(method) + " / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
  }
  std::string_view head() const {
    return transport_.value().substr(0, transport_.value().find("\r\n\r\n") + 2);
  }
  std::string_view content() const {
    return transport_.value().substr(transport_.value().find("\r\n\r\n") + 4);
  }

  Disk file_;
  Site site_;
  StringTransport<ConnectionSizes{.connections = 1, .receive = 2048, .send = 1024}, 16384>
      transport_{reactor};
};

TEST_F(FileAnswerTest, sends_the_file) {
  ask();
  EXPECT_EQ(head(),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nETag: \"ae1b981bc490a05-1388\"\r\n"
            "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nCache-Control: no-cache\r\n"
            "Accept-Ranges: bytes\r\nContent-Length: 5000\r\n");
  EXPECT_EQ(content(), file_.text);
  EXPECT_FALSE(file_.open);
  ask();
  EXPECT_EQ(content(), file_.text) << "again, on the same connection";
}

TEST_F(FileAnswerTest, reads_no_more_than_the_client_does) {
  transport_.hold();
  ask();
  EXPECT_LE(file_.reads, 3);
  EXPECT_TRUE(file_.open);
  const int before = file_.reads;
  transport_.take(512);
  EXPECT_LE(file_.reads, before + 2);
  transport_.release();
  EXPECT_EQ(content(), file_.text);
}

TEST_F(FileAnswerTest, sends_a_part) {
  ask("Range: bytes=1000-2999\r\n");
  EXPECT_NE(head().find("206 Partial Content\r\n"), head().npos);
  EXPECT_NE(head().find("Content-Range: bytes 1000-2999/5000\r\n"), head().npos);
  EXPECT_EQ(content(), file_.text.substr(1000, 2000));
}

TEST_F(FileAnswerTest, opens_and_reads_nothing_for_who_needs_no_content) {
  ask("", "HEAD");
  EXPECT_NE(head().find("Content-Length: 5000\r\n"), head().npos);
  EXPECT_EQ(content(), "");
  ask("If-None-Match: \"ae1b981bc490a05-1388\"\r\n");
  EXPECT_TRUE(head().starts_with("HTTP/1.1 304 ")) << head();
  ask("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  EXPECT_TRUE(head().starts_with("HTTP/1.1 304 "));
  ask("Range: bytes=6000-\r\n");
  EXPECT_TRUE(head().starts_with("HTTP/1.1 416 "));
  EXPECT_EQ(file_.reads, 0);
  EXPECT_FALSE(file_.open);
  file_.claimed = 0;
  ask();
  EXPECT_TRUE(head().ends_with("Content-Length: 0\r\n"));
  EXPECT_EQ(file_.reads, 0);
}

TEST_F(FileAnswerTest, ends_the_connection_where_a_file_has_become_shorter) {
  file_.text.resize(3000);
  ask();
  EXPECT_TRUE(transport_.aborted());
  EXPECT_TRUE(site_.lost);
}

TEST_F(FileAnswerTest, ends_the_connection_where_a_file_cannot_be_read) {
  file_.fails_behind = 2000;
  ask();
  EXPECT_TRUE(transport_.aborted());
}

TEST_F(FileAnswerTest, sends_as_much_of_a_longer_file_as_it_promised) {
  file_.claimed = 3000;
  ask();
  EXPECT_EQ(content(), file_.text.substr(0, 3000));
  EXPECT_FALSE(transport_.aborted());
}

TEST_F(FileAnswerTest, closes_the_file_when_the_client_goes) {
  transport_.hold();
  ask();
  EXPECT_TRUE(file_.open);
  transport_.lose();
  EXPECT_FALSE(file_.open);
  EXPECT_TRUE(site_.lost);
}

TEST_F(FileAnswerTest, sends_what_was_asked_for_however_it_is_read) {
  test::for_each_seed([this](test::Random& random) {
    for (int round = 0; round < 50; ++round) {
      file_.short_reads = random.below(3U) == 0 ? 1 + random.below(700U) : 0;
      const std::size_t first = random.below(file_.text.size());
      const std::size_t count = 1 + random.below(file_.text.size());
      transport_.hold();
      ask("Range: bytes=" + std::to_string(first) + "-" + std::to_string(first + count - 1) +
          "\r\n");
      while (random.below(4U) != 0) transport_.take(random.below(900U));
      transport_.release();
      ASSERT_EQ(content(), file_.text.substr(first, count));
    }
  });
}

TEST(FilePath, is_decoded_and_has_an_index) {
  char place[16];
  EXPECT_EQ(file_path("", place), "index.html");
  EXPECT_EQ(file_path("a/", place), "a/index.html");
  EXPECT_EQ(file_path("a%2fb%20", place), "a/b ");
  EXPECT_EQ(file_path("%2e%2e%2f", place), "../index.html") << "it may lead anywhere";
  EXPECT_EQ(file_path("1234567890123456", place), "1234567890123456");
  EXPECT_EQ(file_path("12345678901234567", place), std::nullopt);
  EXPECT_EQ(file_path("12345/", place), "12345/index.html");
  EXPECT_EQ(file_path("123456/", place), std::nullopt);
  EXPECT_EQ(file_path("%", place), std::nullopt);
}

}  // namespace
}  // namespace bobbin::http
