// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/application.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/deferred.hpp>
#include <bobbin/logged_errors.hpp>
#include <bobbin/posix.hpp>

namespace bobbin {
namespace {

using Outcome = CommandLine::Outcome;

constexpr std::uint32_t nobody = 65534;

// Runs in a process of its own, as what it becomes cannot be undone; what it returns is its status.
template <class F>
int in_child(F function) {
  const pid_t child = fork();
  if (child == 0) _exit(function());
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

struct CommandLineTest : testing::Test {
  std::vector<std::string> given;
  std::array<CommandLineOption, 3> options{{
      {"name", "TEXT", "",
       [this](std::string_view value) {
         given.emplace_back(value);
         return value == "bad" ? Errc::invalid_argument : Errc::ok;
       }},
      {"flag", "", "", [this](std::string_view) { given.emplace_back("flag"); }},
      {"name-too", "TEXT", "", [this](std::string_view value) { given.emplace_back(value); }},
  }};
  std::string_view word;

  // All outcomes, the end included.
  std::vector<Outcome> outcomes(std::vector<const char*> words) {
    words.insert(words.begin(), "program");
    CommandLine line(static_cast<int>(words.size()), const_cast<char* const*>(words.data()));
    const std::array<std::span<CommandLineOption>, 1> tables{options};
    std::vector<Outcome> seen{line.next(tables)};
    while (seen.back() == Outcome::option || seen.back() == Outcome::argument) {
      word = line.word();
      seen.push_back(line.next(tables));
    }
    if (seen.back() != Outcome::end) word = line.word();
    return seen;
  }
};

TEST_F(CommandLineTest, may_be_empty) {
  EXPECT_EQ(outcomes({}), std::vector{Outcome::end});
  CommandLine none(0, nullptr);
  EXPECT_EQ(none.next({}), Outcome::end);
}

TEST_F(CommandLineTest, has_options_with_values_and_without) {
  const std::vector all{Outcome::option, Outcome::option, Outcome::option, Outcome::end};
  EXPECT_EQ(outcomes({"--name", "a b", "--flag", "--name-too=c"}), all);
  EXPECT_EQ(given, (std::vector<std::string>{"a b", "flag", "c"}));
}

TEST_F(CommandLineTest, takes_what_stands_behind_the_first_equals_sign_or_the_name) {
  outcomes({"--name=", "--name==", "--name", "--flag", "--name", "--"});
  EXPECT_EQ(given, (std::vector<std::string>{"", "=", "--flag", "--"}));
}

TEST_F(CommandLineTest, has_words_that_are_no_options) {
  EXPECT_EQ(outcomes({"word", "-", ""}),
            (std::vector{Outcome::argument, Outcome::argument, Outcome::argument, Outcome::end}));
  EXPECT_EQ(outcomes({"--", "--flag", "--", "-x"}),
            (std::vector{Outcome::argument, Outcome::argument, Outcome::argument, Outcome::end}));
  EXPECT_EQ(given, std::vector<std::string>{});
}

TEST_F(CommandLineTest, says_what_is_wrong_and_with_which_word) {
  const auto last = [this](std::vector<const char*> words) { return outcomes(words).back(); };
  EXPECT_EQ(last({"--flag", "--nam=x"}), Outcome::unknown);
  EXPECT_EQ(word, "--nam");
  EXPECT_EQ(last({"-f"}), Outcome::unknown);
  EXPECT_EQ(last({"--name"}), Outcome::no_value);
  EXPECT_EQ(word, "--name");
  EXPECT_EQ(last({"--flag=1"}), Outcome::no_use);
  EXPECT_EQ(last({"--name=bad"}), Outcome::wrong_value);
}

TEST(ParseNumber, takes_digits_up_to_a_limit_and_nothing_else) {
  EXPECT_EQ(*parse_number("0", 10), 0U);
  EXPECT_EQ(*parse_number("10", 10), 10U);
  EXPECT_EQ(*parse_number("4294967295", 0xffff'ffff), 0xffff'ffffU);
  for (const char* text : {"", "11", "-1", "+1", " 1", "1 ", "1x", "0x1", "4294967296"}) {
    EXPECT_EQ(parse_number(text, 10).error(), Errc::invalid_argument) << text;
  }
}

struct PidFileTest : testing::Test {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("bobbin-pid-" + std::to_string(getpid()));
  std::string path = folder / "pid";

  PidFileTest() { std::filesystem::create_directory(folder); }
  ~PidFileTest() override { std::filesystem::remove_all(folder); }

  std::string content() const {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& text) const { std::ofstream(path) << text; }
};

TEST_F(PidFileTest, holds_the_number_until_it_is_released) {
  PidFile file;
  EXPECT_FALSE(file.acquire(path.c_str()));
  EXPECT_TRUE(file.held());
  EXPECT_EQ(content(), std::to_string(getpid()) + "\n");
  EXPECT_EQ(file.acquire(path.c_str()), Errc::already_running);
  file.release();
  EXPECT_FALSE(file.held());
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(PidFileTest, is_released_when_it_goes_and_may_be_taken_again) {
  {
    PidFile file;
    EXPECT_FALSE(file.acquire(path.c_str()));
  }
  PidFile again;
  EXPECT_FALSE(again.acquire(path.c_str()));
}

TEST_F(PidFileTest, is_held_by_one_and_says_by_whom) {
  PidFile first, second;
  EXPECT_FALSE(first.acquire(path.c_str()));
  EXPECT_EQ(second.acquire(path.c_str()), Errc::already_running);
  EXPECT_EQ(second.holder(), getpid());
  EXPECT_FALSE(second.held());
  second.release();
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(PidFileTest, replaces_a_number_or_nothing_that_nobody_holds) {
  for (const char* text : {"", "1\n", "999999", "12 \n"}) {
    write(text);
    PidFile file;
    EXPECT_FALSE(file.acquire(path.c_str())) << text;
    EXPECT_EQ(content(), std::to_string(getpid()) + "\n");
  }
}

TEST_F(PidFileTest, leaves_everything_else_as_it_is) {
  for (const char* text :
       {"x", "12x", "-1", "0", "\n", "1\n2", "123456789012345678", "# 1", "1                 "}) {
    write(text);
    PidFile file;
    EXPECT_EQ(file.acquire(path.c_str()), Errc::invalid_argument) << text;
    EXPECT_EQ(content(), text);
  }
}

// As somebody does who cleans up, or another who had taken the file for stale.
TEST_F(PidFileTest, does_not_remove_the_file_of_another) {
  PidFile file;
  EXPECT_FALSE(file.acquire(path.c_str()));
  std::filesystem::remove(path);
  PidFile other;
  EXPECT_FALSE(other.acquire(path.c_str()));
  file.release();
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(PidFileTest, needs_no_folder_in_its_path) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder);
  PidFile file;
  EXPECT_FALSE(file.acquire("pid"));
  std::filesystem::current_path(before);
  EXPECT_EQ(content(), std::to_string(getpid()) + "\n");
  file.release();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(PidFileTest, says_where_it_cannot_be) {
  PidFile file;
  EXPECT_EQ(file.acquire((folder / "none" / "pid").c_str()), Errc::address_not_available);
  EXPECT_EQ(file.acquire(folder.c_str()).code, Errc::system_error);
  EXPECT_EQ(file.acquire((folder.string() + "/").c_str()), Errc::address_not_available);
  EXPECT_EQ(file.acquire(""), Errc::address_not_available);
  const std::string long_path(5000, 'x');
  EXPECT_EQ(file.acquire((long_path + "/pid").c_str()), Errc::invalid_argument);
  EXPECT_FALSE(file.held());
}

TEST_F(PidFileTest, says_that_it_may_not_be_there) {
  std::filesystem::permissions(folder, std::filesystem::perms(0555));
  EXPECT_EQ(in_child([this] {
              const bool root = geteuid() == 0;
              if (root && become({.user = nobody, .group = nobody, .root = nullptr})) return 1;
              return PidFile().acquire(path.c_str()) == Errc::permission_denied ? 0 : 2;
            }),
            0);
  EXPECT_FALSE(std::filesystem::exists(path));
  std::filesystem::permissions(folder, std::filesystem::perms(0755));
}

TEST(Privileges, are_kept_by_who_is_to_become_nobody_else) { EXPECT_FALSE(become({})); }

TEST(Privileges, are_not_given_up_by_halves) {
  EXPECT_EQ(become({.user = nobody, .group = {}, .root = nullptr}), Errc::invalid_argument);
}

TEST(Privileges, are_given_up_for_good) {
  if (geteuid() != 0) GTEST_SKIP() << "only root has privileges to give up";
  EXPECT_EQ(in_child([] {
              if (become({.user = nobody, .group = nobody, .root = nullptr})) return 1;
              if (geteuid() != nobody || getegid() != nobody) return 2;
              if (setuid(0) == 0 || setgid(0) == 0 || getgroups(0, nullptr) != 0) return 3;
              return 0;
            }),
            0);
}

TEST(Privileges, cannot_be_given_up_by_who_has_none) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become somebody without";
  EXPECT_EQ(in_child([] {
              if (become({.user = nobody, .group = nobody, .root = nullptr})) return 1;
              const Error error = become({.user = 1, .group = 1, .root = nullptr});
              if (error != Errc::permission_denied) return 2;
              return become({.user = {}, .group = {}, .root = "/"}) == Errc::permission_denied ? 0
                                                                                               : 3;
            }),
            0);
}

TEST(Signals, tell_who_asked_instead_of_stopping) {
  EpollReactor<> reactor;
  int heard = 0;
  ASSERT_FALSE(reactor.stop_on_signals([&heard, &reactor](int signal) {
    heard = signal;
    EXPECT_FALSE(reactor.stop());
  }));
  raise(SIGTERM);
  EXPECT_FALSE(reactor.run());
  EXPECT_EQ(heard, SIGTERM);
}

TEST(AnApplication, logs_failures_that_nobody_handled) {
  LoggedErrors<> errors;
  const auto fails = [] {
    Deferred<void> deferred;
    deferred.errback(Failure(Errc::timed_out));
  };
  EpollReactor<> reactor;
  char name[] = "kettle";
  char option[] = "--log-level=critical";
  char* words[] = {name, option, nullptr};
  {
    Application application(reactor, {.name = "kettle", .version = "1", .summary = ""});
    application.publisher().add(errors);
    fails();
    EXPECT_EQ(errors.flush(Errc::timed_out), 0U) << "nothing is known yet of where events go";
    ASSERT_EQ(application.parse(2, words), std::nullopt);
    fails();
    EXPECT_EQ(errors.flush(Errc::timed_out), 1U);
  }
  fails();
  EXPECT_EQ(errors.flush(Errc::timed_out), 0U) << "it is gone";
}

}  // namespace
}  // namespace bobbin
