// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Threads beside the reactor: a port's pool, and one that a program makes of what it has. A
// program has the worlds of one port, see CMakeLists.txt.

#include BOBBIN_THREADS

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include <gtest/gtest.h>
#include <bobbin/bobbin.hpp>

namespace bobbin {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t worker_count = test::worker_count;
constexpr std::size_t job_count = test::job_count;

// Jobs that wait at a gate until the test opens it.
template <class Semaphore>
struct Gate {
  Semaphore came;
  Semaphore open;

  void pass() {
    came.release();
    open.acquire();
  }
};

template <class World>
class Threads : public testing::Test {
 protected:
  using Thread = typename World::Thread;

  Threads() { EXPECT_FALSE(pool_.start(reactor_)); }

  template <class F>
  void run_until(F condition) {
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), end);
      reactor_.turn(1ms);
    }
  }

  // All workers have begun a job each, and stay there.
  void occupy_all() {
    for (Deferred<void>& job : held_) {
      ASSERT_FALSE(defer_to_thread(pool_, job, [this] { gate_.pass(); }));
    }
    for (std::size_t i = 0; i < worker_count; ++i) gate_.came.acquire();
  }

  World world_;
  typename World::Reactor& reactor_ = world_.reactor;
  Gate<typename World::Semaphore> gate_;
  Deferred<void> held_[worker_count];
  typename World::Pool pool_;
};

TYPED_TEST_SUITE(Threads, test::ThreadWorlds);

TYPED_TEST(Threads, run_a_job_elsewhere_and_its_result_here) {
  const std::thread::id here = std::this_thread::get_id();
  std::thread::id there = here;
  std::thread::id delivered;
  Deferred<int> result;
  int got = 0;
  ASSERT_FALSE(defer_to_thread(this->pool_, result, [&there] {
    there = std::this_thread::get_id();
    return 42;
  }));
  result.add_callback([&](int value) {
    got = value;
    delivered = std::this_thread::get_id();
  });
  EXPECT_EQ(got, 0);
  this->run_until([&] { return got != 0; });
  EXPECT_EQ(got, 42);
  EXPECT_NE(there, here);
  EXPECT_EQ(delivered, here);
  EXPECT_EQ(this->pool_.use().in_use, 0U);
}

enum class Mistake { of_a_job };
[[maybe_unused]] std::string_view describe(Mistake) { return "mistake of a job"; }

TYPED_TEST(Threads, deliver_failures_of_every_kind) {
  int failures = 0;
  Deferred<int> one;
  Deferred<int> two;
  Deferred<void> three;
  ASSERT_FALSE(defer_to_thread(this->pool_, one, [] { return Failure(Mistake::of_a_job); }));
  ASSERT_FALSE(defer_to_thread(this->pool_, two, []() -> Result<int> { return Errc::timed_out; }));
  ASSERT_FALSE(defer_to_thread(this->pool_, three, []() -> Error {
    return {Errc::system_error, 5};
  }));
  Deferred<int> four;
  const std::uint32_t line = __LINE__ + 1;
  ASSERT_FALSE(defer_to_thread(this->pool_, four, [] { return Mistake::of_a_job; }));
  four.add_errback([&](Failure failure) { failures += failure.origin().line == line; });
  one.add_errback([&](Failure failure) { failures += failure.check(Mistake::of_a_job); });
  two.add_errback([&](Failure failure) { failures += failure.check(Errc::timed_out); });
  three.add_errback([&](Failure failure) { failures += failure.error().native == 5; });
  this->run_until([&] { return this->pool_.use().in_use == 0; });
  EXPECT_EQ(failures, 4);
}

TYPED_TEST(Threads, refuse_the_job_too_many_at_once) {
  this->occupy_all();
  Deferred<int> waiting;
  Deferred<int> refused;
  ASSERT_FALSE(defer_to_thread(this->pool_, waiting, [] { return 1; }));
  EXPECT_EQ(defer_to_thread(this->pool_, refused, [] { return 2; }), Errc::no_capacity);
  EXPECT_FALSE(refused.called());
  EXPECT_EQ(this->pool_.use().in_use, job_count);
  EXPECT_EQ(this->pool_.use().refused, 1U);
  this->gate_.open.release(worker_count);
  this->run_until([&] { return this->pool_.use().in_use == 0; });
  EXPECT_TRUE(waiting.called());
  ASSERT_FALSE(defer_to_thread(this->pool_, refused, [] { return 2; }));
  this->run_until([&] { return refused.called(); });
}

