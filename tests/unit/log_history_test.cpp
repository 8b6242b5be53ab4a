// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/log_history.hpp>

#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <deque>
#include <memory>
#include <numeric>
#include <string>

#include <gtest/gtest.h>

#include "support/seed.hpp"

namespace bobbin {
namespace {

using test::Random;

std::string content(const LogHistory& history) {
  const TwoSpans pieces = history.content();
  return std::string(text_of(pieces.first)).append(text_of(pieces.second));
}

// What a history is, said plainly.
struct Model {
  explicit Model(std::size_t size_in) : size(size_in) {}

  void write(const std::string& line) {
    if (line.size() > size) {
      ++lost;
      return;
    }
    for (; text().size() + line.size() > size; ++lost) lines.pop_front();
    lines.push_back(line);
  }
  std::string text() const { return std::accumulate(lines.begin(), lines.end(), std::string()); }

  std::size_t size;
  std::deque<std::string> lines;
  std::uint32_t lost = 0;
};

std::string random_line(Random& random, std::size_t longest) {
  std::string line(random.below(longest), ' ');
  for (char& c : line) c = static_cast<char>('a' + random.below(26));
  return line + '\n';
}

template <std::size_t size>
void follows_the_model(Random& random) {
  const auto storage = std::make_unique<HistoryStorage<size>>();
  std::memset(storage.get(), 0xa5, sizeof *storage);
  LogHistory history(*storage);
  ASSERT_FALSE(history.recovered());
  Model model(size);
  for (int i = 0; i < 300; ++i) {
    const std::string line = random_line(random, size + 2);
    model.write(line);
    ASSERT_EQ(history.write(line), line.size() > size ? 0 : line.size());
    ASSERT_EQ(content(history), model.text()) << "size " << size << ", line " << i;
    ASSERT_EQ(history.lost(), model.lost);
  }
}

template <std::size_t... sizes>
void all_follow_the_model(Random& random, std::index_sequence<sizes...>) {
  (follows_the_model<sizes + 1>(random), ...);
}

TEST(LogHistory, of_every_size_keeps_the_last_lines_and_counts_the_lost) {
  for (const std::uint64_t seed : test::seeds()) {
    SCOPED_TRACE(seed);
    Random random(seed);
    all_follow_the_model(random, std::make_index_sequence<40>());
    follows_the_model<1000>(random);
  }
}

TEST(LogHistory, goes_on_after_a_reset_with_what_was_there) {
  HistoryStorage<32> storage{};
  {
    LogHistory before(storage);
    EXPECT_FALSE(before.recovered());
    for (int i = 0; i < 9; ++i) before.write("line " + std::to_string(i) + "\n");
  }
  LogHistory after(storage);
  EXPECT_TRUE(after.recovered());
  EXPECT_EQ(content(after), "line 5\nline 6\nline 7\nline 8\n");
  EXPECT_EQ(after.lost(), 5U);
  after.clear();
  EXPECT_EQ(content(after), "");
  EXPECT_TRUE(LogHistory(storage).recovered());
}

// The contract wants ends of lines; without them all that has none goes at once.
TEST(LogHistory, takes_text_without_ends_of_lines) {
  HistoryStorage<8> storage{};
  LogHistory history(storage);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(history.write("abc"), 3U);
    EXPECT_TRUE(content(history) == "abc" || content(history) == "abcabc") << content(history);
  }
}

TEST(LogHistory, recovers_nothing_from_memory_that_holds_none) {
  HistoryStorage<64> storage{};
  LogHistory(storage).write("x\n");
  const HistoryStorage<64> good = storage;
  const auto survives = [&storage] { return LogHistory(storage).recovered(); };
  EXPECT_TRUE(survives());
  storage.cursors.magic ^= 1;
  EXPECT_FALSE(survives());
  storage = good;
  storage.cursors.appended = 128;
  EXPECT_FALSE(survives());
  storage = good;
  storage.cursors.released = 128;
  EXPECT_FALSE(survives());
  storage = good;
  storage.cursors.appended = 65;
  EXPECT_FALSE(survives());
  storage = good;
  storage.text[1] = 'y';
  EXPECT_FALSE(survives());
  // One of another size.
  storage = good;
  HistoryStorage<32> other{};
  other.cursors = good.cursors;
  EXPECT_FALSE(LogHistory(other).recovered());
}

TEST(LogHistory, takes_memory_full_of_anything) {
  for (const std::uint64_t seed : test::seeds()) {
    SCOPED_TRACE(seed);
    Random random(seed);
    HistoryStorage<16> storage{};
    for (int i = 0; i < 20'000; ++i) {
      // Made one, so that its magic number is right.
      static_cast<void>(LogHistory(storage));
      storage.cursors.released = random.below(40U);
      storage.cursors.appended = random.below(40U);
      for (char& c : storage.text) c = random.one_in(3) ? '\n' : 'x';
      LogHistory history(storage);
      ASSERT_LE(content(history).size(), 16U);
      ASSERT_EQ(history.write("ab\n"), 3U);
      ASSERT_TRUE(content(history).ends_with("ab\n"));
    }
  }
}

// After each instruction of a process that writes to a history in shared memory, the other process
// looks at it as a start after a reset would.
class EachInstruction : public testing::Test {
 protected:
  using Storage = HistoryStorage<20>;

