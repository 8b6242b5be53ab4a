// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <poll.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <deque>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "posix_support.hpp"

namespace bobbin::test {
namespace {

[[maybe_unused]] bool readable(int descriptor) {
  pollfd waited{.fd = descriptor, .events = POLLIN, .revents = 0};
  return poll(&waited, 1, 0) == 1;
}

// poll(2) has no descriptor that another loop could wait for.
#ifndef BOBBIN_POLL
TEST_F(PosixPair, the_reactor_s_descriptor_is_readable_while_a_turn_is_needed) {
  EXPECT_FALSE(readable(reactor_.descriptor()));
  for (const std::string expected : {"a", "ab"}) {
    ASSERT_TRUE(peer_.send(expected.substr(expected.size() - 1)));
    EXPECT_TRUE(readable(reactor_.descriptor()));
    EXPECT_TRUE(readable(reactor_.descriptor()));
    reactor_.turn(milliseconds(0));
    EXPECT_EQ(record_.received, expected);
    EXPECT_FALSE(readable(reactor_.descriptor()));
    EXPECT_EQ(reactor_.next_deadline(), never);
  }
}

TEST_F(PosixPair, the_reactor_s_descriptor_is_not_readable_for_what_a_paused_connection_leaves) {
  record_.transport->pause_producing();
  ASSERT_TRUE(peer_.send("later"));
  EXPECT_TRUE(readable(reactor_.descriptor()));
  reactor_.turn(milliseconds(0));
  EXPECT_FALSE(readable(reactor_.descriptor()));
  EXPECT_EQ(reactor_.next_deadline(), never);
  record_.transport->resume_producing();
  // Nothing new came: it is the reactor itself that wants a turn.
  EXPECT_LE(reactor_.next_deadline(), reactor_.now());
  reactor_.turn(milliseconds(0));
  EXPECT_EQ(record_.received, "later");
}

TEST_F(PosixPair, the_reactor_s_descriptor_is_readable_for_a_posted_call) {
  for (int calls = 0; calls < 3;) {
    const int before = calls;
    std::thread other([&] { EXPECT_TRUE(reactor_.call_from_thread([&] { ++calls; })); });
    other.join();
    EXPECT_TRUE(readable(reactor_.descriptor()));
    reactor_.turn(milliseconds(0));
    EXPECT_EQ(calls, before + 1);
    EXPECT_FALSE(readable(reactor_.descriptor()));
    if (calls == before) break;
  }
}
#endif

TEST_F(PosixPair, an_open_connection_on_which_nothing_happens_does_not_wake_the_reactor) {
  const std::uint32_t before = reactor_.statistics().sleeps;
  ASSERT_TRUE(reactor_.call_later(milliseconds(300), [this] { return reactor_.stop(); }));
  EXPECT_FALSE(reactor_.run());
  EXPECT_EQ(reactor_.statistics().sleeps - before, 1U);
}

TEST(Posix, sleeps_until_a_timer_is_due_and_not_much_longer) {
  TestedReactor<> reactor;
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(reactor.call_later(Duration(1500), [&] { return reactor.stop(); }));
  EXPECT_FALSE(reactor.run());
  const auto slept = std::chrono::steady_clock::now() - start;
  EXPECT_GE(slept, Duration(1500));
  EXPECT_LT(slept, std::chrono::seconds(10));  // a busy machine
  EXPECT_EQ(reactor.statistics().sleeps, 1U);
}

TEST(Posix, a_turn_may_wait_for_all_of_its_time_after_a_long_pause) {
  TestedReactor<> reactor;
  reactor.turn(milliseconds(0));
  std::this_thread::sleep_for(milliseconds(20));
  const auto start = std::chrono::steady_clock::now();
  reactor.turn(milliseconds(10));
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(10));
}

TEST(Posix, a_call_from_another_thread_wakes_the_reactor) {
  TestedReactor<> reactor;
  std::thread other([&] {
    std::this_thread::sleep_for(milliseconds(20));
    EXPECT_TRUE(reactor.call_from_thread([&] { return reactor.stop(); }));
  });
  EXPECT_FALSE(reactor.run());
  other.join();
  EXPECT_LE(reactor.statistics().sleeps, 1U);
}

// On a machine whose seconds have 32 bits, they are not enough for this.
TEST(Posix, sleeps_once_however_far_away_the_next_timer_is) {
  for (const int years : {1, 100, 10'000, 250'000}) {
    TestedReactor<> reactor;
    ASSERT_TRUE(reactor.call_later(std::chrono::years(years), [] {}));
    std::thread other([&] {
      std::this_thread::sleep_for(milliseconds(20));
      EXPECT_TRUE(reactor.call_from_thread([&] { return reactor.stop(); }));
    });
    EXPECT_FALSE(reactor.run());
    other.join();
    EXPECT_LE(reactor.statistics().sleeps, 1U) << years;
  }
}

TEST(Posix, a_burst_of_calls_wakes_the_reactor_once) {
  TestedReactor<> reactor;
  int calls = 0;
  reactor.turn(milliseconds(0));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(reactor.call_from_thread([&] { ++calls; }));
  reactor.turn(milliseconds(0));
  EXPECT_EQ(calls, 10);
  const std::uint32_t before = reactor.statistics().turns;
  ASSERT_TRUE(reactor.call_later(milliseconds(50), [&] { return reactor.stop(); }));
  EXPECT_FALSE(reactor.run());
  EXPECT_LE(reactor.statistics().turns - before, 2U);
}

TEST(Posix, wakes_again_after_having_been_woken) {
  TestedReactor<> reactor;
  int calls = 0;
  for (int i = 1; i <= 3; ++i) {
    std::thread other([&] {
      std::this_thread::sleep_for(milliseconds(5));
      EXPECT_TRUE(reactor.call_from_thread([&] { ++calls; }));
    });
    EXPECT_TRUE(turn_until(reactor, [&] { return calls == i; }));
    other.join();
  }
}

// A thread that posts its calls one after the other, each with its number, and may wait for each to
// be run. It ends when all are posted, or when nobody wants them any more.
class Poster {
 public:
  enum class Pace : std::uint8_t { at_once, one_by_one };

