// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/cooperator.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "memory_party.hpp"
#include "support/deferred.hpp"
#include "support/seed.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using test::Lines;
using test::Party;
using test::say;
using Progress = CooperativeTask::Progress;

// What a step says and how often there is one.
struct Work {
  char name = '?';
  int left = 0;
  std::function<void()> also{};

  Result<Progress> step() {
    say(std::string(1, name));
    if (also) also();
    return --left > 0 ? Progress::more : Progress::done;
  }
};

class ACooperator : public test::DeferredTest {
 protected:
  Error begin(CooperativeTask& task, Work& work) {
    return cooperator_.cooperate(task, [&work] { return work.step(); });
  }
  // What is done in the clock's next turn: one round of what is due now.
  std::string next_turn() {
    EXPECT_TRUE(clock_.advance_to_next());
    return text();
  }
  static std::string text() {
    std::string words;
    for (const std::string& line : said()) words += line;
    return words;
  }
  void hear(CooperativeTask& task) {
    task.on_done([](Error outcome) { say(outcome ? std::string(describe(outcome)) : "done"); });
  }

  ManualClock<4> clock_;
  Cooperator cooperator_{clock_, {.steps_max = 4}};
  CooperativeTask one_, two_, three_;
  Work a_{'a', 3}, b_{'b', 3}, c_{'c', 3};
  bool again_ = false;
};

TEST_F(ACooperator, gives_each_its_step_in_turn) {
  ASSERT_FALSE(begin(one_, a_));
  ASSERT_FALSE(begin(two_, b_));
  ASSERT_FALSE(begin(three_, c_));
  EXPECT_EQ(text(), "") << "never from inside cooperate";
  EXPECT_EQ(clock_.timer_use().in_use, 1U);
  EXPECT_EQ(next_turn(), "abca");
  EXPECT_EQ(next_turn(), "bcab");
  EXPECT_EQ(next_turn(), "c");
  EXPECT_EQ(cooperator_.tasks(), 0U);
  EXPECT_EQ(clock_.timer_use().in_use, 0U);
  EXPECT_EQ(one_.steps(), 3U);
  EXPECT_FALSE(one_.running());
}

TEST_F(ACooperator, tells_when_a_task_is_done_or_has_failed) {
  hear(one_);
  hear(two_);
  ASSERT_FALSE(begin(one_, a_));
  ASSERT_FALSE(cooperator_.cooperate(two_, [] { return Result<Progress>(Errc::system_error); }));
  clock_.advance(1s);
  EXPECT_EQ(said(), (Lines{"a", "system error", "a", "a", "done"}));
}

TEST_F(ACooperator, reports_an_error_of_which_nobody_else_hears) {
  ASSERT_FALSE(begin(one_, a_));
  ASSERT_FALSE(cooperator_.cooperate(two_, [] { return Result<Progress>(Errc::system_error); }));
  clock_.advance(0s);
  EXPECT_EQ(clock_.last_error(), Errc::system_error);
  EXPECT_EQ(text(), "aaa") << "and goes on";
}

TEST_F(ACooperator, passes_over_a_task_that_is_paused) {
  ASSERT_FALSE(begin(one_, a_));
  ASSERT_FALSE(begin(two_, b_));
  one_.pause();
  EXPECT_TRUE(one_.paused());
  EXPECT_EQ(next_turn(), "bbb");
  EXPECT_EQ(cooperator_.tasks(), 1U);
  EXPECT_EQ(cooperator_.ready(), 0U);
  EXPECT_EQ(clock_.next_call(), never) << "and sleeps when all are";
  one_.resume();
  EXPECT_EQ(next_turn(), "aaa");
}

TEST_F(ACooperator, resumes_a_task_as_often_as_it_was_paused) {
  ASSERT_FALSE(begin(one_, a_));
  one_.pause();
  one_.pause();
  one_.resume();
  clock_.advance(1h);
  EXPECT_EQ(text(), "");
  one_.resume();
  one_.resume();
  EXPECT_EQ(next_turn(), "aaa");
  one_.pause();
  EXPECT_FALSE(one_.paused()) << "it is not running any more";
}

TEST_F(ACooperator, lets_a_step_pause_its_task_until_what_it_waits_for_is_there) {
  a_.also = [this] { one_.pause(); };
  ASSERT_FALSE(begin(one_, a_));
  ASSERT_FALSE(begin(two_, b_));
  EXPECT_EQ(next_turn(), "abbb");
  EXPECT_EQ(clock_.next_call(), never);
  one_.resume();
  EXPECT_EQ(next_turn(), "a");
  one_.resume();
  EXPECT_EQ(next_turn(), "a");
  EXPECT_FALSE(one_.running());
}

TEST_F(ACooperator, does_nothing_in_a_turn_in_which_all_were_paused) {
  ASSERT_FALSE(begin(one_, a_));
  one_.pause();
  EXPECT_EQ(next_turn(), "");
  EXPECT_EQ(clock_.next_call(), never);
}

