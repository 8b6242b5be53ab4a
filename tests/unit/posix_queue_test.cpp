// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <thread>

#include <bobbin/await.hpp>
#include <bobbin/coroutines.hpp>
#include <bobbin/queue.hpp>

#include "posix_support.hpp"

// What threads say to coroutines.

namespace bobbin::test {
namespace {

using namespace std::chrono_literals;

constexpr int speaker_count = 2;
constexpr int values = 500;

struct Said {
  int thread;
  int number;
};
using Sayings = Queue<Said, 16>;

// Each thread's numbers come in order, and none is missing.
Task<Error> listens(Frame<256>&, Sayings& sayings, std::array<int, speaker_count>& heard) {
  for (int left = speaker_count * values; left > 0; --left) {
    const Result<Said> said = co_await sayings.get();
    if (!said) co_return said.error();
    int& next = heard[static_cast<std::size_t>(said->thread)];
    EXPECT_EQ(said->number, next);
    ++next;
  }
  co_return Error();
}

TEST(PosixQueue, threads_give_values_to_a_coroutine_and_none_is_lost) {
  TestedReactor<> reactor;
  Sayings sayings;
  std::array<int, speaker_count> heard{};
  Frame<256> frame;
  Coroutines<1> coroutines;
  ASSERT_TRUE(coroutines.spawn(listens(frame, sayings, heard), [&](Error error) {
    EXPECT_FALSE(error);
    return reactor.stop();
  }));
  const auto speak = [&](int thread) {
    for (int number = 0; number < values; ++number) {
      while (!sayings.put_from_thread(reactor, {thread, number})) std::this_thread::yield();
    }
  };
  std::array<std::thread, speaker_count> speakers;
  ASSERT_FALSE(reactor.call_when_running([&] {
    for (int i = 0; i < speaker_count; ++i) {
      speakers[static_cast<std::size_t>(i)] = std::thread(speak, i);
    }
  }));
  EXPECT_FALSE(reactor.run());
  for (std::thread& speaker : speakers) speaker.join();
  EXPECT_EQ(heard, (std::array<int, speaker_count>{values, values}));
}

TEST(PosixQueue, waiting_for_a_thread_can_be_limited) {
  TestedReactor<> reactor;
  Sayings sayings;
  Frame<256> frame;
  Coroutines<1> coroutines;
  const auto waits = [&](Frame<256>&) -> Task<Error> {
    const Result<Said> said = co_await within(reactor, 1ms, sayings.get());
    co_return said.error();
  };
  Error outcome;
  ASSERT_TRUE(coroutines.spawn(waits(frame), [&](Error error) {
    outcome = error;
    return reactor.stop();
  }));
  EXPECT_FALSE(reactor.run());
  EXPECT_EQ(outcome, Errc::timed_out);
}

}  // namespace
}  // namespace bobbin::test
