// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/process_one.hpp>

#include <sys/prctl.h>

#include <optional>

#include "process_support.hpp"

namespace bobbin::test {
namespace {

// What others leave comes to us as to process 1.
template <class R>
class ProcessOneTest : public Processes<R> {
 protected:
  ProcessOneTest() { prctl(PR_SET_CHILD_SUBREAPER, 1); }
  ~ProcessOneTest() override { prctl(PR_SET_CHILD_SUBREAPER, 0); }

  ProcessOne one_;
};

TYPED_TEST_SUITE(ProcessOneTest, Reactors);

TYPED_TEST(ProcessOneTest, waits_for_those_whom_others_leave) {
  ASSERT_FALSE(this->one_.begin(this->reactor_));
  ASSERT_FALSE(this->run("for i in 1 2 3 4 5; do (sleep 0.1 && exit 7) >&- 2>&- & done; exit 3"));
  this->run_to_the_end();
  this->run_until([&] { return this->one_.reaped() >= 5; });
  // The last sleeps may be left too, by their own parents.
  this->run_until([&] { return waitpid(-1, nullptr, WNOHANG) == -1; });
  EXPECT_EQ(this->told_.status, ProcessStatus::exited(3));
}

TYPED_TEST(ProcessOneTest, waits_for_those_who_were_left_before) {
  ASSERT_FALSE(this->run("(exit 7) >&- 2>&- & exec true"));
  this->run_to_the_end();
  siginfo_t info{};
  ASSERT_EQ(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT), 0);
  ASSERT_FALSE(this->one_.begin(this->reactor_));
  this->run_until([&] { return this->one_.reaped() == 1; });
}

// However many end at the same time, and though it sees each before its Process does.
TYPED_TEST(ProcessOneTest, takes_no_status_of_a_process) {
  ASSERT_FALSE(this->one_.begin(this->reactor_));
  for (int i = 0; i < 30; ++i) {
    ASSERT_FALSE(this->run("exit 9"));
    siginfo_t info{};
    // It has ended before it is told of.
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(this->process_.pid()), &info, WEXITED | WNOWAIT), 0);
    this->told_.told.clear();
    this->run_to_the_end();
    EXPECT_EQ(this->told_.status, ProcessStatus::exited(9));
    EXPECT_EQ(this->told_.told.substr(0, 5), "made ");
  }
  EXPECT_EQ(this->one_.reaped(), 0U);
}

TYPED_TEST(ProcessOneTest, waits_for_more_than_fit_a_step) {
  ASSERT_FALSE(this->one_.begin(this->reactor_));
  ASSERT_FALSE(this->run("i=0; while [ $i -lt 150 ]; do (true >&- 2>&- &); i=$((i+1)); done"));
  siginfo_t info{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(this->process_.pid()), &info, WEXITED | WNOWAIT), 0);
  this->run_to_the_end();
  this->run_until([&] { return this->one_.reaped() == 150; });
}

TYPED_TEST(ProcessOneTest, passes_signals_on) {
  ASSERT_FALSE(this->one_.begin(this->reactor_));
  ASSERT_FALSE(this->run("trap 'echo one; exit 5' USR1; echo ready; while :; do sleep 0.01; done"));
  this->run_until([&] { return this->told_.out == "ready\n"; });
  ::kill(getpid(), SIGUSR1);
  this->run_to_the_end();
  EXPECT_EQ(this->told_.out, "ready\none\n");
  EXPECT_EQ(this->told_.status, ProcessStatus::exited(5));
  ::kill(getpid(), SIGHUP);  // to nobody
  this->reactor_.turn(0s);
}

TYPED_TEST(ProcessOneTest, passes_signals_on_to_groups) {
  ASSERT_FALSE(this->one_.begin(this->reactor_));
  // The one that leads does not wait for the other, which so is left to us.
  ASSERT_FALSE(this->run("sh -c 'echo ready; exec sleep 1000' & exec sleep 1000",
                         {.process_group = ProcessOptions::Group::own}));
  this->run_until([&] { return this->told_.out == "ready\n"; });
  ::kill(getpid(), SIGUSR2);
  this->run_to_the_end();
  EXPECT_EQ(this->told_.status, ProcessStatus::killed(SIGUSR2));
  this->run_until([&] { return this->one_.reaped() == 1; });
}

volatile std::sig_atomic_t hang_ups = 0;

TYPED_TEST(ProcessOneTest, leaves_signals_to_their_handlers) {
  hang_ups = 0;
  const auto before = std::signal(SIGHUP, [](int) { hang_ups = hang_ups + 1; });
  ASSERT_FALSE(this->one_.begin(this->reactor_));
  ASSERT_FALSE(this->run("sleep 0.2"));
  ::kill(getpid(), SIGHUP);
  this->run_to_the_end();
  EXPECT_EQ(hang_ups, 1);
  EXPECT_TRUE(this->told_.status.done());
  std::signal(SIGHUP, before);
}

TYPED_TEST(ProcessOneTest, takes_only_the_signals_it_is_told_to) {
  constexpr int none[] = {0};
  EXPECT_EQ(this->one_.begin(this->reactor_, {.forwarded = none}), Errc::invalid_argument);
  constexpr int one[] = {SIGWINCH};
  ASSERT_FALSE(this->one_.begin(this->reactor_, {.forwarded = one}));
  EXPECT_EQ(this->one_.begin(this->reactor_), Errc::already_running);
  sigset_t blocked;
  pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  EXPECT_TRUE(sigismember(&blocked, SIGWINCH));
  EXPECT_TRUE(sigismember(&blocked, SIGCHLD));
  EXPECT_FALSE(sigismember(&blocked, SIGUSR1));
}

// Also what has come and was not looked at.
TYPED_TEST(ProcessOneTest, leaves_all_as_it_was) {
  const auto descriptors = descriptors_open();
  {
    ProcessOne one;
    ASSERT_FALSE(one.begin(this->reactor_));
    ::kill(getpid(), SIGUSR1);
  }
  sigset_t blocked;
  pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  for (const int signal : ProcessOneOptions::usual) EXPECT_FALSE(sigismember(&blocked, signal));
  EXPECT_FALSE(sigismember(&blocked, SIGCHLD));
  EXPECT_EQ(descriptors_open(), descriptors);
}

TYPED_TEST(ProcessOneTest, ends_with_the_reactor) {
  ASSERT_FALSE(this->one_.begin(this->reactor_));
  ASSERT_FALSE(this->run("exec sleep 1000"));
  this->told_.on_made = [this] { EXPECT_FALSE(this->reactor_.stop()); };
  EXPECT_FALSE(this->reactor_.run());
  EXPECT_EQ(this->told_.status, ProcessStatus::killed(SIGKILL));
  EXPECT_EQ(this->one_.begin(this->reactor_), Errc::not_running);
}

TYPED_TEST(ProcessOneTest, may_go_while_it_waits) {
  std::optional<ProcessOne> one(std::in_place);
  ASSERT_FALSE(one->begin(this->reactor_));
  this->told_.on_exited = [&] { one.reset(); };
  ASSERT_FALSE(this->run("exit 2"));
  this->run_to_the_end();
  EXPECT_FALSE(one);
}

}  // namespace
}  // namespace bobbin::test
