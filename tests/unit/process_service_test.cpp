// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/process_service.hpp>

#include <bobbin/supervisor.hpp>

#include <optional>
#include <vector>

#include "process_support.hpp"
#include "service_support.hpp"

namespace bobbin::test {
namespace {

using State = Service::State;
using Failing = ProcessServiceOptions::Failing;
using Group = ProcessOptions::Group;

// A base class, so that it is there before the service is.
struct ShellArguments {
  const char* arguments[4];
};

// A shell that runs a script, as a service.
class Script final : private ShellArguments, public ProcessService {
 public:
  Script(PosixReactor& reactor, Process& process, const char* script, Options options = {},
         Group group = Group::ours)
      : ShellArguments{{"sh", "-c", script, nullptr}},
        ProcessService("script", reactor, process,
                       {.program = "/bin/sh",
                        .arguments = arguments,
                        .process_group = group,
                        .errors = ProcessOptions::Leads::where_ours_do},
                       options) {}

  std::size_t out_received(Bytes data) override {
    out += text_of(data);
    return data.size();
  }

  std::string out;
};

struct ProcessServiceTest : DeferredTest {
  ~ProcessServiceTest() override {
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
    EXPECT_EQ(reactor.timer_use().in_use, 0U);
  }

  template <class F>
  void run_until(F condition) {
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), end);
      reactor.turn(5ms);
    }
  }
  void run_until_stopped(const Service& service) {
    run_until([&] { return service.state() == State::stopped; });
  }

  EpollReactor<> reactor;
  ChildProcess<> child;
  Deferred<void> started, stopped;
};

TEST_F(ProcessServiceTest, runs_while_the_process_does) {
  Script script(reactor, child, "echo ready; exec sleep 100");
  EXPECT_EQ(script.pid(), 0);
  script.start(started);
  EXPECT_EQ(result_of(started), "done");
  EXPECT_TRUE(script.running());
  EXPECT_GT(script.pid(), 0);
  run_until([&] { return script.out == "ready\n"; });
  script.stop(stopped);
  EXPECT_EQ(script.state(), State::stopping);
  run_until_stopped(script);
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(script.status(), ProcessStatus::killed(SIGTERM));
  EXPECT_EQ(script.failure(), nullptr);
}

TEST_F(ProcessServiceTest, fails_with_the_process) {
  Script script(reactor, child, "exit 3");
  script.start(started);
  EXPECT_EQ(result_of(started), "done");
  run_until_stopped(script);
  ASSERT_NE(script.failure(), nullptr);
  EXPECT_EQ(*script.failure(), ProcessFailure::exited);
  EXPECT_EQ(script.status().code(), 3);
}

TEST_F(ProcessServiceTest, fails_when_somebody_else_kills_the_process) {
  Script script(reactor, child, "kill -KILL $$");
  script.start(started);
  run_until_stopped(script);
  ASSERT_NE(script.failure(), nullptr);
  EXPECT_EQ(*script.failure(), ProcessFailure::killed);
  EXPECT_EQ(describe(*script.failure()), "process killed");
  EXPECT_EQ(result_of(started), "done");
}

TEST_F(ProcessServiceTest, is_done_with_a_process_that_is) {
  Script script(reactor, child, "echo all; exit 0");
  script.start(started);
  run_until_stopped(script);
  EXPECT_EQ(script.failure(), nullptr);
  EXPECT_EQ(script.out, "all\n");
  EXPECT_EQ(result_of(started), "done");
}

TEST_F(ProcessServiceTest, fails_with_every_end_if_it_is_told_to) {
  Script script(reactor, child, "exit 0", {.failing = Failing::all});
  script.start(started);
  run_until_stopped(script);
  ASSERT_NE(script.failure(), nullptr);
  EXPECT_EQ(*script.failure(), ProcessFailure::exited);
  EXPECT_EQ(result_of(started), "done");
}

TEST_F(ProcessServiceTest, does_not_start_without_a_program_or_a_timer) {
  ProcessService none("none", reactor, child, {.program = "/no/such/program"});
  none.start(started);
  EXPECT_EQ(result_of(started), describe(Errc::address_not_available));
  EXPECT_EQ(none.state(), State::stopped);
  EXPECT_EQ(reactor.timer_use().in_use, 0U);
  std::vector<DelayedCall> timers;
  while (const auto timer = reactor.call_later(1h, [] {})) timers.push_back(*timer);
  Script script(reactor, child, "exec sleep 100");
  Deferred<void> again;
  script.start(again);
  EXPECT_EQ(result_of(again), describe(Errc::no_capacity));
  for (DelayedCall& timer : timers) timer.cancel();
}

TEST_F(ProcessServiceTest, kills_who_does_not_stop) {
  Script script(reactor, child, "trap '' TERM; echo ready; while :; do sleep 1; done",
                {.stop_within = 50ms}, Group::own);
  script.start(started);
  run_until([&] { return script.out == "ready\n"; });
  script.stop(stopped);
  run_until_stopped(script);
  EXPECT_EQ(script.status(), ProcessStatus::killed(SIGKILL));
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(result_of(started), "done");
}

