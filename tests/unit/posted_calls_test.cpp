// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posted_calls.hpp>

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/private_member.hpp"

namespace bobbin {

namespace {

using Posted = PostedCalls::Posted;

struct Head : test::Member<Head, std::uint32_t PostedCalls::*> {};
struct Tail : test::Member<Tail, std::atomic<std::uint32_t> PostedCalls::*> {};

}  // namespace

template struct test::Open<Head, &PostedCalls::head_>;
template struct test::Open<Tail, &PostedCalls::tail_>;

namespace {

template <std::size_t capacity = 4>
struct QueueOf {
  std::array<PostedCalls::Place, capacity> places;
  PostedCalls queue{places};
  std::string ran;

  Posted post(char name) {
    return queue.post([this, name] { ran += name; });
  }

  // One round of the taker; what ran, in order.
  std::string run() {
    ran.clear();
    queue.begin();
    Callback callback;
    while (queue.take(callback)) static_cast<void>(callback());
    return ran;
  }
};

TEST(PostedCalls, are_none_at_first) {
  QueueOf<> of;
  EXPECT_TRUE(of.queue.empty());
  EXPECT_EQ(of.run(), "");
}

TEST(PostedCalls, run_in_the_order_in_which_they_were_posted) {
  QueueOf<> of;
  for (const char name : std::string("abcd")) EXPECT_NE(of.post(name), Posted::full);
  EXPECT_FALSE(of.queue.empty());
  EXPECT_EQ(of.run(), "abcd");
  EXPECT_TRUE(of.queue.empty());
}

TEST(PostedCalls, run_once) {
  QueueOf<> of;
  of.post('a');
  EXPECT_EQ(of.run(), "a");
  EXPECT_EQ(of.run(), "");
}

TEST(PostedCalls, are_refused_when_every_place_is_taken) {
  QueueOf<2> of;
  of.post('a');
  of.post('b');
  EXPECT_EQ(of.post('c'), Posted::full);
  EXPECT_EQ(of.run(), "ab");
}

TEST(PostedCalls, are_taken_again_once_one_was_run) {
  QueueOf<2> of;
  of.post('a');
  of.post('b');
  of.post('c');
  Callback callback;
  ASSERT_TRUE(of.queue.take(callback));
  EXPECT_NE(of.post('d'), Posted::full);
  EXPECT_EQ(of.post('e'), Posted::full);
  EXPECT_EQ(of.run(), "bd");
}

TEST(PostedCalls, wake_the_taker_once_for_a_burst) {
  QueueOf<> of;
  EXPECT_EQ(of.post('a'), Posted::wake);
  EXPECT_EQ(of.post('b'), Posted::queued);
  EXPECT_EQ(of.post('c'), Posted::queued);
}

TEST(PostedCalls, wake_the_taker_anew_after_it_looked) {
  QueueOf<> of;
  EXPECT_EQ(of.post('a'), Posted::wake);
  of.run();
  EXPECT_EQ(of.post('b'), Posted::wake);
  EXPECT_EQ(of.post('c'), Posted::queued);
}

TEST(PostedCalls, do_not_wake_the_taker_when_they_are_refused) {
  QueueOf<1> of;
  EXPECT_EQ(of.post('a'), Posted::wake);
  of.queue.begin();
  EXPECT_EQ(of.post('b'), Posted::full);
  EXPECT_EQ(of.run(), "a");
  EXPECT_EQ(of.post('c'), Posted::wake);
}

TEST(PostedCalls, wake_the_taker_anew_when_posted_during_a_round) {
  QueueOf<> of;
  Posted posted = Posted::full;
  of.queue.post([&of, &posted] { posted = of.post('b'); });
  EXPECT_EQ(of.run(), "b");
  EXPECT_EQ(posted, Posted::wake);
}

TEST(PostedCalls, find_their_own_place_free_while_they_run) {
  QueueOf<1> of;
  Posted posted = Posted::full;
  of.queue.post([&of, &posted] { posted = of.post('b'); });
  EXPECT_EQ(of.run(), "b");
  EXPECT_NE(posted, Posted::full);
}

TEST(PostedCalls, count_their_use) {
  QueueOf<4> of;
  for (const char name : std::string("abc")) of.post(name);
  EXPECT_EQ(of.queue.use().capacity, 4U);
  EXPECT_EQ(of.queue.use().in_use, 3U);
  of.run();
  EXPECT_EQ(of.queue.use().in_use, 0U);
  EXPECT_EQ(of.queue.use().high_water, 3U);
  EXPECT_EQ(of.queue.use().refused, 0U);
  for (const char name : std::string("abcdef")) of.post(name);
  EXPECT_EQ(of.queue.use().in_use, 4U);
  EXPECT_EQ(of.queue.use().refused, 2U);
}

TEST(PostedCalls, keep_their_order_over_many_rounds_of_the_ring) {
  QueueOf<4> of;
  for (int i = 0; i < 100; ++i) {
    const std::string names = std::string("abc").substr(0, static_cast<std::size_t>(i % 4));
    for (const char name : names) EXPECT_NE(of.post(name), Posted::full);
    EXPECT_EQ(of.run(), names);
  }
}

TEST(PostedCalls, keep_their_order_when_the_tickets_wrap) {
  QueueOf<4> of;
  of.queue.*Head::member = 0xffff'fffe;
  of.queue.*Tail::member = 0xffff'fffe;
  for (int i = 0; i < 3; ++i) {
    for (const char name : std::string("abcd")) EXPECT_NE(of.post(name), Posted::full);
    EXPECT_EQ(of.post('e'), Posted::full);
    EXPECT_EQ(of.run(), "abcd");
  }
}

// Posters in threads of their own and a taker that sleeps until it is woken, as a reactor does.
class PostingThreads {
 public:
  static constexpr int posters = 4;
  static constexpr int calls_each = 20'000;

