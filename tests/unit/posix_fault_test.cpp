// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "posix_support.hpp"
#include "stream_support.hpp"
#include "system_calls.hpp"

namespace bobbin::test {
namespace {

using system_calls::Call;
using system_calls::fail_next;
using system_calls::failures_left;

// No descriptor more than there are now.
class NoMoreDescriptors {
 public:
  NoMoreDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int lowest_free = dup(0);
    close(lowest_free);
    rlimit none = before_;
    none.rlim_cur = static_cast<rlim_t>(lowest_free);
    setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoMoreDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(Posix, without_descriptors_a_reactor_says_so_and_what_it_is_asked_fails) {
  rlimit limits{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limits), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = limits.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  TestedReactor<> reactor;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limits), 0);
  TcpServer<Echo, small> server;
  Record record;
  Client client(record);
  DescriptorPair none_yet(0, 1);
  EXPECT_EQ(reactor.status(), Errc::no_capacity);
  EXPECT_EQ(reactor.listen_tcp(Address::loopback(0), server), Errc::no_capacity);
  EXPECT_EQ(reactor.listen_unix(Address::unix_unnamed(), server), Errc::no_capacity);
  EXPECT_EQ(reactor.connect_unix(Address::unix_unnamed(), client), Errc::no_capacity);
  EXPECT_EQ(reactor.adopt_port(0, server), Errc::no_capacity);
  EXPECT_EQ(reactor.adopt_connection(0, client), Errc::no_capacity);
  EXPECT_EQ(reactor.open_stream(none_yet, client), Errc::no_capacity);
}

TEST(Posix, accepting_goes_on_when_there_are_descriptors_again) {
  TestedReactor<> reactor;
  TcpServer<Echo, small> server;
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
  RawSocket client;
  ASSERT_TRUE(client.connect(server.host().port()));
  {
    const NoMoreDescriptors limited;
    reactor.turn(milliseconds(10));
    reactor.turn(milliseconds(0));
  }
  EXPECT_EQ(reactor.statistics().accept_errors, 1U);
  EXPECT_TRUE(turn_until(reactor, [&] { return reactor.statistics().connections_opened == 1; }));
}

TEST(Posix, without_descriptors_nothing_spins_and_who_is_there_is_served) {
  TestedReactor<> reactor;
  TcpServer<Echo, small> server;
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
  RawSocket served;
  RawSocket waiting;
  ASSERT_TRUE(served.connect(server.host().port()));
  ASSERT_TRUE(turn_until(reactor, [&] { return reactor.statistics().connections_opened == 1; }));
  ASSERT_TRUE(waiting.connect(server.host().port()));
  const NoMoreDescriptors limited;
  const std::uint32_t before = reactor.statistics().turns;
  const auto start = std::chrono::steady_clock::now();
  while (reactor.statistics().accept_errors < 3) reactor.turn(std::chrono::seconds(10));
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(200));
  EXPECT_LE(reactor.statistics().turns - before, 10U);
  ASSERT_TRUE(served.send("still here"));
  std::string received;
  bool ended = false;
  EXPECT_TRUE(turn_until(reactor, [&] {
    received += served.receive_all(ended);
    return received == "still here";
  }));
}

TEST(Posix, a_connection_that_ends_makes_room_for_one_that_found_no_descriptor) {
  TestedReactor<> reactor;
  TcpServer<Echo, small> server;
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
  RawSocket first;
  RawSocket second;
  ASSERT_TRUE(first.connect(server.host().port()));
  ASSERT_TRUE(turn_until(reactor, [&] { return reactor.statistics().connections_opened == 1; }));
  ASSERT_TRUE(second.connect(server.host().port()));
  const NoMoreDescriptors limited;
  ASSERT_TRUE(turn_until(reactor, [&] { return reactor.statistics().accept_errors > 0; }));
  shutdown(first.number(), SHUT_WR);
  EXPECT_TRUE(turn_until(reactor, [&] { return reactor.statistics().connections_opened == 2; }));
}

// Of the whole machine, and of the kernel's memory: not to be brought about in a test.
TEST(Posix, what_else_accept_is_short_of_is_tried_again_later) {
  for (const int error : {ENFILE, ENOBUFS, ENOMEM}) {
    TestedReactor<> reactor;
    TcpServer<Echo, small> server;
    ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
    RawSocket client;
    ASSERT_TRUE(client.connect(server.host().port()));
    fail_next(Call::accept, error, 2);
    EXPECT_TRUE(turn_until(reactor, [&] { return reactor.statistics().connections_opened == 1; }));
    EXPECT_EQ(failures_left(Call::accept), 0);
    EXPECT_EQ(reactor.statistics().accept_errors, 2U);
    EXPECT_LE(reactor.statistics().turns, 20U * 3);
  }
}