  EachInstruction() : shared_(map()), storage_(*static_cast<Storage*>(shared_)) {}
  ~EachInstruction() override { munmap(shared_, sizeof(Storage)); }

  static void* map() {
    return mmap(nullptr, sizeof(Storage), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                0);
  }

  // Lines of several lengths: "a", "bb", "ccc", "dddd", "eeeee", "f", …
  static std::string line(int number) {
    return std::string(static_cast<std::size_t>(number % 5 + 1),
                       static_cast<char>('a' + number % 26)) +
           '\n';
  }

  [[noreturn]] void write_traced() {
    LogHistory history(storage_);
    std::array<std::string, 26> lines;
    for (int i = 0; i < 26; ++i) lines[static_cast<std::size_t>(i)] = line(i);
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(1);
    std::raise(SIGSTOP);
    for (const std::string& each : lines) history.write(each);
    _exit(0);
  }

  // What is there is `line(n)`, `line(n + 1)`, … for some n.
  static bool consecutive(std::string_view text) {
    for (int number = text.empty() ? 26 : text[0] - 'a'; !text.empty(); ++number) {
      const std::string expected = line(number);
      if (!text.starts_with(expected)) return false;
      text.remove_prefix(expected.size());
    }
    return true;
  }

  void* shared_;
  Storage& storage_;
};

TEST_F(EachInstruction, of_a_write_leaves_whole_lines) {
  const pid_t writer = fork();
  if (writer == 0) write_traced();
  int status = 0;
  ASSERT_EQ(waitpid(writer, &status, 0), writer);
  if (!WIFSTOPPED(status)) GTEST_SKIP() << "this machine does not let processes be traced";
  std::size_t steps = 0;
  std::size_t changes = 0;
  std::string last;
  for (;; ++steps) {
    ASSERT_EQ(ptrace(PTRACE_SINGLESTEP, writer, nullptr, nullptr), 0);
    ASSERT_EQ(waitpid(writer, &status, 0), writer);
    if (!WIFSTOPPED(status)) break;
    Storage copy = storage_;
    const LogHistory history(copy);
    ASSERT_TRUE(history.recovered()) << "after " << steps << " instructions";
    const std::string now = content(history);
    ASSERT_TRUE(consecutive(now)) << "after " << steps << " instructions: " << now;
    changes += now != last;
    last = now;
  }
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_GT(steps, 500U);
  // Each line comes, and most let others go first.
  EXPECT_GT(changes, 26U + 13U);
  EXPECT_TRUE(last.ends_with(line(25)));
}

}  // namespace
}  // namespace bobbin