TEST_F(ACooperator, stops_a_task_and_says_so) {
  hear(one_);
  ASSERT_FALSE(begin(one_, a_));
  ASSERT_FALSE(begin(two_, b_));
  one_.stop();
  EXPECT_EQ(said(), Lines{"cancelled"});
  one_.stop();
  EXPECT_EQ(next_turn(), "bbb");
}

TEST_F(ACooperator, lets_a_task_stop_itself_and_others) {
  hear(one_);
  hear(three_);
  a_.also = [this] {
    three_.stop();
    one_.stop();
  };
  ASSERT_FALSE(begin(one_, a_));
  ASSERT_FALSE(begin(two_, b_));
  ASSERT_FALSE(begin(three_, c_));
  clock_.advance(0s);
  EXPECT_EQ(said(), (Lines{"a", "cancelled", "cancelled", "b", "b", "b"}));
}

TEST_F(ACooperator, stops_all_and_may_begin_anew) {
  hear(one_);
  hear(two_);
  ASSERT_FALSE(begin(one_, a_));
  ASSERT_FALSE(begin(two_, b_));
  two_.pause();
  cooperator_.stop();
  EXPECT_EQ(said(), (Lines{"cancelled", "cancelled"}));
  EXPECT_EQ(clock_.timer_use().in_use, 0U);
  ASSERT_FALSE(begin(two_, b_));
  EXPECT_EQ(next_turn().substr(0, 3), "bbb");
}

TEST_F(ACooperator, may_be_stopped_by_who_is_told_of_an_end) {
  one_.on_done([this](Error) {
    say("one");
    cooperator_.stop();
  });
  hear(two_);
  a_.left = 1;
  ASSERT_FALSE(begin(one_, a_));
  ASSERT_FALSE(begin(two_, b_));
  clock_.advance(0s);
  EXPECT_EQ(said(), (Lines{"a", "one", "cancelled"}));
}

TEST_F(ACooperator, takes_a_task_again_that_has_ended) {
  ASSERT_FALSE(begin(one_, a_));
  EXPECT_EQ(begin(one_, a_), Errc::already_running);
  clock_.advance(0s);
  a_.left = 2;
  one_.on_done([this](Error) {
    if (std::exchange(again_, true)) return;
    a_.left = 1;
    EXPECT_FALSE(begin(one_, a_));
  });
  ASSERT_FALSE(begin(one_, a_));
  clock_.advance(0s);
  EXPECT_EQ(text(), "aaaaaa");
  EXPECT_EQ(one_.steps(), 1U);
}

TEST_F(ACooperator, begins_nothing_without_a_timer) {
  std::vector<DelayedCall> calls;
  while (const auto call = clock_.call_later(1h, [] {})) calls.push_back(*call);
  EXPECT_EQ(begin(one_, a_), Errc::no_capacity);
  EXPECT_FALSE(one_.running());
  calls.back().cancel();
  ASSERT_FALSE(begin(one_, a_));
  EXPECT_EQ(next_turn(), "aaa") << "and never gives that one away between its turns";
}

TEST_F(ACooperator, lets_tasks_go_that_are_destroyed) {
  auto gone = std::make_unique<CooperativeTask>();
  hear(*gone);
  ASSERT_FALSE(begin(one_, a_));
  ASSERT_FALSE(begin(*gone, b_));
  ASSERT_FALSE(begin(three_, c_));
  gone.reset();
  EXPECT_EQ(next_turn(), "acac");
}

TEST_F(ACooperator, may_be_destroyed_by_who_is_told_of_an_end) {
  auto cooperator = std::make_unique<Cooperator>(clock_);
  auto task = std::make_unique<CooperativeTask>();
  task->on_done([&](Error) {
    say("end");
    cooperator.reset();
    task.reset();
  });
  ASSERT_FALSE(cooperator->cooperate(one_, [this] { return a_.step(); }));
  ASSERT_FALSE(cooperator->cooperate(*task, [] { return Progress::done; }));
  clock_.advance(0s);
  EXPECT_EQ(said(), (Lines{"a", "end"}));
  EXPECT_FALSE(one_.running());
  EXPECT_EQ(clock_.timer_use().in_use, 0U);
  // And where all are stopped.
  cooperator = std::make_unique<Cooperator>(clock_);
  task = std::make_unique<CooperativeTask>();
  task->on_done([&](Error) { cooperator.reset(); });
  ASSERT_FALSE(cooperator->cooperate(*task, [] { return Progress::more; }));
  ASSERT_FALSE(cooperator->cooperate(one_, [this] { return a_.step(); }));
  cooperator->stop();
  EXPECT_FALSE(one_.running());
}

TEST_F(ACooperator, fires_a_deferred_when_a_task_is_done) {
  for (const bool fails : {false, true}) {
    Deferred<void> done;
    fire_when_done(one_, done);
    ASSERT_FALSE(cooperator_.cooperate(
        one_, [fails] { return fails ? Result<Progress>(Errc::system_error) : Progress::done; }));
    EXPECT_TRUE(test::no_result(done));
    clock_.advance(0s);
    if (fails) {
      EXPECT_EQ(test::failure_result_of(done), Errc::system_error);
    } else {
      test::success_result_of(done);
    }
  }
}

