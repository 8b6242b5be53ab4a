// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/supervisor.hpp>

#include <chrono>

#include <bobbin/await.hpp>
#include <bobbin/await_deferred.hpp>
#include <bobbin/coroutines.hpp>
#include <bobbin/task_service.hpp>
#include <bobbin/timer_service.hpp>

#include "service_support.hpp"

namespace bobbin::test {
namespace {

using namespace std::chrono_literals;
using State = Service::State;

struct TimerServiceTest : DeferredTest {
  ManualClock<2> clock;
  int calls = 0;
  Error answer;
  TimerService timer{"timer", clock, 10s, [this] {
                       ++calls;
                       return answer;
                     }};
  Deferred<void> started, stopped;
};

TEST_F(TimerServiceTest, calls_while_it_runs) {
  timer.start(started);
  EXPECT_EQ(result_of(started), "done");
  EXPECT_EQ(calls, 1);
  clock.advance(10s);
  EXPECT_EQ(calls, 2);
  timer.stop(stopped);
  EXPECT_EQ(result_of(stopped), "done");
  clock.advance(1h);
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

TEST_F(TimerServiceTest, calls_first_after_an_interval_if_told_so) {
  TimerService later("later", clock, 10s, [this] { ++calls; }, {.now = false});
  later.start(started);
  EXPECT_EQ(calls, 0);
  clock.advance(10s);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(result_of(started), "done");
}

TEST_F(TimerServiceTest, does_not_start_without_a_timer_or_when_its_first_call_fails) {
  answer = Errc::timed_out;
  timer.start(started);
  EXPECT_EQ(result_of(started), "timed out");
  EXPECT_EQ(clock.timer_use().in_use, 0U);
  while (clock.call_later(1h, [] {})) {
  }
  Deferred<void> again;
  timer.start(again);
  EXPECT_EQ(result_of(again), "out of capacity");
  EXPECT_EQ(calls, 1);
}

TEST_F(TimerServiceTest, goes_on_when_a_later_call_fails_unless_it_says_otherwise) {
  timer.start(started);
  answer = Errc::timed_out;
  clock.advance(10s);
  EXPECT_EQ(clock.last_error(), Errc::timed_out);
  EXPECT_TRUE(timer.running());
  timer.fail(Oops::oops);
  EXPECT_EQ(timer.state(), State::stopped);
  EXPECT_EQ(result_of(started), "done");
}

struct TaskServiceTest : DeferredTest {
  int runs = 0;
  Deferred<void>* task = nullptr;
  TaskService service{"task", [this](Deferred<void>& end) {
                        ++runs;
                        task = &end;
                        end.on_cancel([] { say("cancel"); });
                      }};
  Deferred<void> started, stopped, ended;

  void run() {
    service.start(started);
    EXPECT_EQ(result_of(started), "done");
    service.when_stopped(ended);
  }
};

TEST_F(TaskServiceTest, runs_while_the_task_does) {
  run();
  EXPECT_EQ(runs, 1);
  EXPECT_TRUE(service.running());
  service.stop(stopped);
  EXPECT_EQ(said(), Lines{"cancel"});
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(result_of(ended), "done");
}

TEST_F(TaskServiceTest, fails_with_the_task) {
  run();
  task->errback(Oops::oops);
  EXPECT_EQ(service.state(), State::stopped);
  EXPECT_EQ(result_of(ended), "oops");
  EXPECT_EQ(said(), Lines{});
}

TEST_F(TaskServiceTest, stops_when_the_task_is_done) {
  run();
  task->callback();
  EXPECT_EQ(result_of(ended), "done");
  EXPECT_EQ(service.failure(), nullptr);
}

TEST_F(TaskServiceTest, does_not_start_with_a_task_that_fails_at_once) {
  TaskService failing("failing", [](Deferred<void>& end) { end.errback(Oops::oops); });
  failing.start(started);
  EXPECT_EQ(result_of(started), "oops");
}

TEST_F(TaskServiceTest, begins_the_task_anew_with_each_start) {
  run();
  service.stop(stopped);
  Deferred<void> again;
  service.start(again);
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(result_of(again), "done");
}

TEST_F(TaskServiceTest, ends_the_task_when_it_is_destroyed) {
  {
    TaskService other("other", [](Deferred<void>& end) { end.on_cancel([] { say("cancel"); }); });
    other.start(started);
    EXPECT_EQ(result_of(started), "done");
  }
  EXPECT_EQ(said(), Lines{"cancel"});
}

Task<Error> sleeps(Frame<256>&, Clock& clock, Duration length, Error then) {
  if (const Error error = co_await sleep(clock, length)) co_return error;
  co_return then;
}

TEST_F(TaskServiceTest, runs_a_coroutine) {
  ManualClock<4> clock;
  struct Sleeper {
    Clock& clock;
    Frame<256> frame;
    Coroutines<1> coroutines;
    TaskDeferred<Error> sleep;
  } sleeper{clock, {}, {}, {}};
  TaskService napping("napping", [&sleeper](Deferred<void>& end) {
    end.fire_with([&sleeper]() -> Chain<void> {
      sleeper.sleep.reset();
      const Error error = sleeper.sleep.start(
          sleeper.coroutines, sleeps(sleeper.frame, sleeper.clock, 5s, Errc::timed_out));
      return error ? Chain<void>() : sleeper.sleep.chain();
    });
  });
  napping.start(started);
  EXPECT_EQ(result_of(started), "done");
  napping.when_stopped(ended);
  clock.advance(5s);
  EXPECT_EQ(result_of(ended), "timed out");
  Deferred<void> again;
  napping.start(again);
  EXPECT_EQ(result_of(again), "done");
  napping.stop(stopped);
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

struct SupervisorTest : DeferredTest {
  ManualClock<2> clock;
  Supervisor<3> supervisor{"supervisor", clock, {.period = 60s, .delay = 1s, .delay_max = 3s}};
  Part a{"a"}, b{"b"};
  MultiService top{"top"};
  Deferred<void> started, stopped, ended;

  SupervisorTest() {
    EXPECT_FALSE(top.add(supervisor));
    EXPECT_FALSE(supervisor.add(a));
    EXPECT_FALSE(supervisor.add(b));
    top.start(started);
    EXPECT_EQ(result_of(started), "done");
    top.when_stopped(ended);
    said();
  }
};

TEST_F(SupervisorTest, restarts_a_child_that_fails_and_only_that) {
  a.fail(Oops::oops);
  EXPECT_EQ(said(), Lines{"stop a"});
  EXPECT_EQ(a.state(), State::stopped);
  clock.advance(1s);
  EXPECT_EQ(said(), (Lines{"prepare a", "start a"}));
  EXPECT_TRUE(a.running() && b.running() && top.running());
  EXPECT_EQ(supervisor.restarts(), 1U);
}

TEST_F(SupervisorTest, waits_longer_each_time) {
  for (const Duration delay : {1s, 2s, 3s}) {
    a.fail(Oops::oops);
    clock.advance(delay - 1ms);
    EXPECT_EQ(a.state(), State::stopped);
    clock.advance(1ms);
    EXPECT_TRUE(a.running());
  }
}

TEST_F(SupervisorTest, gives_up_after_too_many_restarts_within_the_period) {
  for (int i = 0; i < 3; ++i) {
    a.fail(Oops::oops);
    clock.advance(3s);
    EXPECT_TRUE(a.running());
  }
  said();
  a.fail(Oops::type_error);
  EXPECT_EQ(said(), (Lines{"stop a", "stop b"}));
  EXPECT_EQ(top.state(), State::stopped);
  EXPECT_EQ(result_of(ended), "type error");
  EXPECT_EQ(top.culprit(), &a);
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

TEST_F(SupervisorTest, counts_the_restarts_of_all_children_together) {
  a.fail(Oops::oops);
  clock.advance(3s);
  b.fail(Oops::oops);
  clock.advance(3s);
  a.fail(Oops::oops);
  clock.advance(3s);
  b.fail(Oops::oops);
  EXPECT_EQ(result_of(ended), "oops");
}

TEST_F(SupervisorTest, forgets_restarts_that_are_a_period_ago) {
  for (int i = 0; i < 20; ++i) {
    a.fail(Oops::oops);
    clock.advance(20s);
    EXPECT_TRUE(a.running());
  }
  EXPECT_EQ(supervisor.restarts(), 3U);
  clock.advance(60s);
  a.fail(Oops::oops);
  EXPECT_EQ(supervisor.restarts(), 1U);
  clock.advance(1s);
  EXPECT_TRUE(a.running());
}

TEST_F(SupervisorTest, counts_a_restart_that_fails) {
  a.start_failure = Failure(Oops::type_error);
  a.fail(Oops::oops);
  clock.advance(1s);
  EXPECT_EQ(supervisor.restarts(), 2U);
  clock.advance(2s);
  EXPECT_EQ(supervisor.restarts(), 3U);
  clock.advance(3s);
  EXPECT_EQ(result_of(ended), "type error");
}

TEST_F(SupervisorTest, restarts_together_those_that_wait_together) {
  a.fail(Oops::oops);
  clock.advance(500ms);
  b.fail(Oops::oops);
  said();
  clock.advance(500ms);
  EXPECT_EQ(said(), (Lines{"prepare a", "start a", "prepare b", "start b"}));
}

TEST_F(SupervisorTest, restarts_nobody_once_it_stops) {
  a.fail(Oops::oops);
  said();
  top.stop(stopped);
  EXPECT_EQ(said(), Lines{"stop b"});
  clock.advance(1h);
  EXPECT_EQ(said(), Lines{});
  EXPECT_EQ(result_of(stopped), "done");
}

TEST_F(SupervisorTest, restarts_nobody_who_has_left_or_was_stopped) {
  a.fail(Oops::oops);
  Deferred<void> removed, b_stopped;
  supervisor.remove(a, removed);
  b.stop(b_stopped);
  said();
  clock.advance(1h);
  EXPECT_EQ(said(), Lines{});
  EXPECT_TRUE(supervisor.running());
}

TEST_F(SupervisorTest, starts_afresh_when_it_is_started_again) {
  a.fail(Oops::oops);
  top.stop(stopped);
  Deferred<void> again;
  top.start(again);
  EXPECT_EQ(result_of(again), "done");
  EXPECT_EQ(supervisor.restarts(), 0U);
  EXPECT_TRUE(a.running());
}

TEST_F(SupervisorTest, restarts_one_that_was_started_by_somebody_else_no_more) {
  a.fail(Oops::oops);
  Deferred<void> by_hand;
  a.start(by_hand);
  said();
  clock.advance(1h);
  EXPECT_EQ(said(), Lines{});
  EXPECT_TRUE(a.running());
}

TEST_F(SupervisorTest, does_not_start_without_a_timer) {
  top.stop(stopped);
  while (clock.call_later(1h, [] {})) {
  }
  Deferred<void> again;
  top.start(again);
  EXPECT_EQ(result_of(again), "out of capacity");
  EXPECT_EQ(top.culprit(), &supervisor);
}

TEST_F(SupervisorTest, does_not_start_when_a_child_does_not) {
  top.stop(stopped);
  b.start_failure = Failure(Oops::oops);
  Deferred<void> again;
  top.start(again);
  EXPECT_EQ(result_of(again), "oops");
  EXPECT_EQ(clock.timer_use().in_use, 0U);
}

TEST_F(SupervisorTest, may_wait_for_no_time_at_all) {
  Supervisor<2> eager("eager", clock, {.delay = 0s});
  Part c{"c"};
  EXPECT_FALSE(eager.add(c));
  Deferred<void> eager_started;
  eager.start(eager_started);
  said();
  c.start_failure = Failure(Oops::oops);
  c.fail(Oops::type_error);
  for (int i = 0; i < 5; ++i) clock.advance(0s);
  EXPECT_EQ(eager.state(), State::stopped);
  EXPECT_EQ(*eager.failure(), Oops::oops);
  EXPECT_EQ(said(),
            (Lines{"stop c", "prepare c", "start c", "stop c", "prepare c", "start c", "stop c"}));
}

}  // namespace
}  // namespace bobbin::test
