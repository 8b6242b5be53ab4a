// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// lwIP with a thread of its own, and the reactor in it.

#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <bobbin/lwip/tcpip_host.hpp>

#include <lwip/tcpip.h>

#include "contract/parties.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;

// The test is in a thread of its own, with lwIP's core locked but in `run_until`.
class LwipTcpip : public testing::Test {
 protected:
  using TcpipReactor = LwipReactor<>;

  // What an earlier test left on its way arrives.
  LwipTcpip() { run_for(1ms); }

  template <class Done>
  bool run_until(Done done, Duration limit = 1h) {
    const Instant end = after(clock_.now(), limit);
    while (!done() && clock_.now() < end) test::CoreLocked::let_another(end - clock_.now());
    return done();
  }
  void run_for(Duration length) {
    run_until([] { return false; }, length);
  }

  // At once, as lwIP's own timers make days long.
  void pass(Duration length) {
    test::VirtualTime::only().advance(static_cast<std::uint64_t>(length.count()));
    run_for(1ms);
  }

  void drive() {
    ASSERT_FALSE(host_->drive(*reactor_));
    run_for(1ms);
  }

  std::uint32_t turns() const { return reactor_->statistics().turns; }

  // All of lwIP's that are free.
  static std::vector<tcpip_callback_msg*> take_messages() {
    std::vector<tcpip_callback_msg*> taken;
    while (tcpip_callback_msg* const message = tcpip_callbackmsg_new(nothing, nullptr))
      taken.push_back(message);
    return taken;
  }
  static void give_back(const std::vector<tcpip_callback_msg*>& messages) {
    for (tcpip_callback_msg* const message : messages) tcpip_callbackmsg_delete(message);
  }
  static std::size_t free_messages() {
    const std::vector<tcpip_callback_msg*> taken = take_messages();
    give_back(taken);
    return taken.size();
  }

  static void nothing(void*) {}

  test::CoreLocked locked_;
  LwipMilliseconds clock_;
  std::optional<LwipTcpipHost> host_{std::in_place};
  std::optional<TcpipReactor> reactor_{std::in_place, *host_};
};

TEST_F(LwipTcpip, takes_no_turn_before_it_is_driven_and_none_from_inside_drive) {
  run_for(1h);
  EXPECT_EQ(turns(), 0U);
  ASSERT_FALSE(host_->drive(*reactor_));
  EXPECT_EQ(turns(), 0U);
  run_for(1ms);
  EXPECT_EQ(turns(), 1U);
}

// lwIP's clock is looked at once a day, lest its 32 bits wrap unseen.
TEST_F(LwipTcpip, takes_one_turn_a_day_while_nothing_happens) {
  drive();
  const std::uint32_t before = turns();
  pass(23h);
  EXPECT_EQ(turns() - before, 0U);
  for (int day = 0; day < 9; ++day) pass(24h);
  EXPECT_EQ(turns() - before, 9U);
}

TEST_F(LwipTcpip, keeps_time_when_the_milliseconds_of_lwip_wrap) {
  drive();
  constexpr Duration length = 24h * 50 + 5min;
  Instant called{};
  const Instant start = host_->now();
  ASSERT_TRUE(reactor_->call_later(length, [&] { called = reactor_->now(); }));
  host_->attend();
  for (int day = 0; day < 50; ++day) pass(24h);
  EXPECT_EQ(called, Instant{});
  ASSERT_TRUE(run_until([&] { return called != Instant{}; }));
  EXPECT_EQ(called - start, length);
}

TEST_F(LwipTcpip, does_what_is_due_to_the_millisecond_in_its_order_and_in_one_turn_each) {
  drive();
  std::vector<Duration> called;
  const Instant start = host_->now();
  const auto call_after = [&](Duration length) {
    ASSERT_TRUE(reactor_->call_later(length, [&] { called.push_back(reactor_->now() - start); }));
    host_->attend();
  };
  call_after(70ms);
  call_after(1234567us);
  call_after(2ms);
  const std::uint32_t before = turns();
  ASSERT_TRUE(run_until([&] { return called.size() == 3; }));
  EXPECT_EQ(called, (std::vector<Duration>{2ms, 70ms, 1235ms}));
  // The first for `attend`.
  EXPECT_EQ(turns() - before, 1U + 3U);
}

