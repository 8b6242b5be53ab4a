// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// How processes begin: what they have of ours and what not, and why one cannot begin.

#include "process_support.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>

namespace bobbin::test {
namespace {

template <class R>
class BeginningProcesses : public Processes<R> {};
TYPED_TEST_SUITE(BeginningProcesses, Reactors);

using Leads = ProcessOptions::Leads;

TYPED_TEST(BeginningProcesses, say_why_they_cannot) {
  const auto before = descriptors_open();
  const Error none = this->spawn({.program = "/no/such/program"});
  EXPECT_EQ(none, Errc::address_not_available);
  EXPECT_EQ(none.native, ENOENT);
  EXPECT_EQ(this->spawn({.program = "no-such-program-in-any-folder"}), Errc::address_not_available);
  EXPECT_EQ(this->spawn({.program = "/etc/passwd"}), Errc::permission_denied);
  EXPECT_EQ(this->spawn({.program = "true", .directory = "/no/such/folder"}),
            Errc::address_not_available);
  EXPECT_EQ(this->spawn({}), Errc::invalid_argument);
  EXPECT_EQ(this->spawn({.program = ""}), Errc::invalid_argument);
  EXPECT_FALSE(this->process_.in_use());
  EXPECT_EQ(descriptors_open(), before);
  EXPECT_EQ(this->reactor_.timer_use().in_use, 0U);
  for (int turn = 0; turn < 3; ++turn) this->reactor_.turn(0s);
  EXPECT_EQ(this->told_.told, "");
  // It is as it was.
  ASSERT_FALSE(this->spawn({.program = "true"}));
  this->run_to_the_end();
}

TYPED_TEST(BeginningProcesses, of_no_format_cannot) {
  const std::string file = testing::TempDir() + "bobbin-no-program-" + std::to_string(getpid());
  std::ofstream(file) << "this is no program\n";
  ASSERT_EQ(chmod(file.c_str(), 0755), 0);
  const Error error = this->spawn({.program = file.c_str()});
  EXPECT_EQ(error, Errc::system_error);
  EXPECT_EQ(error.native, ENOEXEC);
  std::filesystem::remove(file);
}

TEST(BeginningProcess, that_finds_no_timers_does_not) {
  EpollReactor<ReactorSizes{.timers = 2}> reactor;
  ChildProcess<> process;
  Told told;
  const auto before = descriptors_open();
  EXPECT_EQ(reactor.spawn_process(process, told, {.program = "true"}), Errc::no_capacity);
  EXPECT_EQ(descriptors_open(), before);
  EXPECT_EQ(reactor.timer_use().in_use, 0U);
  // Two ends take two.
  ASSERT_FALSE(reactor.spawn_process(process, told, {.program = "true", .input = Leads::nowhere}));
  while (told.ended == 0) reactor.turn(5ms);
}

TEST(BeginningProcess, that_cannot_be_watched_is_gone) {
  PollReactor<ReactorSizes{}, 4> reactor;  // of which the reactor takes one
  ChildProcess<> process;
  Told told;
  EXPECT_EQ(reactor.spawn_process(process, told, {.program = "cat"}), Errc::no_capacity);
  EXPECT_FALSE(process.in_use());
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  reactor.turn(0s);
  EXPECT_EQ(told.told, "");
}

TYPED_TEST(BeginningProcesses, have_only_the_descriptors_they_are_given) {
  const int leaking = fcntl(0, F_DUPFD, 100);
  ASSERT_GE(leaking, 100);
  // The fourth is that of the folder which is listed.
  EXPECT_EQ(this->output_of("exec ls /proc/self/fd"), "0\n1\n2\n3\n");
  close(leaking);
}

TYPED_TEST(BeginningProcesses, have_what_is_passed_where_it_is_wanted) {
  int first[2];
  int second[2];
  ASSERT_EQ(pipe2(first, O_CLOEXEC), 0);
  ASSERT_EQ(pipe2(second, O_CLOEXEC), 0);
  ASSERT_EQ(write(first[1], "first", 5), 5);
  ASSERT_EQ(write(second[1], "second", 6), 6);
  close(first[1]);
  close(second[1]);
  // Each where the other is with us, as far as the shell can name it.
  const PassedDescriptor passed[] = {{.ours = first[0], .theirs = 4},
                                     {.ours = second[0], .theirs = 3}};
  EXPECT_EQ(this->output_of("cat <&3; cat <&4; exec 3<&- 4<&-; exec ls /proc/self/fd",
                            {.passed = passed}),
            "secondfirst0\n1\n2\n3\n");
  close(first[0]);
  close(second[0]);
  const PassedDescriptor low[] = {{.ours = 0, .theirs = 2}};
  EXPECT_EQ(this->spawn({.program = "true", .passed = low}), Errc::invalid_argument);
  const PassedDescriptor closed[] = {{.ours = 999, .theirs = 3}};
  EXPECT_EQ(this->spawn({.program = "true", .passed = closed}), Errc::invalid_argument);
}

TYPED_TEST(BeginningProcesses, may_lead_nowhere_and_where_ours_do) {
  const ProcessOptions options{.input = Leads::nowhere, .errors = Leads::where_ours_do};
  ASSERT_FALSE(this->run("cat; readlink /proc/self/fd/0; readlink /proc/$$/fd/2", options));
  EXPECT_EQ(this->process_.input(), nullptr);
  this->run_to_the_end();
  const std::string ours = std::filesystem::read_symlink("/proc/self/fd/2");
  EXPECT_EQ(this->told_.out, "/dev/null\n" + ours + "\n");
  EXPECT_FALSE(this->told_.was_told("in-"));
  EXPECT_FALSE(this->told_.was_told("err-"));
  // With none of them it is told of all the same.
  this->told_.told.clear();
  ASSERT_FALSE(this->run(
      "true", {.input = Leads::nowhere, .output = Leads::nowhere, .errors = Leads::nowhere}));
  this->run_to_the_end();
  EXPECT_EQ(this->told_.told, "made exited ended ");
}

TYPED_TEST(BeginningProcesses, have_the_environment_and_the_directory_they_are_given) {
  const char* const environment[] = {"ONE=1", "PATH=/nowhere:/usr/bin:/bin", nullptr};
  EXPECT_FALSE(this->spawn({.program = "env", .environment = environment}));
  this->run_to_the_end();
  EXPECT_EQ(this->told_.out, "ONE=1\nPATH=/nowhere:/usr/bin:/bin\n");
  const char* const poor[] = {"PATH=/nowhere", nullptr};
  EXPECT_EQ(this->spawn({.program = "env", .environment = poor}), Errc::address_not_available);
  this->told_.out.clear();
  EXPECT_EQ(this->output_of("pwd", {.directory = "/proc"}), "/proc\n");
}

// As the kernel lays it out where its first word is what is done: on all machines the tests run on.
struct KernelAction {
  unsigned long words[8]{};
};

KernelAction exchange(int signal, const KernelAction& action) {
  KernelAction before;
  syscall(SYS_rt_sigaction, signal, &action, &before, (NSIG - 1) / 8);
  return before;
}

TYPED_TEST(BeginningProcesses, have_no_signals_blocked_or_ignored) {
  const auto before = std::signal(SIGUSR2, SIG_IGN);
  // One that the C library keeps for itself and leaves ignored in what its posix_spawn begins.
  constexpr int of_the_library = 32;
  const KernelAction action =
      exchange(of_the_library, {{reinterpret_cast<unsigned long>(SIG_IGN)}});
  sigset_t blocked;
  sigset_t mask;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &blocked, &mask);
  const std::string zero = "0000000000000000\n";
  EXPECT_EQ(this->output_of("exec grep -E 'SigBlk|SigIgn' /proc/self/status"),
            "SigBlk:\t" + zero + "SigIgn:\t" + zero);
  pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  exchange(of_the_library, action);
  std::signal(SIGUSR2, before);
}

// The fourth and fifth words of what comes behind the name in parentheses.
TYPED_TEST(BeginningProcesses, may_lead_a_session) {
  const std::string words = this->output_of("exec awk '{print $1 == $5, $1 == $6}' /proc/self/stat",
                                            {.process_group = ProcessOptions::Group::own_session});
  EXPECT_EQ(words, "1 1\n");
}

TYPED_TEST(BeginningProcesses, may_be_another_users) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may begin processes of others";
  EXPECT_EQ(this->output_of("id -u; id -g; id -G", {.user = 65534, .group = 65533}),
            "65534\n65533\n65533\n");
  EXPECT_EQ(geteuid(), 0U);
}

}  // namespace
}  // namespace bobbin::test
