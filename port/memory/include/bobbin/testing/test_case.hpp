// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include <bobbin/log.hpp>
#include <bobbin/memory.hpp>
#include <bobbin/task.hpp>
#include <bobbin/testing/left_behind.hpp>
#include <bobbin/testing/results.hpp>
#include <bobbin/testing/unhandled_failures.hpp>

namespace bobbin {

struct TestSizes {
  ReactorSizes reactor{.timers = 64, .posted_calls = 64};
  memory::NetworkSizes network{};
  std::size_t coroutines = 16;
};

struct TestRunOptions {
  Duration limit = std::chrono::minutes(2);  // of virtual time
  std::uint32_t turns_at_one_instant = 100'000;
};

namespace detail {

// A task that a test runs, as the outermost of a coroutine.
template <class T>
class TaskRun final : private Coroutine {
 public:
  TaskRun(ReadyCoroutines& ready, Task<T> task) : task_(std::move(task)) {
    if (task_.has_frame()) start(ready, task_.begin(*this));
  }
  ~TaskRun() { abandon(); }

  bool over() const { return !active(); }
  TaskOutcome<T> outcome() const { return task_.outcome(); }

 private:
  void ended() override {}

  Task<T> task_;
};

}  // namespace detail

// Not sized; see TestCase.
class TestCaseBase : public ::testing::Test {
 public:
  TestCaseBase(const TestCaseBase&) = delete;
  TestCaseBase& operator=(const TestCaseBase&) = delete;

 protected:
  TestCaseBase(memory::Network& network, MemoryReactorBase& reactor, CoroutinePool& coroutines);
  ~TestCaseBase() override = default;

  // Turns until it has its result, and leaves it there: `success_result_of(run(deferred))`. The
  // test fails if that takes longer than the limit. A test whose last word is `run(deferred)` fails
  // if the result is a failure, as nobody has handled it.
  template <ResultLater D>
  D&& run(D&& deferred, const TestRunOptions& options = {}, TestPlace place = TestPlace::here()) {
    turn_until([&deferred] { return has_result(deferred); }, options, place);
    return std::forward<D>(deferred);
  }

  // Runs a task to its end, and gives what it has come to. The test fails if that takes longer than
  // the limit; the task is then destroyed, and this is `timed_out`.
  template <class T>
  TaskOutcome<T> run(Task<T> task, const TestRunOptions& options = {},
                     TestPlace place = TestPlace::here()) {
    detail::TaskRun<T> running(coroutines_.ready(), std::move(task));
    const bool over = turn_until([&running] { return running.over(); }, options, place);
    if (!over) return failed_with<TaskOutcome<T>>(Errc::timed_out);
    return running.outcome();
  }

  // Forgets the errors that were logged and the failures that nobody handled, all or those of this
  // code, as the test expects them (Twisted's flushLoggedErrors); of a kind of the program's own
  // the failures only, as the log keeps no kind: there their code is `application_error`. How many
  // they were.
  std::size_t flush_logged_errors() { return logged_errors.flush() + unhandled.flush(); }
  std::size_t flush_logged_errors(Errc code) {
    return logged_errors.flush(code) + unhandled.flush(code);
  }
  template <ErrorKind Kind>
  std::size_t flush_logged_errors(Kind kind) {
    return unhandled.flush(kind);
  }

  // Has it looked at too: a Clock, another Reactor, Coroutines, a Frame, a ConnectionPool or the
  // PoolUse of anything. It is a member of the fixture, or lives as long; see also Tidy. At most
  // `watched_max`; the test fails if there are more.
  template <class T>
  void watch(std::string_view name, const T& thing) {
    if (watched_count_ == watched_max) {
      ADD_FAILURE() << "no place left to watch " << name;
      return;
    }
    watched_[watched_count_++] = {name, &thing, &note<T>};
  }
  static constexpr std::size_t watched_max = 16;

  // It goes: what it has left, unless that was looked at, the test fails for now.
  void unwatch(const void* thing);

  LogPublisher log;  // for what the test makes; Errors that callbacks return come here too
  LoggedErrors<> logged_errors;
  UnhandledFailures unhandled;

  // For TestCase.
  enum class Members { there, gone };
  void look(Members members);

 private:
  template <class T>
  friend class Tidy;

  struct Watch {
    std::string_view name;
    const void* thing = nullptr;
    void (*look)(LeftBehind& left, const Watch& watched) = nullptr;
  };

  template <class T>
  static void note(LeftBehind& left, const Watch& watched) {
    left.note(*static_cast<const T*>(watched.thing), watched.name);
  }

  template <class T>
  static bool has_result(const Chain<T>& chain) {
    return chain && chain.core()->has_result();
  }
  static bool has_result(const DeferredCore& deferred) { return deferred.has_result(); }

  void tell(const LeftBehind& left);
  bool turn_until(InplaceFunction<bool()> done, const TestRunOptions& options, TestPlace place);

  memory::Network& network_;
  MemoryReactorBase& reactor_;
  CoroutinePool& coroutines_;
  Logger reactor_log_;
  std::array<Watch, watched_max> watched_{};
  std::size_t watched_count_ = 0;
  bool looked_ = false;
};

// A T that its test looks at without being asked: pools, frames and clocks of a test's own. One
// that is a member of the fixture is looked at as what the fixture has; a variable of a test's body
// when it goes.
//
//   struct Brewing : bobbin::TestCase<> {
//     bobbin::Tidy<bobbin::Coroutines<2>> brewers{*this, "the brewers"};
//   };
template <class T>
class Tidy final : public T {
 public:
  template <class... Arguments>
  Tidy(TestCaseBase& test, std::string_view name, Arguments&&... arguments)
      : T(std::forward<Arguments>(arguments)...), test_(test) {
    test_.watch(name, static_cast<const T&>(*this));
  }
  ~Tidy() { test_.unwatch(static_cast<const T*>(this)); }