TEST_F(ProcessServiceTest, stops_with_another_signal) {
  Script script(reactor, child, "trap 'exit 4' INT; echo ready; while :; do sleep 0.01; done",
                {.stop_signal = SIGINT});
  script.start(started);
  run_until([&] { return script.out == "ready\n"; });
  script.stop(stopped);
  run_until_stopped(script);
  EXPECT_EQ(script.status(), ProcessStatus::exited(4));
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(result_of(started), "done");
}

// A whole group, of which the leader alone would not take the others along.
TEST_F(ProcessServiceTest, stops_a_group) {
  Script script(reactor, child, "sleep 1000 & echo ready; wait", {.stop_within = 1h}, Group::own);
  script.start(started);
  run_until([&] { return script.out == "ready\n"; });
  script.stop(stopped);
  run_until_stopped(script);  // when nobody has its output any more
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(result_of(started), "done");
}

// They keep its output open, and would keep it from ending.
TEST_F(ProcessServiceTest, does_not_wait_long_for_those_who_are_left_behind) {
  Script script(reactor, child, "sleep 1000 & echo $!; exit 1", {.stop_within = 50ms});
  script.start(started);
  run_until_stopped(script);
  ASSERT_NE(script.failure(), nullptr);
  EXPECT_EQ(script.status(), ProcessStatus::exited(1));
  EXPECT_EQ(::kill(std::stoi(script.out), SIGKILL), 0);
  EXPECT_EQ(result_of(started), "done");
}

TEST_F(ProcessServiceTest, does_not_wait_for_input_that_nobody_reads) {
  Script script(reactor, child, "sleep 1000 <&0 >&- & echo $!; exit 1", {.stop_within = 50ms});
  script.start(started);
  const std::string text(1000, 'x');
  std::size_t taken = 1;
  while (taken > 0) {
    reactor.turn(0s);
    taken = child.write(bytes_of(text));
  }
  run_until_stopped(script);
  EXPECT_EQ(::kill(std::stoi(script.out), SIGKILL), 0);
  EXPECT_EQ(result_of(started), "done");
}

TEST_F(ProcessServiceTest, is_killed_when_it_is_destroyed) {
  for (const bool stopping : {false, true}) {
    Deferred<void> begun, ended;
    std::optional<Script> script;
    script.emplace(reactor, child, "trap '' TERM; echo ready; exec sleep 1000");
    script->start(begun);
    run_until([&] { return script->out == "ready\n"; });
    if (stopping) script->stop(ended);
    script.reset();
    EXPECT_FALSE(child.in_use());
    EXPECT_EQ(result_of(begun), "done");
    EXPECT_EQ(result_of(ended), stopping ? "cancelled" : "nothing yet");
  }
}

TEST_F(ProcessServiceTest, is_started_again_by_a_supervisor) {
  Script script(reactor, child, "echo again; exit 1");
  Supervisor<3> supervisor("supervisor", reactor, {.delay = 1ms});
  ASSERT_FALSE(supervisor.add(script));
  supervisor.start(started);
  EXPECT_EQ(result_of(started), "done");
  run_until_stopped(supervisor);
  EXPECT_EQ(script.out, "again\nagain\nagain\nagain\n");
  EXPECT_EQ(supervisor.culprit(), &script);
  EXPECT_EQ(*supervisor.failure(), ProcessFailure::exited);
}

TEST_F(ProcessServiceTest, is_not_started_again_when_it_was_stopped) {
  Script script(reactor, child, "echo ready; exec sleep 1000");
  Supervisor<3> supervisor("supervisor", reactor, {.delay = 1ms});
  ASSERT_FALSE(supervisor.add(script));
  supervisor.start(started);
  run_until([&] { return script.out == "ready\n"; });
  EXPECT_FALSE(script.signal(SIGKILL));
  run_until([&] { return script.out == "ready\nready\n"; });
  EXPECT_EQ(supervisor.restarts(), 1U);
  supervisor.stop(stopped);
  run_until_stopped(supervisor);
  EXPECT_EQ(supervisor.failure(), nullptr);
  EXPECT_EQ(script.out, "ready\nready\n");
  EXPECT_EQ(result_of(started), "done");
  EXPECT_EQ(result_of(stopped), "done");
}

TEST_F(ProcessServiceTest, ends_with_the_reactor) {
  Script script(reactor, child, "exec sleep 1000");
  script.start(started);
  run_until([&] { return child.output() != nullptr; });
  EXPECT_FALSE(reactor.stop());
  EXPECT_FALSE(reactor.run());
  EXPECT_EQ(script.state(), State::stopped);
  EXPECT_EQ(script.status(), ProcessStatus::killed(SIGKILL));
  EXPECT_EQ(result_of(started), "done");
}

}  // namespace
}  // namespace bobbin::test