  Poster(Reactor& reactor, int calls, Pace pace, Callback at_end)
      : reactor_(reactor), calls_(calls), pace_(pace), at_end_(at_end), thread_([this] {
          post();
        }) {}
  ~Poster() {
    unwanted_ = true;
    thread_.join();
  }

 private:
  void post() {
    for (int number = 0; number < calls_ && !unwanted_;) {
      if (reactor_.call_from_thread([this, number] { called(number); })) ++number;
      const int needed = pace_ == Pace::one_by_one ? number : 0;
      do {
        std::this_thread::yield();
      } while (next_ < needed && !unwanted_);
    }
  }

  void called(int number) {
    EXPECT_EQ(next_, number);
    if (++next_ == calls_) static_cast<void>(at_end_());
  }

  Reactor& reactor_;
  const int calls_;
  const Pace pace_;
  Callback at_end_;
  std::atomic<int> next_{0};  // written by the reactor's thread
  std::atomic<bool> unwanted_{false};
  std::thread thread_;
};

// Posters are as fast as they can be; the reactor carries traffic meanwhile.
TEST_F(PosixPair, calls_from_several_threads_come_each_once_and_in_order_while_bytes_flow) {
  int left = 3;
  std::deque<Poster> posters;
  for (int i = left; i > 0; --i) {
    posters.emplace_back(reactor_, 500, Poster::Pace::at_once, [&left] { --left; });
  }
  std::string sent;
  while (left > 0) {
    if (record_.received == sent && sent.size() < 1000) {
      sent += 'x';
      ASSERT_TRUE(peer_.send("x"));
    }
    reactor_.turn(milliseconds(10));
  }
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.received == sent; }));
  EXPECT_GT(sent.size(), 1U);
}

// The reactor has nothing to wake for but the calls: were one wake lost, it would sleep for good.
TEST(Posix, each_of_many_calls_wakes_the_reactor_whatever_other_threads_post) {
  TestedReactor<> reactor;
  int left = 3;
  std::deque<Poster> posters;
  for (int i = left; i > 0; --i) {
    posters.emplace_back(reactor, 1000, Poster::Pace::one_by_one,
                         [&] { return --left == 0 ? reactor.stop() : Error(); });
  }
  EXPECT_FALSE(reactor.run());
  EXPECT_EQ(left, 0);
}