 private:
  TestCaseBase& test_;
};

// Where what a test uses lies: a base class placed before the fixture.
template <TestSizes sizes>
struct TestParts {
  struct TestReactor final : MemoryReactor<sizes.reactor> {
    using MemoryReactor<sizes.reactor>::MemoryReactor;
    using Reactor::shut_down;
  };
  struct TestCoroutines final : Coroutines<sizes.coroutines> {
    using CoroutinePool::shut_down;
  };

  MemoryNetwork<sizes.network> network;
  TestReactor reactor{network};
  TestCoroutines coroutines;
};

// A GoogleTest fixture with a reactor whose time is the test's, after Twisted's TestCase. It has a
// `network`, a `reactor` on it, `coroutines`, and a `log`.
//
// A test fails, and says what it was, if it leaves behind a timer, a posted call, a connection, a
// coroutine, something in what it declared Tidy or asked to `watch`, a failure that nobody handled,
// or an error that was logged; an Error that a callback returned or a coroutine ended with, and
// nobody asked after, is logged, and a Failure that a coroutine ended with is one that nobody
// handled. That is looked at when the test's body and the TearDown of derived fixtures are over and
// their members are still there; for failures and errors once more when those have gone. Nothing is
// flushed and no time passes before. A port that listens is none of this, as its owner ends it. A
// test that failed fatally, or was skipped, is not looked at. A coroutine that takes turns with
// `coroutines` counts wherever it lies: a TaskDeferred too. Of coroutines in pools of the test's
// own that are not watched, only what they wait for is seen.
//
//   struct Greeting : bobbin::TestCase<> {
//     bobbin::TcpServer<Greeter, sizes> server;
//     bobbin::TcpClient<Guest, sizes, Deferred<int>> guest{answer};
//   };
//
//   TEST_F(Greeting, is_answered) {
//     ASSERT_FALSE(reactor.listen_tcp(Address::any(7777), server));
//     ASSERT_FALSE(reactor.connect_tcp(Address::loopback(7777), guest));
//     EXPECT_EQ(success_result_of(run(answer)), 5);
//   }
template <TestSizes sizes = TestSizes{}>
class TestCase : protected TestParts<sizes>, public TestCaseBase {
 protected:
  TestCase() : TestCaseBase(this->network, this->reactor, this->coroutines) {}
  ~TestCase() override {
    this->look(Members::gone);
    // While the log is there that may hear of it.
    this->reactor.shut_down();
  }

  // A derived one calls it last. Coroutines that are left end here, as their frames may be about to
  // go.
  void TearDown() override {
    look(Members::there);
    this->coroutines.shut_down();
  }
};

inline TestCaseBase::TestCaseBase(memory::Network& network, MemoryReactorBase& reactor,
                                  CoroutinePool& coroutines)
    : log(reactor),
      network_(network),
      reactor_(reactor),
      coroutines_(coroutines),
      reactor_log_(log, "reactor") {
  log.add(logged_errors);
  log_errors(reactor, reactor_log_);
  coroutines.on_error([this](const Failure& failure) {
    if (failure.origin().line != 0) return bobbin_unhandled_failure(failure);
    reactor_log_.failure(failure.error(), "a coroutine failed");
  });
}

// Does all that is ready before it lets time pass, so that none passes once there is a result.
inline bool TestCaseBase::turn_until(InplaceFunction<bool()> done, const TestRunOptions& options,
                                     TestPlace place) {
  const Instant end = after(network_.now(), options.limit);
  memory::Standstill standstill(options.turns_at_one_instant);
  while (!done()) {
    const Duration left = end - network_.now();
    if (left <= Duration::zero()) {
      const std::chrono::duration<double> limit = options.limit;
      ADD_FAILURE_AT(place.file, place.line)
          << "no result within the limit, " << limit.count() << " s of virtual time";
      return false;
    }
    reactor_.turn(reactor_.due() > network_.now() ? left : Duration::zero());
    if (standstill.after_turn_at(network_.now())) {
      detail::fail_test(place, reactor_.running() ? "no result: something is always ready"
                                                  : "no result: the reactor has stopped");
      return false;
    }
  }
  return true;
}

// `members` says whether those of derived fixtures are still there.
inline void TestCaseBase::look(Members members) {
  LeftBehind left;
  const bool first = !std::exchange(looked_, true);
  if (first) {
    left.note(static_cast<const Clock&>(reactor_));
    left.note_posted_calls(reactor_);
    left.note(network_);
    left.note(coroutines_);
  }
  for (std::size_t i = 0; i < watched_count_ && members == Members::there; ++i) {
    watched_[i].look(left, watched_[i]);
  }
  left.note(unhandled);
  left.note(logged_errors);
  flush_logged_errors();
  tell(left);
}

inline void TestCaseBase::unwatch(const void* thing) {
  std::size_t i = 0;
  while (i < watched_count_ && watched_[i].thing != thing) ++i;
  if (i == watched_count_) return;
  LeftBehind left;
  watched_[i].look(left, watched_[i]);
  watched_[i] = watched_[--watched_count_];
  if (!looked_) tell(left);
}

inline void TestCaseBase::tell(const LeftBehind& left) {
  if (left.empty() || HasFatalFailure() || IsSkipped()) return;
  const ::testing::TestInfo& test = *::testing::UnitTest::GetInstance()->current_test_info();
  ADD_FAILURE_AT(test.file(), test.line()) << "the test has left behind:\n" << left.text();
}

}  // namespace bobbin