  void run() {
    std::vector<std::thread> threads;
    for (int poster = 0; poster < posters; ++poster) {
      threads.emplace_back([this, poster] { post_all(poster); });
    }
    while (taken_ < posters * calls_each) {
      woken_.wait(0);
      woken_.store(0);
      take_round();
    }
    for (std::thread& thread : threads) thread.join();
  }

  int taken() const { return taken_; }
  int out_of_order() const { return out_of_order_; }
  const std::array<int, posters>& next() const { return next_; }
  PoolUse use() const { return queue_.use(); }
  std::uint32_t refused() const { return refused_.load(); }

 private:
  void post_all(int poster) {
    for (int number = 0; number < calls_each; ++number) {
      while (!post(poster, number)) std::this_thread::yield();
    }
  }

  bool post(int poster, int number) {
    const Posted posted = queue_.post([this, poster, number] { called(poster, number); });
    if (posted == Posted::full) refused_.fetch_add(1);
    if (posted == Posted::wake) {
      woken_.store(1);
      woken_.notify_one();
    }
    return posted != Posted::full;
  }

  void take_round() {
    queue_.begin();
    Callback callback;
    while (queue_.take(callback)) static_cast<void>(callback());
  }

  void called(int poster, int number) {
    int& next = next_[static_cast<std::size_t>(poster)];
    if (number != next) ++out_of_order_;
    next = number + 1;
    ++taken_;
  }

  std::array<PostedCalls::Place, 16> places_;
  PostedCalls queue_{places_};
  std::array<int, posters> next_{};
  int taken_ = 0;
  int out_of_order_ = 0;
  std::atomic<int> woken_{0};
  std::atomic<std::uint32_t> refused_{0};
};

TEST(PostedCalls, of_many_threads_are_all_run_each_thread_s_in_their_order) {
  PostingThreads threads;
  threads.run();
  EXPECT_EQ(threads.taken(), PostingThreads::posters * PostingThreads::calls_each);
  EXPECT_EQ(threads.out_of_order(), 0);
  for (const int next : threads.next()) EXPECT_EQ(next, PostingThreads::calls_each);
  EXPECT_EQ(threads.use().in_use, 0U);
  EXPECT_LE(threads.use().high_water, 16U);
  EXPECT_EQ(threads.use().refused, threads.refused());
}

#ifndef BOBBIN_NO_ASSERTIONS
TEST(PostedCallsDeathTest, need_a_number_of_places_that_is_a_power_of_two) {
  std::array<PostedCalls::Place, 3> places;
  EXPECT_DEATH(PostedCalls{places}, "");
}
#endif

}  // namespace
}  // namespace bobbin