TEST_F(LwipTcpip, forgets_the_time_of_a_call_that_was_cancelled) {
  drive();
  const Result<DelayedCall> call = reactor_->call_later(1h, [] {});
  ASSERT_TRUE(call);
  host_->attend();
  run_for(1ms);
  // It has to notice: a turn that something else makes will do.
  DelayedCall(*call).cancel();
  host_->wake();
  run_for(1ms);
  const std::uint32_t before = turns();
  pass(2h);
  EXPECT_EQ(turns(), before);
}

TEST_F(LwipTcpip, attends_only_to_what_is_new) {
  drive();
  ASSERT_TRUE(reactor_->call_later(1h, [] {}));
  host_->attend();
  run_for(1ms);
  const std::uint32_t before = turns();
  for (int i = 0; i < 100; ++i) {
    host_->attend();
    run_for(1ms);
  }
  // Later than what it knows of.
  ASSERT_TRUE(reactor_->call_later(2h, [] {}));
  host_->attend();
  run_for(1ms);
  EXPECT_EQ(turns(), before);
}

TEST_F(LwipTcpip, makes_one_turn_of_many_wakes) {
  drive();
  const std::uint32_t before = turns();
  // More than the box has places.
  for (int i = 0; i < 2 * TCPIP_MBOX_SIZE; ++i) host_->wake();
  run_for(1ms);
  EXPECT_EQ(turns() - before, 1U);
}

err_t drop_frame(pbuf* frame, netif*) {
  pbuf_free(frame);
  return ERR_OK;
}

bool send_a_frame_to_lwip() {
  pbuf* const frame = pbuf_alloc(PBUF_RAW, 1, PBUF_POOL);
  if (frame != nullptr && tcpip_inpkt(frame, netif_list, drop_frame) == ERR_OK) return true;
  if (frame != nullptr) pbuf_free(frame);
  return false;
}

TEST_F(LwipTcpip, is_woken_however_full_the_box_of_lwip_is) {
  drive();
  int messages = 0;
  while (tcpip_try_callback(nothing, nullptr) == ERR_OK) ++messages;
  while (send_a_frame_to_lwip()) ++messages;
  EXPECT_EQ(messages, TCPIP_MBOX_SIZE - 1);
  bool called = false;
  EXPECT_TRUE(reactor_->call_from_thread([&] { called = true; }));
  EXPECT_TRUE(run_until([&] { return called; }, 1ms));
}

TEST_F(LwipTcpip, takes_no_turn_after_it_has_stopped) {
  drive();
  bool late = false;
  ASSERT_TRUE(reactor_->call_later(2s, [&] { late = true; }));
  ASSERT_TRUE(reactor_->call_later(1s, [&] { EXPECT_FALSE(reactor_->stop()); }));
  host_->attend();
  run_for(1s + 1ms);
  EXPECT_FALSE(reactor_->running());
  const std::uint32_t before = turns();
  host_->wake();
  host_->attend();
  EXPECT_TRUE(reactor_->call_from_thread([&] { late = true; }));
  pass(48h);
  EXPECT_EQ(turns(), before);
  EXPECT_FALSE(late);
  EXPECT_EQ(host_->drive(*reactor_), Errc::not_running);
}

TEST_F(LwipTcpip, stops_when_it_is_told_from_outside) {
  drive();
  EXPECT_FALSE(reactor_->stop());
  host_->attend();
  EXPECT_TRUE(run_until([&] { return !reactor_->running(); }, 1ms));
}

TEST_F(LwipTcpip, drives_one_reactor_after_the_other) {
  drive();
  TcpipReactor other(*host_);
  EXPECT_EQ(host_->drive(other), Errc::already_registered);
  EXPECT_FALSE(host_->drive(*reactor_)) << "it does that already";
  // With a timer of lwIP's set and a message on its way.
  ASSERT_TRUE(reactor_->call_later(1s, [] { FAIL(); }));
  host_->attend();
  run_for(1ms);
  host_->wake();
  reactor_.reset();
  ASSERT_FALSE(host_->drive(other));
  bool called = false;
  ASSERT_TRUE(other.call_later(2s, [&] { called = true; }));
  EXPECT_TRUE(run_until([&] { return called; }, 3s));
}

TEST_F(LwipTcpip, gives_its_message_back_also_if_that_is_on_its_way) {
  const std::size_t free = free_messages();
  drive();
  EXPECT_EQ(free_messages(), free - 1);
  for (const bool on_its_way : {false, true}) {
    if (on_its_way) host_->wake();
    reactor_.reset();
    host_.reset();
    run_for(1ms);
    EXPECT_EQ(free_messages(), free);
    host_.emplace();
    reactor_.emplace(*host_);
    drive();
  }
}

