// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>
#include <bobbin/testing.hpp>

#include "test_files.hpp"

namespace bobbin::http {
namespace {

// Sends the files of tests/unit/http_files.
struct Files final : Responder<> {
  void request_received(const RequestHead& request) override {
    const EmbeddedFile* const file = test_files.find(request.path.substr(1));
    if (file == nullptr) return void(respond({.status = Status::not_found}));
    EXPECT_FALSE(respond_file(*this, request, *file));
  }
};

class EmbeddedFilesTest : public TestCase<> {
 protected:
  void SetUp() override { ASSERT_FALSE(transport_.make_connection(site_)); }
  void TearDown() override { transport_.lose(); }

  // Its head and content are those of the answer.
  void ask(std::string_view path, const std::string& fields = "", std::string_view method = "GET") {
    transport_.clear();
    transport_.receive(std::string(method) + " /" + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" +
                       fields + "\r\n");
    const std::string_view all = transport_.value();
    const std::size_t end = all.find("\r\n\r\n");
    ASSERT_NE(end, all.npos);
    head = all.substr(0, end + 2);
    content = all.substr(end + 4);
    const auto length = find("Content-Length");
    const bool is_sent = length && method != "HEAD";
    EXPECT_EQ(content.size(), is_sent ? std::stoul(*length) : 0);
  }
  std::optional<std::string> find(std::string_view name) const {
    const auto value = Fields(std::string_view(head).substr(head.find('\n') + 1)).find(name);
    return value ? std::optional<std::string>(*value) : std::nullopt;
  }
  std::string status() const { return head.substr(9, 3); }

  std::string head;
  std::string content;

