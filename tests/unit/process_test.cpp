// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Processes: what they are given, what they say, and how they end.

#include "process_support.hpp"

#include <csignal>
#include <optional>

namespace bobbin::test {
namespace {

TYPED_TEST_SUITE(Processes, Reactors);

TYPED_TEST(Processes, carry_input_to_output) {
  this->told_.on_made = [this] {
    EXPECT_EQ(this->process_.write(bytes_of("hello\n")), 6U);
    this->process_.close_stdin();
  };
  ASSERT_FALSE(this->spawn({.program = "cat"}));
  EXPECT_TRUE(this->process_.running());
  EXPECT_GT(this->process_.pid(), 0);
  EXPECT_EQ(this->told_.told, "");  // nothing from inside the call
  EXPECT_EQ(this->spawn({.program = "cat"}), Errc::already_running);
  this->run_to_the_end();
  EXPECT_EQ(this->told_.out, "hello\n");
  EXPECT_EQ(this->told_.told.substr(0, 13), "made in-done ");
  EXPECT_TRUE(this->told_.was_told("out-done"));
  EXPECT_TRUE(this->told_.was_told("err-done"));
  EXPECT_TRUE(this->told_.status.done());
  EXPECT_FALSE(this->process_.in_use());
  EXPECT_EQ(this->process_.pid(), 0);
}

TYPED_TEST(Processes, tell_how_they_end) {
  ASSERT_FALSE(this->run("exit 3"));
  this->run_to_the_end();
  EXPECT_EQ(this->told_.status, ProcessStatus::exited(3));
  EXPECT_EQ(this->told_.status.code(), 3);
  EXPECT_FALSE(this->told_.status.done());
  EXPECT_EQ(this->told_.status.as_code(), 3);
  ASSERT_FALSE(this->run("kill -ABRT $$"));
  this->run_to_the_end();
  EXPECT_EQ(this->told_.status, ProcessStatus::killed(SIGABRT));
  EXPECT_EQ(this->told_.status.signal(), SIGABRT);
  EXPECT_EQ(this->told_.status.code(), std::nullopt);
  EXPECT_EQ(this->told_.status.as_code(), 128 + SIGABRT);
}

TYPED_TEST(Processes, keep_errors_apart_from_output) {
  ASSERT_FALSE(this->run("echo good; echo bad >&2; echo better"));
  this->run_to_the_end();
  EXPECT_EQ(this->told_.out, "good\nbetter\n");
  EXPECT_EQ(this->told_.err, "bad\n");
}

TYPED_TEST(Processes, lose_no_output_however_much_it_is) {
  ASSERT_FALSE(this->run("head -c 300000 /dev/zero; echo end >&2"));
  this->run_to_the_end();
  EXPECT_EQ(this->told_.out.size(), 300000U);
  EXPECT_EQ(this->told_.err, "end\n");
}

// What does not read is not written to; and not a byte is lost once it does.
TYPED_TEST(Processes, push_back_at_who_writes_to_them) {
  ASSERT_FALSE(this->run("kill -STOP $$; wc -c"));
  this->run_until([&] { return this->told_.was_told("made"); });
  const std::string text(1000, 'x');
  std::size_t taken = 0;
  for (int turn = 0; turn < 200; ++turn) {
    taken += this->process_.write(bytes_of(text));
    this->reactor_.turn(0s);
  }
  EXPECT_LT(taken, 100'000U);  // the ring, and what the system keeps in a pipe
  EXPECT_GE(taken, 4096U);
  EXPECT_EQ(this->process_.write(bytes_of(text)), 0U);
  // It may only now have come to stop itself.
  while (this->told_.out.empty()) {
    ASSERT_FALSE(this->process_.signal_process(SIGCONT));
    this->reactor_.turn(5ms);
    const std::size_t more = taken < 300'000 ? this->process_.write(bytes_of(text)) : 0;
    taken += more;
    if (taken >= 300'000) this->process_.close_stdin();
  }
  this->run_until([&] { return this->told_.ended == 1; });
  EXPECT_EQ(this->told_.out, std::to_string(taken) + "\n");
}

TYPED_TEST(Processes, wait_with_output_that_is_not_read) {
  this->told_.on_made = [this] { this->process_.input()->lose_connection(); };
  ASSERT_FALSE(this->run("head -c 300000 /dev/zero"));
  this->run_until([&] { return this->process_.output() != nullptr; });
  this->process_.output()->pause_producing();
  const std::size_t before = this->told_.out.size();
  for (int turn = 0; turn < 20; ++turn) this->reactor_.turn(5ms);
  EXPECT_EQ(this->told_.out.size(), before);
  EXPECT_TRUE(this->process_.running());
  this->process_.output()->resume_producing();
  this->run_to_the_end();
  EXPECT_EQ(this->told_.out.size(), 300000U);
  EXPECT_TRUE(this->told_.status.done());
}

// Its other ends are not affected.
TYPED_TEST(Processes, may_close_their_input_and_go_on) {
  ASSERT_FALSE(this->run("exec <&-; sleep 0.1; echo after"));
  this->run_until([&] { return this->told_.was_told("in-lost"); });
  EXPECT_EQ(this->process_.write(bytes_of("lost")), 0U);
  this->run_to_the_end();
  EXPECT_EQ(this->told_.out, "after\n");
  EXPECT_TRUE(this->told_.status.done());
}

TYPED_TEST(Processes, see_their_output_closed) {
  ASSERT_FALSE(this->run("while echo line; do :; done"));
  this->run_until([&] { return !this->told_.out.empty(); });
  this->process_.close_stdout();
  this->run_to_the_end();
  EXPECT_EQ(this->told_.status, ProcessStatus::killed(SIGPIPE));
  EXPECT_TRUE(this->told_.was_told("out-done"));
}

// Who has inherited the output may write on when the process has ended.
TYPED_TEST(Processes, have_not_ended_before_their_output) {
  ASSERT_FALSE(this->run("(sleep 0.3; echo late) & echo early"));
  this->run_until([&] { return this->told_.was_told("exited"); });
  EXPECT_FALSE(this->told_.was_told("out-done"));
  EXPECT_FALSE(this->process_.running());
  EXPECT_EQ(this->process_.signal_process(SIGTERM), Errc::not_running);
  EXPECT_TRUE(this->process_.in_use());
  this->run_to_the_end();
  EXPECT_EQ(this->told_.out, "early\nlate\n");
}

TYPED_TEST(Processes, take_signals) {
  ASSERT_FALSE(
      this->run("trap 'echo got it; exit 5' USR1; echo ready; while :; do sleep 0.01; done"));
  this->run_until([&] { return this->told_.out == "ready\n"; });
  EXPECT_EQ(this->process_.signal_process(1000), Errc::invalid_argument);
  EXPECT_FALSE(this->process_.signal_process(SIGUSR1));
  this->run_to_the_end();
  EXPECT_EQ(this->told_.out, "ready\ngot it\n");
  EXPECT_EQ(this->told_.status, ProcessStatus::exited(5));
  EXPECT_EQ(this->process_.signal_process(SIGUSR1), Errc::not_running);
  EXPECT_EQ(this->process_.kill(), Errc::not_running);
}

TYPED_TEST(Processes, may_lead_a_group_that_is_signalled_as_one) {
  ASSERT_FALSE(
      this->run("sleep 100 & echo ready; wait", {.process_group = ProcessOptions::Group::own}));
  this->run_until([&] { return this->told_.out == "ready\n"; });
  EXPECT_FALSE(this->process_.signal_group(SIGTERM));
  this->run_to_the_end();  // the output is closed by both
  EXPECT_EQ(this->told_.status, ProcessStatus::killed(SIGTERM));
  ASSERT_FALSE(this->run("exec sleep 100"));
  EXPECT_EQ(this->process_.signal_group(SIGTERM), Errc::invalid_argument);
  EXPECT_FALSE(this->process_.kill());
  this->run_to_the_end();
}

TYPED_TEST(Processes, begin_again_when_they_have_ended) {
  int begun = 1;
  this->told_.on_ended = [&] {
    if (begun == 5) return;
    ++begun;
    EXPECT_FALSE(this->run("echo again"));
  };
  const auto before = descriptors_open();
  ASSERT_FALSE(this->run("echo first"));
  this->run_until([&] { return this->told_.ended == 5; });
  EXPECT_EQ(this->told_.out, "first\nagain\nagain\nagain\nagain\n");
  EXPECT_EQ(descriptors_open(), before);
}

TYPED_TEST(Processes, are_waited_for_without_looking_again_and_again) {
  ASSERT_FALSE(this->run("sleep 0.5"));
  this->told_.on_ended = [this] { EXPECT_FALSE(this->reactor_.stop()); };
  EXPECT_FALSE(this->reactor_.run());
  EXPECT_EQ(this->told_.ended, 1);
  EXPECT_LE(this->reactor_.statistics().sleeps, 8U);
}

TYPED_TEST(Processes, are_killed_when_they_are_given_up) {
  std::optional<ChildProcess<>> process(std::in_place);
  const char* const arguments[] = {"sleep", "100", nullptr};
  ASSERT_FALSE(this->reactor_.spawn_process(*process, this->told_,
                                            {.program = "sleep", .arguments = arguments}));
  this->run_until([&] { return this->told_.was_told("made"); });
  process.reset();
  EXPECT_EQ(this->told_.told, "made in-lost out-lost err-lost exited ended ");
  EXPECT_EQ(this->told_.status, ProcessStatus::killed(SIGKILL));
}

TYPED_TEST(Processes, are_killed_when_the_reactor_stops) {
  ASSERT_FALSE(this->run("trap '' TERM; sleep 100 >&- 2>&- & wait",
                         {.process_group = ProcessOptions::Group::own}));
  this->told_.on_made = [this] { EXPECT_FALSE(this->reactor_.stop()); };
  const pid_t group = this->process_.pid();
  EXPECT_FALSE(this->reactor_.run());
  EXPECT_EQ(this->told_.ended, 1);
  EXPECT_EQ(this->told_.status, ProcessStatus::killed(SIGKILL));
  ::kill(-group, SIGKILL);  // whom it has left
  EXPECT_EQ(this->run("true"), Errc::not_running);
}

TYPED_TEST(Processes, may_end_with_their_object_from_inside_the_last_call) {
  std::optional<ChildProcess<>> process(std::in_place);
  this->told_.on_ended = [&] { process.reset(); };
  ASSERT_FALSE(this->reactor_.spawn_process(*process, this->told_, {.program = "true"}));
  this->run_to_the_end();
  EXPECT_FALSE(process);
}

// The system then reaps children itself.
TYPED_TEST(Processes, whose_status_was_taken_have_ended_somehow) {
  const auto before = std::signal(SIGCHLD, SIG_IGN);
  ASSERT_FALSE(this->run("exit 3"));
  this->run_to_the_end();
  std::signal(SIGCHLD, before);
  EXPECT_FALSE(this->told_.status.known());
  EXPECT_FALSE(this->told_.status.done());
  EXPECT_EQ(this->told_.status.as_code(), 255);
}

}  // namespace
}  // namespace bobbin::test