TEST(Posix, who_went_away_before_being_accepted_does_not_hold_up_the_next) {
  TestedReactor<> reactor;
  TcpServer<Echo, small> server;
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
  RawSocket client;
  ASSERT_TRUE(client.connect(server.host().port()));
  fail_next(Call::accept, ECONNABORTED, 3);
  EXPECT_TRUE(turn_until(reactor, [&] { return reactor.statistics().connections_opened == 1; }));
  EXPECT_EQ(reactor.statistics().accept_errors, 0U);
}

TEST_F(PosixPair, what_the_system_had_no_memory_for_is_sent_again) {
  for (const int error : {ENOBUFS, ENOMEM}) {
    fail_next(Call::send, error, 20);
    EXPECT_EQ(record_.transport->write(bytes_of("patience")), 8U);
    const std::uint32_t before = reactor_.statistics().turns;
    std::string received;
    bool ended = false;
    EXPECT_TRUE(turn_until(reactor_, [&] {
      received += peer_.receive_all(ended);
      return received == "patience";
    }));
    EXPECT_EQ(failures_left(Call::send), 0);
    EXPECT_GE(reactor_.statistics().turns - before, 5U);  // a few attempts in each
  }
}

TEST_F(PosixPair, a_reactor_that_finds_no_memory_to_send_stops_all_the_same) {
  fail_next(Call::send, ENOBUFS, std::numeric_limits<int>::max());
  EXPECT_EQ(record_.transport->write(bytes_of("never sent")), 10U);
  record_.transport->lose_connection();
  ASSERT_TRUE(reactor_.call_later(milliseconds(5), [this] { return reactor_.stop(); }));
  EXPECT_FALSE(reactor_.run());
  fail_next(Call::send, ENOBUFS, 0);
  EXPECT_EQ(record_.lost, 1);
  EXPECT_EQ(record_.reason, Errc::connection_aborted);
}

TEST_F(PosixPair, one_that_waits_for_memory_to_send_may_be_aborted) {
  fail_next(Call::send, ENOBUFS, std::numeric_limits<int>::max());
  EXPECT_EQ(record_.transport->write(bytes_of("never sent")), 10U);
  reactor_.turn(milliseconds(0));
  record_.transport->abort_connection();
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  fail_next(Call::send, ENOBUFS, 0);
  EXPECT_EQ(record_.reason, Errc::connection_aborted);
}

TEST(Posix, what_lies_at_the_ring_s_edge_is_sent_again_too) {
  constexpr ConnectionSizes large{.connections = 1, .receive = 512, .send = 200'000};
  TestedReactor<> reactor;
  Record record;
  TcpServer<Recorder, large, Record> server{record};
  RawSocket peer;
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
  ASSERT_TRUE(peer.connect(server.host().port()));
  ASSERT_TRUE(turn_until(reactor, [&] { return record.made == 1; }));
  std::string expected;
  std::string received;
  bool ended = false;
  // What a full socket left in the ring makes a write wrap around, which takes sendmsg.
  fail_next(Call::sendmsg, ENOBUFS, 5);
  EXPECT_TRUE(turn_until(reactor, [&] {
    const std::string piece(70'000, static_cast<char>('a' + expected.size() % 26));
    const std::size_t taken = record.transport->write(bytes_of(piece));
    expected += piece.substr(0, taken);
    if (taken == 0) received += peer.receive_all(ended);
    reactor.turn(milliseconds(0));
    return failures_left(Call::sendmsg) == 0;
  }));
  EXPECT_TRUE(turn_until(reactor, [&] {
    received += peer.receive_all(ended);
    return received.size() == expected.size();
  }));
  EXPECT_TRUE(received == expected);
}

// Every call that a connection makes, one of three times, on each kind of connection.
class Interrupted : public testing::Test {
 protected:
  Interrupted() { system_calls::interrupt_one_of = 3; }
  ~Interrupted() override { system_calls::interrupt_one_of = 0; }

  // An echo of more than the rings hold.
  void exchange(Reactor& reactor, Record& record) {
    ASSERT_TRUE(turn_until(reactor, [&] { return record.made == 1; }));
    std::string sent;
    EXPECT_TRUE(turn_until(reactor, [&] {
      const std::string piece(300, static_cast<char>('a' + sent.size() % 26));
      if (sent.size() < 20'000) {
        sent += piece.substr(0, record.transport->write(bytes_of(piece)));
      }
      return sent.size() >= 20'000 && record.received.size() == sent.size();
    }));
    EXPECT_EQ(record.received, sent);
    record.transport->lose_connection();
    EXPECT_TRUE(turn_until(reactor, [&] { return record.lost == 1; }));
    EXPECT_EQ(record.reason, Errc::connection_done);
  }

  TestedReactor<> reactor_;
  Record record_;
  TcpServer<Echo, small> server_;
  Client client_{record_};
};

TEST_F(Interrupted, tcp_loses_nothing) {
  ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), server_));
  ASSERT_FALSE(reactor_.connect_tcp(server_.host(), client_));
  exchange(reactor_, record_);
}

