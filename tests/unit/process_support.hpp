// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/posix.hpp>

#include <sys/wait.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

// What the tests of processes share: a reactor of each kind, a protocol that records what it is
// told, and a look for what may be left behind.
namespace bobbin::test {

using namespace std::chrono_literals;

// What a process's protocol was told, in order; pieces of output are put together.
class Told final : public ProcessProtocol {
 public:
  void connection_made() override {
    told += "made ";
    if (on_made) on_made();
  }
  std::size_t out_received(Bytes data) override {
    out += text_of(data);
    return data.size();
  }
  std::size_t err_received(Bytes data) override {
    err += text_of(data);
    return data.size();
  }
  void in_connection_lost(Error reason) override { lost("in", reason); }
  void out_connection_lost(Error reason) override { lost("out", reason); }
  void err_connection_lost(Error reason) override { lost("err", reason); }
  void process_exited(const ProcessStatus& how) override {
    told += "exited ";
    status = how;
    if (on_exited) on_exited();
  }
  void process_ended(const ProcessStatus& how) override {
    told += "ended ";
    EXPECT_EQ(how, status);
    ++ended;
    if (on_ended) on_ended();
  }

  bool was_told(std::string_view what) const { return told.find(what) != std::string::npos; }

  std::function<void()> on_made;
  std::function<void()> on_exited;
  std::function<void()> on_ended;
  std::string told;
  std::string out;
  std::string err;
  ProcessStatus status;
  int ended = 0;

 private:
  void lost(const char* what, Error reason) {
    told += what;
    told += reason == Errc::connection_done ? "-done " : "-lost ";
  }
};

inline std::ptrdiff_t descriptors_open() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

template <class R>
class Processes : public testing::Test {
 protected:
  // Nothing is left of any process, and nobody waits for one.
  ~Processes() override {
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
  }

  Error spawn(const ProcessOptions& options) {
    return reactor_.spawn_process(process_, told_, options);
  }

  // A shell that runs `script`; `options` say what is not of the command.
  Error run(const char* script, ProcessOptions options = {}) {
    const char* const arguments[] = {"sh", "-c", script, nullptr};
    options.program = "/bin/sh";
    options.arguments = arguments;
    return spawn(options);
  }

  template <class F>
  void run_until(F condition) {
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), end) << told_.told;
      reactor_.turn(5ms);
    }
  }
  void run_to_the_end() {
    const int before = told_.ended;
    run_until([&] { return told_.ended > before; });
  }

  // Runs it, and is the output of all of it.
  std::string output_of(const char* script, const ProcessOptions& options = {}) {
    EXPECT_FALSE(run(script, options));
    process_.close_stdin();
    run_to_the_end();
    EXPECT_TRUE(told_.status.done());
    return told_.out;
  }

  R reactor_;
  Told told_;
  ChildProcess<> process_;
};

using Reactors = testing::Types<EpollReactor<>, PollReactor<>>;

}  // namespace bobbin::test