 private:
  Files site_;
  StringTransport<ConnectionSizes{.connections = 1, .receive = 2048, .send = 1024}, 16384>
      transport_{reactor};
};

std::string field_of(std::string_view name, std::string_view value) {
  return std::string(name) + ": " + std::string(value) + "\r\n";
}

TEST_F(EmbeddedFilesTest, are_all_that_is_not_hidden) {
  std::string paths;
  for (const EmbeddedFile& file : test_files.all()) paths += std::string(file.path) + "\n";
  EXPECT_EQ(paths, "a b?.txt\ncss/index.html\ncss/site.css\ndigits\nempty.txt\nindex.html\n");
}

TEST_F(EmbeddedFilesTest, are_found_by_their_path) {
  const auto found = [](std::string_view path) {
    const EmbeddedFile* const file = test_files.find(path);
    return file == nullptr ? "-" : std::string(file->path);
  };
  EXPECT_EQ(found("index.html"), "index.html");
  EXPECT_EQ(found(""), "index.html");
  EXPECT_EQ(found("css/"), "css/index.html");
  EXPECT_EQ(found("css/site.css"), "css/site.css");
  EXPECT_EQ(found("css%2fsite.cs%73"), "css/site.css");
  EXPECT_EQ(found("a%20b%3f.txt"), "a b?.txt");
  for (const char* const none :
       {"css", "/index.html", "INDEX.HTML", "./index.html", "css/../index.html", ".hidden", "%",
        "index.html%00", "index.html/", "/"}) {
    EXPECT_EQ(found(none), "-") << none;
  }
  EXPECT_EQ(found(std::string(EmbeddedFiles::path_max, 'x') + "/"), "-");
  EXPECT_EQ(found(std::string(EmbeddedFiles::path_max - 1, 'x') + "/"), "-");
}

TEST_F(EmbeddedFilesTest, are_sent_whole) {
  ask("css/site.css");
  EXPECT_EQ(status(), "200");
  EXPECT_EQ(content, "p { margin: 0 }\n");
  EXPECT_EQ(find("Content-Type"), "text/css; charset=utf-8");
  EXPECT_EQ(find("Cache-Control"), "max-age=60");
  EXPECT_EQ(find("Accept-Ranges"), "bytes");
  EXPECT_EQ(find("Vary"), std::nullopt) << "it is not smaller with gzip";
  ask("");
  EXPECT_EQ(content.size(), test_files.find("")->content.size());
  EXPECT_TRUE(
      content.ends_with("<p>This is paragraph 39 of a page that is smaller when it is "
                        "compressed.</p>\n"));
  ask("empty.txt");
  EXPECT_EQ(status(), "200");
  EXPECT_EQ(find("Content-Length"), "0");
  ask("nothing");
  EXPECT_EQ(status(), "404");
}

TEST_F(EmbeddedFilesTest, have_a_head_without_content) {
  ask("", "", "HEAD");
  EXPECT_EQ(status(), "200");
  EXPECT_EQ(content, "");
  EXPECT_EQ(find("Content-Length"), std::to_string(test_files.find("")->content.size()));
  ask("digits", field_of("Range", "bytes=0-1"), "HEAD");
  EXPECT_EQ(find("Content-Length"), "10") << "ranges are for GET";
}

TEST_F(EmbeddedFilesTest, are_smaller_for_who_takes_gzip) {
  ask("", field_of("Accept-Encoding", "gzip"));
  EXPECT_EQ(find("Content-Encoding"), "gzip");
  EXPECT_EQ(find("Vary"), "Accept-Encoding");
  EXPECT_TRUE(content.starts_with("\x1f\x8b"));
  EXPECT_LT(content.size(), test_files.find("")->content.size() / 4);
  const auto zipped = find("ETag");
  ask("", field_of("Accept-Encoding", "gzip;q=0"));
  EXPECT_EQ(find("Content-Encoding"), std::nullopt);
  EXPECT_EQ(find("Vary"), "Accept-Encoding");
  EXPECT_NE(find("ETag"), zipped);
  ask("digits", field_of("Accept-Encoding", "gzip"));
  EXPECT_EQ(find("Content-Encoding"), std::nullopt);
  EXPECT_EQ(content, "0123456789");
}

TEST_F(EmbeddedFilesTest, are_not_sent_to_who_has_them) {
  ask("digits");
  const std::string etag = find("ETag").value_or("");
  EXPECT_EQ(etag.size(), 18U);
  for (const char* const method : {"GET", "HEAD"}) {
    ask("digits", field_of("If-None-Match", etag), method);
    EXPECT_EQ(status(), "304");
    EXPECT_EQ(content, "");
    EXPECT_EQ(find("ETag"), etag);
    EXPECT_EQ(find("Cache-Control"), "max-age=60");
    EXPECT_EQ(find("Content-Type"), std::nullopt);
  }
  ask("digits", field_of("If-None-Match", "\"other\""));
  EXPECT_EQ(content, "0123456789");
  ask("digits", field_of("If-Match", "\"other\""));
  EXPECT_EQ(status(), "412");
}

TEST_F(EmbeddedFilesTest, are_sent_in_part) {
  const auto part = [this](std::string_view range) {
    ask("digits", field_of("Range", range));
    EXPECT_EQ(find("Accept-Ranges"), "bytes");
    return status() + " " + find("Content-Range").value_or("-") + " " + content;
  };
  EXPECT_EQ(part("bytes=0-0"), "206 bytes 0-0/10 0");
  EXPECT_EQ(part("bytes=3-5"), "206 bytes 3-5/10 345");
  EXPECT_EQ(part("bytes=7-70"), "206 bytes 7-9/10 789");
  EXPECT_EQ(part("bytes=-2"), "206 bytes 8-9/10 89");
  EXPECT_EQ(part("bytes=1-2,5-6"), "206 bytes 1-2/10 12");
  EXPECT_EQ(part("bytes=10-"), "416 bytes */10 ");
  EXPECT_EQ(part("garbage"), "200 - 0123456789");
  ask("empty.txt", field_of("Range", "bytes=0-0"));
  EXPECT_EQ(status(), "416");
}

TEST_F(EmbeddedFilesTest, are_sent_in_part_with_gzip_too) {
  const std::string gzip = field_of("Accept-Encoding", "gzip");
  ask("", gzip);
  const std::string whole = content;
  const std::string etag = find("ETag").value_or("");
  std::string parts;
  while (parts.size() < whole.size()) {
    const std::string first = std::to_string(parts.size());
    const std::string last = std::to_string(parts.size() + 99);
    ask("", gzip + field_of("Range", "bytes=" + first + "-" + last) + field_of("If-Range", etag));
    ASSERT_EQ(status(), "206");
    ASSERT_FALSE(content.empty());
    parts += content;
  }
  EXPECT_EQ(parts, whole);
}

TEST(MediaType, follows_from_the_end_of_the_name) {
  EXPECT_EQ(media_type("index.html"), "text/html; charset=utf-8");
  EXPECT_EQ(media_type("a/b.JPG"), "image/jpeg");
  EXPECT_EQ(media_type("archive.tar.mp3"), "audio/mpeg");
  for (const char* const unknown : {"", "html", "x.unknown", "index.html~", "a.html/b", "."}) {
    EXPECT_EQ(media_type(unknown), "application/octet-stream") << unknown;
  }
}

}  // namespace
}  // namespace bobbin::http