TEST_F(ACooperator, stops_a_task_whose_deferred_is_cancelled) {
  Deferred<void> done;
  fire_when_done(one_, done);
  ASSERT_FALSE(begin(one_, a_));
  done.cancel();
  EXPECT_FALSE(one_.running());
  EXPECT_EQ(test::failure_result_of(done), Errc::cancelled);
}

// In a reactor.

class ACooperatorInAReactor : public test::MemoryPair<> {
 protected:
  int steps_ = 0;
  CooperativeTask hog_;
};

// Its steps take time, by the port's clock: each turn has as many as fit into its slice.
TEST_F(ACooperatorInAReactor, goes_on_for_no_longer_than_its_slice) {
  Cooperator cooperator(reactor_, {.slice = 10ms});
  ASSERT_FALSE(cooperator.cooperate(hog_, [this] {
    ++steps_;
    reactor_.step_clock(3ms);
    return Progress::more;
  }));
  for (int turn = 1; turn <= 5; ++turn) {
    reactor_.turn({});
    EXPECT_EQ(steps_, 4 * turn);
  }
  hog_.stop();
  EXPECT_EQ(reactor_.next_deadline(), never);
}

TEST_F(ACooperatorInAReactor, does_one_step_in_a_turn_whatever_its_slice) {
  Cooperator cooperator(reactor_, {.slice = 0s});
  ASSERT_FALSE(cooperator.cooperate(hog_, [this] {
    ++steps_;
    return Progress::more;
  }));
  for (int turn = 1; turn <= 5; ++turn) {
    reactor_.turn({});
    EXPECT_EQ(steps_, turn);
  }
  hog_.stop();
}

// One that never ends does not keep a byte, a timer or a posted call waiting for more than a turn.
TEST_F(ACooperatorInAReactor, starves_nobody) {
  connect();
  int echoes = 0;
  int ticks = 0;
  int posted = 0;
  server_side_.on_data = [](Party& party, Bytes data) { return party.transport().write(data); };
  client_side_.on_data = [&](Party& party, Bytes data) {
    ++echoes;
    return party.transport().write(data);
  };
  Cooperator cooperator(reactor_, {.slice = 1s, .steps_max = 50});
  ASSERT_FALSE(cooperator.cooperate(hog_, [this] {
    ++steps_;
    return Progress::more;
  }));
  LoopingCall timer(reactor_, [&] { ++ticks; });
  ASSERT_FALSE(timer.start(1ms));
  client().write("x");
  constexpr int turns = 1000;
  for (int turn = 0; turn < turns; ++turn) {
    ASSERT_TRUE(reactor_.call_from_thread([&posted] { ++posted; }));
    reactor_.turn(10ms);
    reactor_.step_clock(1ms);
  }
  EXPECT_EQ(steps_, turns * 50);
  EXPECT_EQ(posted, turns);
  EXPECT_GE(ticks, turns - 2);
  EXPECT_GE(echoes, turns / 2 - 2);
  hog_.stop();
}

// Random tasks come, go, pause, resume and end: each that is ready has its steps, none more than
// one ahead of the others that were ready all the while, and each is told of its end once.
TEST_F(ACooperatorInAReactor, is_fair_whatever_happens) {
  test::for_each_seed([this](test::Random& random) {
    constexpr std::size_t count = 12;
    struct Job {
      CooperativeTask task;
      int left = 0;
      int steps = 0;
      int ends = 0;
      int starts = 0;
    };
    std::deque<Job> jobs(count);
    Cooperator cooperator(reactor_, {.steps_max = 7});
    for (Job& job : jobs) job.task.on_done([&job](Error) { ++job.ends; });
    for (int round = 0; round < 200; ++round) {
      Job& job = jobs[random.below(count)];
      switch (random.below(6)) {
        case 0: job.task.pause(); break;
        case 1: job.task.resume(); break;
        case 2: job.task.stop(); break;
        default:
          if (job.task.running()) break;
          job.left = static_cast<int>(1 + random.below(40U));
          ++job.starts;
          ASSERT_FALSE(cooperator.cooperate(job.task, [&job] {
            ++job.steps;
            return --job.left > 0 ? Progress::more : Progress::done;
          }));
      }
      std::size_t running = 0;
      std::size_t ready = 0;
      for (const Job& each : jobs) {
        running += each.task.running() ? 1 : 0;
        ready += each.task.running() && !each.task.paused() ? 1 : 0;
      }
      ASSERT_EQ(cooperator.tasks(), running);
      ASSERT_EQ(cooperator.ready(), ready);
      // Two whole rounds of all that are ready.
      for (Job& each : jobs) each.steps = 0;
      for (std::size_t given = 0; given < 2 * ready; given += 7) reactor_.turn({});
      for (const Job& each : jobs) {
        if (!each.task.running()) continue;
        const int least = each.task.paused() ? 0 : 2;
        ASSERT_GE(each.steps, least);
        ASSERT_TRUE(least > 0 || each.steps == 0);
      }
    }
    cooperator.stop();
    for (const Job& job : jobs) EXPECT_EQ(job.ends, job.starts);
  });
}

}  // namespace
}  // namespace bobbin