TEST_F(Interrupted, unix_domain_sockets_lose_nothing) {
  ASSERT_FALSE(reactor_.listen_unix(Address::unix_unnamed(), server_));
  ASSERT_FALSE(reactor_.connect_unix(server_.host(), client_));
  exchange(reactor_, record_);
}

TEST_F(Interrupted, pipes_lose_nothing) {
  Pipe there;
  Pipe back;
  DescriptorPair far(there.read_end(), back.write_end());
  DescriptorPair near(back.read_end(), there.write_end());
  StreamClient<Echo, single> echo;
  Client client(record_);
  ASSERT_FALSE(reactor_.open_stream(far, echo));
  ASSERT_FALSE(reactor_.open_stream(near, client));
  exchange(reactor_, record_);
}

TEST_F(Interrupted, a_wake_up_is_not_lost) {
  for (int calls = 0; calls < 20;) {
    const int before = calls;
    std::thread([&] { EXPECT_TRUE(reactor_.call_from_thread([&] { ++calls; })); }).join();
    ASSERT_TRUE(turn_until(reactor_, [&] { return calls == before + 1; }));
  }
}

// Real ones, which nothing restarts, as often as the machine manages.
TEST_F(PosixPair, signals_that_interrupt_every_wait_do_not_disturb) {
  struct sigaction before {};
  struct sigaction interrupting {};
  interrupting.sa_handler = [](int) {};
  sigaction(SIGUSR1, &interrupting, &before);
  const pthread_t self = pthread_self();
  std::atomic<bool> over = false;
  std::thread interrupter([&] {
    while (!over) {
      pthread_kill(self, SIGUSR1);
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  });
  bool called = false;
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(bool(reactor_.call_later(milliseconds(50), [&] { called = true; })));
  std::string sent;
  EXPECT_TRUE(turn_until(reactor_, [&] {
    if (record_.received == sent && sent.size() < 200) {
      sent += 'x';
      EXPECT_TRUE(peer_.send("x"));
    }
    return called && sent.size() == 200 && record_.received == sent;
  }));
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(50));
  over = true;
  interrupter.join();
  sigaction(SIGUSR1, &before, nullptr);
}

// As often as would fill any stack, were each attempt made from inside the one before.
TEST_F(PosixPair, a_call_that_is_interrupted_again_and_again_takes_no_more_memory) {
  constexpr int times = 1'000'000;
  ASSERT_TRUE(peer_.send("still here"));
  fail_next(Call::recv, EINTR, times);
  fail_next(Call::send, EINTR, times);
  EXPECT_EQ(record_.transport->write(bytes_of("patience")), 8U);
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.received == "still here"; }));
  EXPECT_EQ(failures_left(Call::send), 0);
  EXPECT_EQ(failures_left(Call::recv), 0);
}

class WithoutSignal : public testing::Test {
 protected:
  WithoutSignal() {
    struct sigaction deadly {};
    deadly.sa_handler = SIG_DFL;
    sigaction(SIGPIPE, &deadly, &before_);
  }
  ~WithoutSignal() override { sigaction(SIGPIPE, &before_, nullptr); }

  // Writes on and on to a peer that is gone.
  void write_until_lost(Reactor& reactor, Record& record) {
    const std::string piece(700, 'x');
    EXPECT_TRUE(turn_until(reactor, [&] {
      if (record.transport != nullptr) record.transport->write(bytes_of(piece));
      return record.lost == 1;
    }));
    EXPECT_EQ(record.reason, Errc::connection_lost);
  }

 private:
  struct sigaction before_ {};
};

TEST_F(WithoutSignal, a_tcp_peer_that_is_gone_is_a_loss) {
  TestedReactor<> reactor;
  Record record;
  TcpServer<Recorder, small, Record> server(record);
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
  {
    RawSocket peer;
    ASSERT_TRUE(peer.connect(server.host().port()));
    ASSERT_TRUE(turn_until(reactor, [&] { return record.made == 1; }));
    record.transport->pause_producing();
  }
  write_until_lost(reactor, record);
}