TYPED_TEST(Threads, take_a_job_back_that_has_not_begun) {
  this->occupy_all();
  std::atomic<int> ran = 0;
  Deferred<int> waiting;
  ASSERT_FALSE(defer_to_thread(this->pool_, waiting, [&ran] { return ++ran; }));
  bool cancelled = false;
  waiting.add_errback([&](Failure failure) {
    cancelled = failure.check(Errc::cancelled);
    return 0;
  });
  waiting.cancel();
  EXPECT_TRUE(cancelled);
  EXPECT_EQ(this->pool_.use().in_use, worker_count);
  // Its place is free although no worker has been by, again and again.
  for (int i = 0; i < 100; ++i) {
    Deferred<int> dropped;
    ASSERT_FALSE(defer_to_thread(this->pool_, dropped, [&ran] { return ++ran; }));
  }
  this->gate_.open.release(worker_count);
  this->run_until([&] { return this->pool_.use().in_use == 0; });
  EXPECT_EQ(ran, 0);
}

TYPED_TEST(Threads, drop_the_result_of_a_job_whose_deferred_is_cancelled_or_gone) {
  std::optional<Deferred<int>> gone(std::in_place);
  Deferred<int> cancelled;
  int failures = 0;
  ASSERT_FALSE(defer_to_thread(this->pool_, *gone, [this] { return this->gate_.pass(), 1; }));
  ASSERT_FALSE(defer_to_thread(this->pool_, cancelled, [this] { return this->gate_.pass(), 2; }));
  cancelled.add_callbacks([](int) { ADD_FAILURE(); },
                          [&](Failure failure) { failures += failure.check(Errc::cancelled); });
  this->gate_.came.acquire();
  this->gate_.came.acquire();
  cancelled.cancel();
  gone.reset();
  EXPECT_EQ(failures, 1);
  EXPECT_EQ(this->pool_.use().in_use, 2U);  // they still run
  this->gate_.open.release(2);
  this->run_until([&] { return this->pool_.use().in_use == 0; });
  EXPECT_EQ(failures, 1);
}

TYPED_TEST(Threads, lose_no_result_when_the_queue_of_posted_calls_is_full) {
  int noise = 0;
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(this->reactor_.call_from_thread([&] { ++noise; }));
  ASSERT_FALSE(this->reactor_.call_from_thread([] {}));
  Deferred<int> results[job_count];
  std::atomic<int> ran = 0;
  int sum = 0;
  for (Deferred<int>& result : results) {
    ASSERT_FALSE(defer_to_thread(this->pool_, result, [&ran] { return ++ran; }));
    result.add_callback([&](int value) { sum += value; });
  }
  while (ran < static_cast<int>(job_count)) std::this_thread::yield();
  this->run_until([&] { return this->pool_.use().in_use == 0; });
  EXPECT_EQ(sum, 10);
  EXPECT_EQ(noise, 4);
}

TYPED_TEST(Threads, wake_a_reactor_that_sleeps) {
  Deferred<void> job;
  ASSERT_FALSE(defer_to_thread(this->pool_, job, [this] { this->gate_.pass(); }));
  job.add_callback([this] { return this->reactor_.stop(); });
  typename TestFixture::Thread later([this] {
    this->gate_.came.acquire();
    std::this_thread::sleep_for(20ms);
    this->gate_.open.release();
  });
  ASSERT_TRUE(this->reactor_.call_later(60s, [this] {
    ADD_FAILURE() << "nobody woke it";
    return this->reactor_.stop();
  }));
  EXPECT_FALSE(this->reactor_.run());
  EXPECT_LE(this->reactor_.statistics().turns, 4U);
  later.join();
}