TEST(Posix, reactors_in_several_threads_share_a_port) {
  constexpr std::uint32_t clients = 200;
  std::uint16_t port = 0;
  std::atomic<std::uint32_t> served{0};
  std::atomic<bool> over{false};
  std::vector<std::uint32_t> parts(2, 0);
  std::vector<std::thread> threads;
  TestedReactor<> first;
  TcpServer<Echo, small> holds_the_port;
  ASSERT_FALSE(first.listen_tcp(Address::loopback(0), holds_the_port, {.share_port = true}));
  port = holds_the_port.host().port();
  for (std::uint32_t& part : parts) {
    threads.emplace_back([&] {
      TestedReactor<> reactor;
      TcpServer<Echo, small> server;
      ASSERT_FALSE(reactor.listen_tcp(Address::loopback(port), server, {.share_port = true}));
      served += 1;  // ready
      while (!over) {
        reactor.turn(milliseconds(5));
        part = reactor.statistics().connections_opened;
      }
    });
  }
  while (served < parts.size()) std::this_thread::yield();
  holds_the_port.stop_listening();
  for (std::uint32_t i = 0; i < clients; ++i) {
    RawSocket client;
    ASSERT_TRUE(client.connect(port));
    ASSERT_TRUE(client.send("x"));
    char byte = 0;
    EXPECT_EQ(recv(client.number(), &byte, 1, 0), 1);
  }
  over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(parts[0] + parts[1], clients);
  EXPECT_GT(parts[0], 0U);
  EXPECT_GT(parts[1], 0U);
}

#ifdef BOBBIN_CHECK_CONTEXT

TEST(Posix, belongs_to_nobody_and_then_to_the_thread_that_runs_it) {
  TestedReactor<> reactor;
  const auto in_another_thread = [](auto call) { std::thread(call).join(); };
  in_another_thread([&] { EXPECT_TRUE(reactor.in_own_context()); });
  reactor.turn(Duration::zero());
  EXPECT_TRUE(reactor.in_own_context());
  in_another_thread([&] { EXPECT_FALSE(reactor.in_own_context()); });
}

TEST_F(PosixPair, a_call_from_another_thread_is_an_assertion_where_it_is_checked) {
  struct Silent final : PullProducer {
    void resume_producing() override {}
    void stop_producing() override {}
  } producer;
  Transport& transport = *record_.transport;
  DelayedCall later = *reactor_.call_later(std::chrono::hours(1), [] {});
  const auto dies = [](auto call) {
    EXPECT_DEATH(std::thread(call).join(), "in_own_context") << "nothing was checked";
  };
  dies([&] { std::ignore = transport.write(bytes_of("x")); });
  dies([&] { std::ignore = transport.write_all(bytes_of("x")); });
  dies([&] { std::ignore = transport.write_control(bytes_of("x")); });
  dies([&] { std::ignore = transport.reserve(); });
  dies([&] { std::ignore = transport.room(); });
  dies([&] { std::ignore = transport.unsent(); });
  dies([&] { std::ignore = transport.reading(); });
  dies([&] { std::ignore = transport.connected(); });
  dies([&] { std::ignore = transport.disconnecting(); });
  dies([&] { std::ignore = transport.host(); });
  dies([&] { std::ignore = transport.peer(); });
  dies([&] { transport.commit(0); });
  dies([&] { transport.lose_connection(); });
  dies([&] { transport.lose_write_connection(); });
  dies([&] { transport.abort_connection(); });
  dies([&] { transport.pause_producing(); });
  dies([&] { transport.resume_producing(); });
  dies([&] { std::ignore = transport.register_producer(producer); });
  dies([&] { transport.unregister_producer(); });
  dies([&] { transport.dismiss_producer(); });
  dies([&] { std::ignore = later.active(); });
  dies([&] { std::ignore = later.time(); });
  dies([&] { later.cancel(); });
  dies([&] { later.reset(milliseconds(1)); });
  dies([&] { later.delay(milliseconds(1)); });
  dies([&] { server_.stop_listening(); });
  dies([&] { std::ignore = reactor_.listen_tcp(Address::loopback(0), server_); });
  dies([&] { std::ignore = reactor_.stop(); });
  dies([&] { std::ignore = reactor_.run(); });
  dies([&] { reactor_.turn(Duration::zero()); });
  dies([&] { std::ignore = reactor_.next_deadline(); });
  dies([&] { std::ignore = reactor_.statistics(); });
  dies([&] { std::ignore = reactor_.call_later(milliseconds(1), [] {}); });
  dies([&] { std::ignore = reactor_.call_when_running([] {}); });
  dies([&] { std::ignore = reactor_.stop_on_signals(); });
  std::thread([&] { EXPECT_TRUE(reactor_.call_from_thread([] {})); }).join();
  later.cancel();
}