TEST_F(LwipTcpip, cannot_drive_while_lwip_has_no_message_left) {
  std::vector<tcpip_callback_msg*> taken = take_messages();
  EXPECT_EQ(host_->drive(*reactor_), Errc::no_capacity);
  host_->attend();
  run_for(1s);
  EXPECT_EQ(turns(), 0U);
  tcpip_callbackmsg_delete(taken.back());
  taken.pop_back();
  drive();
  EXPECT_EQ(turns(), 1U);
  give_back(taken);
}

TEST_F(LwipTcpip, runs_what_was_posted_before_it_was_driven) {
  bool called = false;
  EXPECT_TRUE(reactor_->call_from_thread([&] { called = true; }));
  run_for(1s);
  EXPECT_FALSE(called);
  drive();
  EXPECT_TRUE(called);
}

// As firmware does that has no other thread: all of it in what tcpip_callback() calls.
struct InLwipsThread {
  explicit InLwipsThread(bool& was_called) : called(was_called) {
    EXPECT_FALSE(host.drive(reactor));
    EXPECT_TRUE(reactor.call_later(5ms, [this] { called = true; }));
  }

  LwipTcpipHost host;
  LwipReactor<> reactor{host};
  bool& called;
};

TEST_F(LwipTcpip, lives_and_ends_in_the_thread_of_lwip) {
  struct Life {
    bool called = false;
    std::optional<InLwipsThread> all;
  } life;
  // In case it wakes up, the timer is one.
  reactor_.reset();
  tcpip_callback(
      [](void* what) {
        auto& its = *static_cast<Life*>(what);
        its.all.emplace(its.called);
      },
      &life);
  EXPECT_TRUE(run_until([&] { return life.called; }));
  life.all->host.wake();
  tcpip_callback([](void* what) { static_cast<Life*>(what)->all.reset(); }, &life);
  EXPECT_TRUE(run_until([&] { return !life.all.has_value(); }, 1ms));
}

#if !defined(__SANITIZE_THREAD__)
TEST_F(LwipTcpip, does_not_run_elsewhere_as_lwip_would_stop) {
  EXPECT_DEATH(static_cast<void>(reactor_->run()), "lwip_would_stop");
}
#endif

using contract::Party;

class LwipTcpipPair : public contract::Pair<> {};

void note_thread(void* id) { *static_cast<std::thread::id*>(id) = std::this_thread::get_id(); }

TEST_F(LwipTcpipPair, calls_everybody_in_the_thread_of_lwip) {
  std::thread::id lwips;
  tcpip_callback(note_thread, &lwips);
  settle();
  EXPECT_NE(lwips, std::this_thread::get_id());
  int calls = 0;
  const auto expect_there = [&] {
    ++calls;
    EXPECT_EQ(std::this_thread::get_id(), lwips);
  };
  for (contract::Side* side : {&server_side_, &client_side_}) {
    side->on_made = [&](Party&) { expect_there(); };
    side->on_end = [&](Party& party) {
      expect_there();
      party.transport().lose_connection();
    };
    side->on_lost = [&](Party&, Error) { expect_there(); };
  }
  server_side_.on_data = [&](Party& party, Bytes data) {
    expect_there();
    party.transport().lose_connection();
    return data.size();
  };
  connect();
  ASSERT_TRUE(world_.reactor().call_later(1ms, expect_there));
  ASSERT_TRUE(world_.reactor().call_from_thread(expect_there));
  client().write("x");
  ASSERT_TRUE(run_until_both_lost());
  settle();
  // Made, data, end, lost; a timer's call and a posted one.
  EXPECT_EQ(calls, 2 + 1 + 1 + 2 + 1 + 1);
}

TEST_F(LwipTcpipPair, takes_no_turn_for_the_timers_of_lwip) {
  connect();
  settle();
  const std::uint32_t before = world_.reactor().statistics().turns;
  world_.run_for(1h);
  EXPECT_EQ(world_.reactor().statistics().turns, before);
}

TEST_F(LwipTcpipPair, takes_a_turn_for_what_lwip_marks) {
  connect();
  settle();
  const std::uint32_t before = world_.reactor().statistics().turns;
  const std::uint64_t start = test::VirtualTime::only().now_us();
  server().write("x");
  ASSERT_TRUE(run_until([&] { return client_side_.received == "x"; }));
  EXPECT_EQ(test::VirtualTime::only().now_us(), start);
  // What was written leaves, and arrives.
  EXPECT_EQ(world_.reactor().statistics().turns - before, 2U);
}

}  // namespace
}  // namespace bobbin
