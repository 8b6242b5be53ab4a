// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Deferreds and coroutines together, and what they are composed with, at the edges.
#include <chrono>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <bobbin/await.hpp>
#include <bobbin/await_deferred.hpp>
#include <bobbin/deferred_list.hpp>
#include <bobbin/deferred_lock.hpp>
#include <bobbin/lru_cache.hpp>
#include <bobbin/stream_tcp.hpp>
#include <bobbin/testing.hpp>

#include "../support/deferred.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using test::Oops;

struct WithinADeferred : TestCase<> {
  template <class Awaited>
  static Task<Outcome<int>> limited(Frame<1024>&, Clock& clock, Duration limit, Awaited& awaited) {
    co_return co_await within(clock, limit, awaited);
  }
  static Task<Outcome<int>> end_limited(Frame<1024>&, Clock& clock, Instant end,
                                        Deferred<int>& deferred) {
    co_return co_await before(clock, end, deferred.add_callback([](int n) { return 2 * n; }));
  }

  Frame<1024> frame;
  Deferred<int> deferred;
};

TEST_F(WithinADeferred, is_its_value_in_time) {
  TaskDeferred<Outcome<int>> result =
      ensure_deferred(coroutines, limited(frame, reactor, 5s, deferred));
  reactor.run_for(4s);
  EXPECT_TRUE(no_result(result));
  deferred.callback(5);
  EXPECT_EQ(success_result_of(result), 5);
}

TEST_F(WithinADeferred, is_its_own_failure_in_time) {
  TaskDeferred<Outcome<int>> result =
      ensure_deferred(coroutines, limited(frame, reactor, 5s, deferred));
  deferred.errback(Oops::oops);
  EXPECT_EQ(failure_result_of(result), Oops::oops);
}

TEST_F(WithinADeferred, is_cancelled_and_timed_out_when_the_time_is_over) {
  bool given_up = false;
  deferred.on_cancel([&given_up] { given_up = true; });
  TaskDeferred<Outcome<int>> result =
      ensure_deferred(coroutines, limited(frame, reactor, 5s, deferred));
  reactor.run_for(6s);
  EXPECT_TRUE(given_up);
  EXPECT_EQ(failure_result_of(result), Errc::timed_out);
}

TEST_F(WithinADeferred, may_be_the_end_of_a_chain_and_limited_by_a_moment) {
  TaskDeferred<Outcome<int>> doubled =
      ensure_deferred(coroutines, end_limited(frame, reactor, after(reactor.now(), 5s), deferred));
  deferred.callback(5);
  EXPECT_EQ(success_result_of(doubled), 10);
  deferred.reset();
  doubled.reset();
  ASSERT_FALSE(
      doubled.start(coroutines, end_limited(frame, reactor, after(reactor.now(), 5s), deferred)));
  reactor.run_for(6s);
  EXPECT_EQ(failure_result_of(doubled), Errc::timed_out);
}

TEST_F(WithinADeferred, without_a_timer_leaves_it_alone) {
  ManualClock<1> clock;
  ASSERT_TRUE(clock.call_later(1h, [] {}));
  TaskDeferred<Outcome<int>> result =
      ensure_deferred(coroutines, limited(frame, clock, 5s, deferred));
  EXPECT_EQ(failure_result_of(result), Errc::no_capacity);
  EXPECT_TRUE(deferred.callback(5));
  EXPECT_EQ(success_result_of(deferred), 5);
}

TEST_F(WithinADeferred, may_be_one_that_a_task_fires) {
  const auto sleeps = [](Frame<1024>&, Clock& clock) -> Task<Error> {
    co_return co_await sleep(clock, 1h);
  };
  const auto waits = [](Frame<1024>&, Clock& clock, TaskDeferred<Error>& task) -> Task<Error> {
    const Outcome<void> outcome = co_await within(clock, 1s, task);
    co_return error_of(outcome);
  };
  Frame<1024> inner;
  TaskDeferred<Error> task = ensure_deferred(coroutines, sleeps(inner, reactor));
  EXPECT_EQ(run(waits(frame, reactor, task)), Errc::timed_out);
}

struct ARaceOfASpan : TestCase<> {};

TEST_F(ARaceOfASpan, is_won_by_the_first_value) {
  Deferred<int> contenders[3];
  FirstSuccess<int, 4> race;
  race.race(std::span<Deferred<int>>(contenders));
  contenders[1].callback(1);
  EXPECT_EQ(success_result_of(race), 1);
  EXPECT_EQ(contenders[0].state(), DeferredCore::State::succeeded) << "its failure is consumed";
}

TEST_F(ARaceOfASpan, of_more_than_there_is_room_for_is_refused_and_leaves_them_alone) {
  Deferred<int> contenders[3];
  FirstSuccess<int, 2> race;
  race.race(std::span<Deferred<int>>(contenders));
  EXPECT_EQ(failure_result_of(race), Errc::no_capacity);
  for (Deferred<int>& contender : contenders) EXPECT_TRUE(no_result(contender));
}

// What is asked again because the one that was asked goes, has an answer.
struct AskingAgain : TestCase<> {
  template <class Ask>
  void asks_again_with(Ask ask) {
    first.add_errback([this, ask](const Failure&) { ask(again); });
  }

  Deferred<void> first;
  Deferred<void> again;
};

TEST_F(AskingAgain, a_lock_that_goes_is_cancelled) {
  std::optional<DeferredLock> lock(std::in_place);
  DeferredLock* const the_lock = &*lock;
  Deferred<void> holder;
  lock->acquire(holder);
  asks_again_with([the_lock](Deferred<void>& asked) { the_lock->acquire(asked); });
  lock->acquire(first);
  lock.reset();
  EXPECT_EQ(failure_result_of(again), Errc::cancelled);
}

TEST_F(AskingAgain, a_cache_that_goes_is_cancelled_whatever_the_key) {
  using Cache = LruCache<int, int, 2>;
  std::optional<Cache> cache;
  cache.emplace([](int, Deferred<int>&) {});
  Cache* const the_cache = &*cache;
  Deferred<int> values[4];
  cache->get(1, values[0]);
  cache->get(2, values[1]);
  values[0].add_errback([&, the_cache](const Failure&) {
    the_cache->get(2, values[2]);
    return 0;
  });
  values[1].add_errback([&, the_cache](const Failure&) {
    the_cache->get(3, values[3]);
    return 0;
  });
  cache.reset();
  EXPECT_EQ(failure_result_of(values[2]), Errc::cancelled);
  EXPECT_EQ(failure_result_of(values[3]), Errc::cancelled);
}

constexpr ConnectionSizes small{.connections = 1, .receive = 64, .send = 64};

struct Silent final : Protocol {
  std::size_t data_received(Bytes data) override { return data.size(); }
};

// The address and the options of a call that is kept are not those of the caller.
struct OpeningLater : TestCase<> {
  using Client = CoroutineClient<small>;

  Task<Error> opens(Frame<2048>&) {
    std::optional<Address> address(Address::loopback(7777));
    auto open = client.open(reactor, *address, stream);
    address.emplace(Address::loopback(1));
    address.reset();
    co_return co_await open;
  }

  Frame<2048> frame;
  TcpServer<Silent, small> server;
  Client client;
  Stream stream;
};

TEST_F(OpeningLater, connects_to_where_it_was_told) {
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(7777), server));
  EXPECT_FALSE(run(opens(frame)));
  EXPECT_TRUE(stream.open());
  stream.abort();
  reactor.run_for(1s);
}

}  // namespace
}  // namespace bobbin
