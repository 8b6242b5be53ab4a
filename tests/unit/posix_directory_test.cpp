// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/directory.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "support/seed.hpp"

namespace bobbin {
namespace {

using namespace std::string_view_literals;
namespace fs = std::filesystem;

// root/ with files that may be had, and files beside it that may not.
class DirectoryTest : public testing::Test {
 protected:
  DirectoryTest() {
    std::string name = (fs::temp_directory_path() / "bobbin-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    place = name;
    fs::create_directories(place / "root/sub/deep");
    write("secret", "secret");
    write("root/file", "in root");
    write("root/sub/deep/file", "deep");
    EXPECT_FALSE(directory.open((place / "root").c_str()));
  }
  ~DirectoryTest() override { fs::remove_all(place); }

  void write(const char* path, std::string_view text) { std::ofstream(place / path) << text; }

  // Its content, or the error.
  std::string got(std::string_view path) {
    OpenFile file;
    if (const Error error = directory.open_file(path, file)) {
      EXPECT_FALSE(file.is_open());
      return "- " + std::string(describe(error));
    }
    std::string text(static_cast<std::size_t>(file.size()) + 10, '~');
    const auto count = file.read(0, std::as_writable_bytes(std::span(text)));
    EXPECT_TRUE(count);
    EXPECT_EQ(*count, file.size());
    text.resize(*count);
    return text;
  }

  fs::path place;
  Directory directory;
  const std::string missing = "- " + std::string(describe(Errc::address_not_available));
};

TEST_F(DirectoryTest, opens_what_lies_below) {
  EXPECT_EQ(got("file"), "in root");
  EXPECT_EQ(got("sub/deep/file"), "deep");
}

TEST_F(DirectoryTest, has_nothing_else) {
  write("root/.hidden", "hidden");
  fs::create_directory(place / "root/.git");
  write("root/.git/config", "hidden");
  const std::string absolute = (place / "root/file").string();
  const std::string too_long(NAME_MAX + 1, 'x');
  for (const std::string_view path : {""sv,
                                      "nothing"sv,
                                      "sub"sv,
                                      "sub/"sv,
                                      "/file"sv,
                                      "//file"sv,
                                      "sub//deep/file"sv,
                                      "file/"sv,
                                      "file/x"sv,
                                      "."sv,
                                      ".."sv,
                                      "./file"sv,
                                      "../secret"sv,
                                      "../root/file"sv,
                                      "sub/../file"sv,
                                      "sub/../../secret"sv,
                                      "sub/deep/../../../secret"sv,
                                      ".hidden"sv,
                                      ".git/config"sv,
                                      "file\0"sv,
                                      "file\0.html"sv,
                                      "fi\0le"sv,
                                      "\0"sv,
                                      "nothing/file"sv,
                                      "...\0/"sv,
                                      std::string_view(absolute),
                                      std::string_view(too_long),
                                      "%2e%2e/secret"sv,
                                      "..\\secret"sv}) {
    EXPECT_EQ(got(path), missing) << path;
  }
}

TEST_F(DirectoryTest, follows_no_symbolic_link) {
  fs::create_symlink("../secret", place / "root/out");
  fs::create_symlink(place / "secret", place / "root/absolute");
  fs::create_symlink("file", place / "root/inside");
  fs::create_directory_symlink("..", place / "root/up");
  fs::create_directory_symlink("deep", place / "root/sub/same");
  for (const char* const path :
       {"out", "absolute", "inside", "up/secret", "sub/same/file", "up/root/file"}) {
    EXPECT_EQ(got(path), missing) << path;
  }
  // That of the root itself is its owner's choice.
  fs::create_directory_symlink("root", place / "link");
  EXPECT_FALSE(directory.open((place / "link").c_str()));
  EXPECT_EQ(got("file"), "in root");
}

// Whatever a path is made of, it leads to what lies below or nowhere.
TEST_F(DirectoryTest, is_never_left) {
  fs::create_directory_symlink("../..", place / "root/sub/up");
  fs::create_symlink("../secret", place / "root/out");
  constexpr std::string_view pieces[] = {"..",   ".",   "/",  "//",     "sub",  "deep",
                                         "file", "out", "up", "secret", "root", "\\",
                                         "\0"sv, "../", "./", "sub/"};
  test::for_each_seed([&](test::Random& random) {
    int found = 0;
    for (int round = 0; round < 5000; ++round) {
      std::string path = random.one_in(4) ? "sub/deep/file" : "";
      for (auto left = random.below(7U); left > 0; --left) {
        path.insert(random.below(path.size() + 1), pieces[random.below(std::size(pieces))]);
      }
      const std::string content = got(path);
      ASSERT_TRUE(content == missing || content == "in root" || content == "deep") << path;
      found += content == missing ? 0 : 1;
    }
    EXPECT_GT(found, 10);
  });
}

TEST_F(DirectoryTest, stays_the_one_it_was_when_it_is_renamed) {
  fs::rename(place / "root", place / "elsewhere");
  fs::create_directory(place / "root");
  write("root/file", "another");
  EXPECT_EQ(got("file"), "in root");
}

TEST_F(DirectoryTest, has_only_what_is_a_file) {
  ASSERT_EQ(mkfifo((place / "root/fifo").c_str(), 0600), 0);
  EXPECT_EQ(got("fifo"), missing) << "and nobody waits for a writer";
  fs::create_directory(place / "root/directory");
  EXPECT_EQ(got("directory"), missing);
  ASSERT_EQ(mknod((place / "root/socket").c_str(), S_IFSOCK | 0600, 0), 0);
  EXPECT_EQ(got("socket"), missing);
}

TEST_F(DirectoryTest, says_what_may_not_be_read) {
  write("root/private", "x");
  fs::permissions(place / "root/private", fs::perms::none);
  const std::string expected =
      geteuid() == 0 ? "x" : "- " + std::string(describe(Errc::permission_denied));
  EXPECT_EQ(got("private"), expected);
}

TEST_F(DirectoryTest, knows_a_file_s_size_and_time) {
  const timespec times[] = {{1, 0}, {784111777, 123456789}};
  ASSERT_EQ(utimensat(AT_FDCWD, (place / "root/file").c_str(), times, 0), 0);
  OpenFile file;
  ASSERT_FALSE(directory.open_file("file", file));
  EXPECT_EQ(file.size(), 7U);
  EXPECT_EQ(file.modified().time_since_epoch(), std::chrono::nanoseconds(784111777123456789));
  std::byte piece[4];
  EXPECT_EQ(file.read(5, piece).value(), 2U);
  EXPECT_EQ(file.read(7, piece).value(), 0U);
  EXPECT_EQ(file.read(1'000'000'000'000, piece).value(), 0U);
  file.close();
  EXPECT_EQ(file.read(0, piece).error(), Errc::not_running);
}

TEST_F(DirectoryTest, opens_one_file_after_the_other_and_leaks_none) {
  const auto lowest = [] {
    const int number = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::close(number);
    return number;
  };
  const int before = lowest();
  {
    OpenFile file;
    for (int i = 0; i < 100; ++i) {
      ASSERT_FALSE(directory.open_file("sub/deep/file", file));
      ASSERT_TRUE(bool(directory.open_file("sub/deep/nothing", file)));
      ASSERT_TRUE(bool(directory.open_file("sub/deep", file)));
      ASSERT_FALSE(directory.open_file("file", file));
    }
  }
  EXPECT_EQ(lowest(), before);
}

TEST(Directory, is_one) {
  Directory directory;
  EXPECT_EQ(directory.open("/nowhere/at/all"), Errc::address_not_available);
  EXPECT_EQ(directory.open("/dev/null"), Errc::address_not_available);
  EXPECT_FALSE(directory.is_open());
  OpenFile file;
  EXPECT_EQ(directory.open_file("file", file), Errc::invalid_argument);
}

}  // namespace
}  // namespace bobbin
