// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posted_calls.hpp>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/bobbin.hpp>
#include <bobbin/memory.hpp>
#include <bobbin/posix.hpp>

namespace bobbin {
namespace {

using namespace std::chrono_literals;

class StandingCalls : public testing::Test {
 protected:
  MemoryNetwork<> network_;
  MemoryReactor<ReactorSizes{.posted_calls = 2}> reactor_{network_};
};

TEST_F(StandingCalls, run_once_however_often_they_are_posted) {
  int runs = 0;
  StandingCall call([&] { ++runs; });
  for (int i = 0; i < 10; ++i) reactor_.call_from_thread(call);
  reactor_.turn(0s);
  EXPECT_EQ(runs, 1);
  reactor_.turn(0s);
  EXPECT_EQ(runs, 1);
  reactor_.call_from_thread(call);
  reactor_.turn(0s);
  EXPECT_EQ(runs, 2);
}

TEST_F(StandingCalls, have_a_place_where_other_calls_have_none) {
  while (reactor_.call_from_thread([] {})) {
  }
  int runs = 0;
  StandingCall call([&] { ++runs; });
  reactor_.call_from_thread(call);
  reactor_.turn(0s);
  EXPECT_EQ(runs, 1);
}

TEST_F(StandingCalls, that_post_themselves_run_in_the_next_turn) {
  int runs = 0;
  StandingCall* itself = nullptr;
  StandingCall call([&] {
    if (++runs < 3) reactor_.call_from_thread(*itself);
  });
  itself = &call;
  reactor_.call_from_thread(call);
  for (int turn = 1; turn <= 3; ++turn) {
    EXPECT_EQ(reactor_.next_deadline(), reactor_.now());
    reactor_.turn(0s);
    EXPECT_EQ(runs, turn);
  }
  EXPECT_NE(reactor_.next_deadline(), reactor_.now());
}

TEST_F(StandingCalls, are_taken_back) {
  int runs = 0;
  std::optional<StandingCall> calls[3];
  for (auto& call : calls) call.emplace([&] { ++runs; });
  for (auto& call : calls) reactor_.call_from_thread(*call);
  reactor_.take_back(*calls[1]);
  calls[1].reset();
  reactor_.turn(0s);
  EXPECT_EQ(runs, 2);
  reactor_.take_back(*calls[0]);  // not posted
  reactor_.turn(0s);
  EXPECT_EQ(runs, 2);
}

TEST_F(StandingCalls, are_taken_back_from_inside_another) {
  int runs = 0;
  std::optional<StandingCall> calls[2];
  const auto run = [&](int other) {
    ++runs;
    reactor_.take_back(*calls[other]);
    calls[other].reset();
  };
  calls[0].emplace([&] { run(1); });
  calls[1].emplace([&] { run(0); });
  for (auto& call : calls) reactor_.call_from_thread(*call);
  reactor_.turn(0s);
  EXPECT_EQ(runs, 1);
}

TEST_F(StandingCalls, report_errors_as_others_do) {
  Error reported;
  reactor_.on_error([&](Error error, CallSource) { reported = error; });
  StandingCall call([] { return Error(Errc::timed_out); });
  reactor_.call_from_thread(call);
  reactor_.turn(0s);
  EXPECT_EQ(reported, Errc::timed_out);
}

// What each thread has done before it posts is seen by a run after it.
TEST(StandingCallsOfThreads, miss_nothing) {
  constexpr int posts = 20000;
  EpollReactor<> reactor;
  std::atomic<int> done = 0;
  int seen = 0;
  StandingCall call([&] {
    seen = done.load(std::memory_order_relaxed);
    if (seen == 3 * posts) static_cast<void>(reactor.stop());
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < posts; ++n) {
        done.fetch_add(1, std::memory_order_relaxed);
        reactor.call_from_thread(call);
      }
    });
  }
  ASSERT_TRUE(reactor.call_later(60s, [&] {
    ADD_FAILURE() << "a call was missed";
    return reactor.stop();
  }));
  EXPECT_FALSE(reactor.run());
  EXPECT_EQ(seen, 3 * posts);
  for (std::thread& thread : threads) thread.join();
  reactor.take_back(call);
}

}  // namespace
}  // namespace bobbin