TEST_F(WithoutSignal, a_unix_domain_peer_that_is_gone_is_a_loss) {
  TestedReactor<> reactor;
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  Record record;
  Client client(record);
  ASSERT_FALSE(reactor.adopt_connection(ends[0], client));
  ASSERT_TRUE(turn_until(reactor, [&] { return record.made == 1; }));
  record.transport->pause_producing();
  ::close(ends[1]);
  write_until_lost(reactor, record);
}

// From now on nothing that comes for the socket gets through to it: to the other end it has
// vanished.
void vanish(int socket) {
  sock_filter drop_all[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
  const sock_fprog filter{.len = 1, .filter = drop_all};
  ASSERT_EQ(setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter), 0);
}

TEST_F(PosixPair, a_peer_that_vanished_is_found_by_keep_alive) {
  const int ours = socket_to(peer_.port());
  const int soon_s = 1;
  setsockopt(ours, IPPROTO_TCP, TCP_KEEPIDLE, &soon_s, sizeof soon_s);
  setsockopt(ours, IPPROTO_TCP, TCP_KEEPINTVL, &soon_s, sizeof soon_s);
  setsockopt(ours, IPPROTO_TCP, TCP_KEEPCNT, &soon_s, sizeof soon_s);
  vanish(peer_.number());
  EXPECT_TRUE(turn_until(
      reactor_, [&] { return record_.lost == 1; }, std::chrono::seconds(30)));
  EXPECT_EQ(record_.reason, Errc::timed_out);
  EXPECT_EQ(record_.reason.native, ETIMEDOUT);
}

TEST_F(PosixPair, a_peer_that_vanished_is_found_by_a_deadline_of_the_program_s_own) {
  vanish(peer_.number());
  record_.transport->write(bytes_of("are you there?"));
  ASSERT_TRUE(bool(reactor_.call_later(milliseconds(50), [this] {
    if (record_.received.empty()) record_.transport->abort_connection();
  })));
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  EXPECT_EQ(record_.reason, Errc::connection_aborted);
  EXPECT_EQ(server_.connections().use().in_use, 0U);
}

class LongSleep : public testing::Test {
 protected:
  ~LongSleep() override { system_calls::seconds_slept = 0; }

  // What a machine that was suspended may see of it.
  static void sleep(long seconds) { system_calls::seconds_slept += seconds; }
};

TEST_F(LongSleep, makes_every_timer_due_once_in_order_and_within_the_budget) {
  constexpr std::uint32_t timers = 50;
  TestedReactor<ReactorSizes{.timers = timers}> reactor;
  reactor.budget().timers = 8;
  std::vector<std::uint32_t> fired;
  for (std::uint32_t i = 0; i < timers; ++i) {
    // Neither in the order of time, nor all at times of their own.
    const std::uint32_t place = i * 7 % timers;
    const Duration delay = std::chrono::minutes(1 + place / 2);
    ASSERT_TRUE(bool(reactor.call_later(delay, [&fired, place] { fired.push_back(place / 2); })));
  }
  reactor.turn(milliseconds(0));
  EXPECT_TRUE(fired.empty());
  sleep(3600);
  for (std::uint32_t turns = 1; fired.size() < timers; ++turns) {
    reactor.turn(milliseconds(0));
    ASSERT_EQ(fired.size(), std::min(timers, turns * 8));
  }
  EXPECT_TRUE(std::is_sorted(fired.begin(), fired.end()));
  reactor.turn(milliseconds(0));
  EXPECT_EQ(fired.size(), timers);
  EXPECT_EQ(reactor.timer_use().in_use, 0U);
}

TEST_F(LongSleep, calls_a_loop_once_and_not_for_each_time_missed) {
  TestedReactor<> reactor;
  int calls = 0;
  LoopingCall loop(reactor, [&] { ++calls; });
  ASSERT_FALSE(loop.start(std::chrono::seconds(60)));
  reactor.turn(milliseconds(0));
  const int before = calls;
  sleep(3600);
  for (int i = 0; i < 5; ++i) reactor.turn(milliseconds(0));
  EXPECT_EQ(calls, before + 1);
  loop.stop();
}

TEST_F(LongSleep, does_not_cut_short_what_is_asked_for_afterwards) {
  TestedReactor<> reactor;
  reactor.turn(milliseconds(0));
  sleep(3600);
  bool called = false;
  ASSERT_TRUE(bool(reactor.call_later(std::chrono::minutes(1), [&] { called = true; })));
  for (int i = 0; i < 3; ++i) reactor.turn(milliseconds(0));
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace bobbin::test