TYPED_TEST(Threads, end_what_runs_and_take_back_what_waits_when_stopped) {
  this->occupy_all();
  int done = 0;
  for (Deferred<void>& job : this->held_) job.add_callback([&] { ++done; });
  Deferred<int> waiting;
  bool cancelled = false;
  ASSERT_FALSE(defer_to_thread(this->pool_, waiting, [] { return ADD_FAILURE(), 0; }));
  waiting.add_errback([&](Failure failure) {
    cancelled = failure.check(Errc::cancelled);
    Deferred<void> more;
    EXPECT_EQ(defer_to_thread(this->pool_, more, [] {}), Errc::not_running);
    // Not before: a worker with nothing to do would take the job that waits.
    this->gate_.open.release(worker_count);
    return 0;
  });
  this->pool_.stop();
  EXPECT_EQ(done, 3);
  EXPECT_TRUE(cancelled);
  EXPECT_FALSE(this->pool_.running());
  EXPECT_EQ(this->pool_.use().in_use, 0U);
  // And once more.
  ASSERT_FALSE(this->pool_.start(this->reactor_));
  EXPECT_EQ(this->pool_.start(this->reactor_), Errc::already_running);
  Deferred<int> again;
  ASSERT_FALSE(defer_to_thread(this->pool_, again, [] { return 1; }));
  this->run_until([&] { return again.called(); });
}

TYPED_TEST(Threads, stop_from_inside_the_delivery_of_a_result) {
  Deferred<int> results[2];
  int delivered = 0;
  for (Deferred<int>& result : results) {
    ASSERT_FALSE(defer_to_thread(this->pool_, result, [] { return 1; }));
    result.add_callback([&](int) {
      ++delivered;
      this->pool_.stop();
    });
  }
  this->run_until([&] { return !this->pool_.running(); });
  EXPECT_EQ(delivered + (results[1].called() && delivered == 1 ? 1 : 0), 2);
  EXPECT_EQ(this->pool_.use().in_use, 0U);
}

TYPED_TEST(Threads, end_with_the_reactor) {
  Deferred<int> result;
  int got = 0;
  ASSERT_FALSE(defer_to_thread(this->pool_, result, [this] { return this->gate_.pass(), 7; }));
  result.add_callback([&](int value) { got = value; });
  ASSERT_TRUE(this->reactor_.call_from_thread([this] {
    this->gate_.came.acquire();
    this->gate_.open.release();
    return this->reactor_.stop();
  }));
  EXPECT_FALSE(this->reactor_.run());
  EXPECT_EQ(got, 7);
  EXPECT_EQ(this->pool_.start(this->reactor_), Errc::not_running);
}

TYPED_TEST(Threads, lose_none_of_many_jobs_that_are_given_and_taken_back) {
  constexpr int rounds = 1000;
  Deferred<int> results[job_count];
  std::atomic<int> ran = 0;
  int delivered = 0;
  int cancelled = 0;
  unsigned chance = 1;
  for (int round = 0; round < rounds; ++round) {
    for (Deferred<int>& result : results) {
      result.reset();
      ASSERT_FALSE(defer_to_thread(this->pool_, result, [&ran] { return ++ran; }));
      result.add_callbacks([&](int) { ++delivered; }, [&](Failure) { ++cancelled; });
    }
    for (Deferred<int>& result : results) {
      chance = chance * 1103515245 + 12345;
      if (chance % 65536 < 20000) result.cancel();
    }
    this->run_until([&] { return this->pool_.use().in_use == 0; });
  }
  EXPECT_EQ(delivered + cancelled, rounds * static_cast<int>(job_count));
  EXPECT_LE(delivered, ran);
}

Task<Error> ask_twice(Frame<512>&, ThreadPool& pool, int& sum) {
  Deferred<int> answer;
  if (Error error = defer_to_thread(pool, answer, [] { return 20; })) co_return error;
  const Outcome<int> first = co_await answer;
  Deferred<int> other;
  if (Error error = defer_to_thread(pool, other, [] { return 22; })) co_return error;
  const Outcome<int> second = co_await other;
  sum = *first + *second;
  co_return Error();
}

TYPED_TEST(Threads, are_awaited_by_coroutines) {
  Frame<512> frame;
  Coroutines<1> coroutines;
  int sum = 0;
  ASSERT_TRUE(coroutines.spawn(ask_twice(frame, this->pool_, sum), [](Error) {}));
  this->run_until([&] { return sum != 0; });
  EXPECT_EQ(sum, 42);
}

}  // namespace
}  // namespace bobbin