#endif

TEST(Posix, runs_in_a_thread_and_is_destroyed_in_another_with_a_connection_open) {
  Record record;
  TcpServer<Recorder, small, Record> server{record};
  RawSocket peer;
  {
    TestedReactor<> reactor;
    ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
    ASSERT_TRUE(peer.connect(server.host().port()));
    std::thread([&] { EXPECT_TRUE(turn_until(reactor, [&] { return record.made == 1; })); }).join();
  }
  EXPECT_EQ(record.lost, 1);
  EXPECT_EQ(record.reason, Errc::connection_aborted);
}

TEST(Posix, may_lose_its_server_in_another_thread_than_turned_it) {
  TestedReactor<> reactor;
  Record record;
  TcpServer<Recorder, small, Record> server{record};
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
  std::thread([&] { reactor.turn(milliseconds(0)); }).join();
}

TEST(Posix, may_lose_its_calls_in_another_thread_than_ran_it) {
  TestedReactor<> reactor;
  LoopingCall loop(reactor, [] {});
  std::thread([&] {
    EXPECT_FALSE(loop.start(milliseconds(1)));
    ASSERT_TRUE(reactor.call_later(milliseconds(5), [&] { return reactor.stop(); }));
    EXPECT_FALSE(reactor.run());
  }).join();
}

TEST(Posix, cannot_be_run_from_what_it_calls_while_it_stops) {
  TestedReactor<> reactor;
  Error error;
  ASSERT_FALSE(reactor.add_system_event_trigger(SystemEvent::shutdown, Phase::during,
                                                [&] { error = reactor.run(); }));
  ASSERT_FALSE(reactor.call_when_running([&] { return reactor.stop(); }));
  EXPECT_FALSE(reactor.run());
  EXPECT_EQ(error, Errc::already_running);
}

bool blocked(int signal) {
  sigset_t mask;
  pthread_sigmask(SIG_BLOCK, nullptr, &mask);
  return sigismember(&mask, signal) == 1;
}

TEST(Posix, a_signal_stops_the_reactor_and_the_next_one_is_not_caught) {
  TestedReactor<> reactor;
  bool blocked_while_stopping = true;
  ASSERT_FALSE(reactor.add_system_event_trigger(SystemEvent::shutdown, Phase::before, [&] {
    blocked_while_stopping = blocked(SIGTERM) || blocked(SIGINT);
  }));
  ASSERT_FALSE(reactor.stop_on_signals());
  EXPECT_EQ(reactor.stop_on_signals(), Errc::already_registered);
  EXPECT_TRUE(blocked(SIGTERM));
  ASSERT_FALSE(reactor.call_when_running([] { raise(SIGTERM); }));
  EXPECT_FALSE(reactor.run());
  EXPECT_FALSE(blocked_while_stopping);
}

TEST(Posix, signals_are_let_go_with_the_reactor) {
  {
    TestedReactor<> reactor;
    ASSERT_FALSE(reactor.stop_on_signals());
    raise(SIGINT);  // stays pending, and must not kill us below
  }
  EXPECT_FALSE(blocked(SIGINT));
  EXPECT_FALSE(blocked(SIGTERM));
}

}  // namespace
}  // namespace bobbin::test
