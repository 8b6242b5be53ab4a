// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix.hpp>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <limits>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/bobbin.hpp>

struct epoll_event;

// These take the C library's place for the whole test program, to count, and to bring about on
// demand what else happens by chance.
namespace {
std::atomic<bool> connects_to_itself = false;
std::atomic<int> epoll_ctl_calls = 0;
std::atomic<int> sends_without_memory = 0;
}  // namespace
extern "C" int epoll_ctl(int epoll, int operation, int descriptor, epoll_event* event) noexcept {
  ++epoll_ctl_calls;
  return static_cast<int>(syscall(SYS_epoll_ctl, epoll, operation, descriptor, event));
}
extern "C" ssize_t send(int socket, const void* bytes, size_t count, int flags) {
  if (sends_without_memory > 0) {
    --sends_without_memory;
    errno = ENOBUFS;
    return -1;
  }
  return syscall(SYS_sendto, socket, bytes, count, flags, nullptr, 0);
}

extern "C" int connect(int socket, const sockaddr* to, socklen_t length) {
  if (connects_to_itself) static_cast<void>(bind(socket, to, length));
  return static_cast<int>(syscall(SYS_connect, socket, to, length));
}

extern "C" void bobbin_assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: %s\n", file, line, condition);
  std::abort();
}

namespace bobbin {
namespace {

using std::chrono::milliseconds;

#ifdef BOBBIN_POLL
template <ReactorSizes sizes = ReactorSizes{}>
using TestedReactor = PollReactor<sizes, 4096>;
#else
template <ReactorSizes sizes = ReactorSizes{}>
using TestedReactor = EpollReactor<sizes>;
#endif

constexpr ConnectionSizes small{.connections = 8, .receive = 512, .send = 1024};
constexpr ConnectionSizes single{.connections = 1, .receive = 512, .send = 1024};

struct Echo final : Protocol {
  std::size_t data_received(Bytes data) override { return transport().write(data); }
};

// What happens to the one connection of a test.
struct Record {
  std::string received;
  Transport* transport = nullptr;
  int made = 0;
  int lost = 0;
  int failed = 0;
  Error reason;
};

class Recorder final : public Protocol {
 public:
  explicit Recorder(Record& record) : record_(record) {}
  void connection_made() override {
    ++record_.made;
    record_.transport = &transport();
  }
  std::size_t data_received(Bytes data) override {
    record_.received += text_of(data);
    return data.size();
  }
  void connection_lost(Error reason) override {
    ++record_.lost;
    record_.reason = reason;
    record_.transport = nullptr;
  }

 private:
  Record& record_;
};

class Client final : public TcpClient<Recorder, single, Record> {
 public:
  explicit Client(Record& record) : TcpClient(record), record_(record) {}
  void client_connection_failed(Error reason) override {
    ++record_.failed;
    record_.reason = reason;
  }

 private:
  Record& record_;
};

// A blocking socket of the test's own, at 127.0.0.1, that gives up after two seconds.
class RawSocket {
 public:
  RawSocket() : number_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit{.tv_sec = 2, .tv_usec = 0};
    setsockopt(number_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;
  ~RawSocket() { ::close(number_); }

  int number() const { return number_; }

  bool connect(std::uint16_t port) { return call(::connect, port); }
  bool bind(std::uint16_t port) { return call(::bind, port); }
  bool send(const std::string& text) {
    const ssize_t sent = ::send(number_, text.data(), text.size(), MSG_NOSIGNAL);
    return sent == static_cast<ssize_t>(text.size());
  }
  // What is there now, and whether the end or an error was met.
  std::string receive_all(bool& ended) {
    std::string all;
    char bytes[4096];
    ssize_t count = 0;
    while ((count = recv(number_, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
      all.append(bytes, static_cast<std::size_t>(count));
    }
    ended = count == 0 || errno != EAGAIN;
    return all;
  }
  void reset_on_close() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(number_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  std::uint16_t port() const {
    sockaddr_in name{};
    socklen_t length = sizeof name;
    getsockname(number_, reinterpret_cast<sockaddr*>(&name), &length);
    return ntohs(name.sin_port);
  }

 private:
  template <class F>
  bool call(F function, std::uint16_t port) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return function(number_, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0;
  }

  int number_;
};

template <class F>
bool turn_until(Reactor& reactor, F condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    reactor.turn(milliseconds(10));
  }
  return true;
}

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

// The descriptor whose peer, on this machine, has this port; negative when there is none.
int socket_to(std::uint16_t port) {
  for (int number = 0; number < 1024; ++number) {
    sockaddr_in peer{};
    socklen_t length = sizeof peer;
    if (getpeername(number, reinterpret_cast<sockaddr*>(&peer), &length) != 0) continue;
    if (ntohs(peer.sin_port) == port) return number;
  }
  return -1;
}

int option_of(int socket, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  return getsockopt(socket, level, name, &value, &length) == 0 ? value : -1;
}

void expect_keep_alive(int socket) {
  EXPECT_EQ(option_of(socket, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_KEEPIDLE), BOBBIN_KEEPALIVE_IDLE_S);
  EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_KEEPINTVL), BOBBIN_KEEPALIVE_INTERVAL_S);
  EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_KEEPCNT), BOBBIN_KEEPALIVE_COUNT);
}

[[maybe_unused]] bool readable(int descriptor) {
  pollfd waited{.fd = descriptor, .events = POLLIN, .revents = 0};
  return poll(&waited, 1, 0) == 1;
}

Address ip6_loopback() {
  Address::Ip6 bytes{};
  bytes[15] = 1;
  return Address::ip6(bytes, 0);
}

void echo_round_trip(const Address& at) {
  TestedReactor<> reactor;
  TcpServer<Echo, small> server;
  ASSERT_FALSE(reactor.listen_tcp(at, server));
  Record record;
  Client client(record);
  ASSERT_FALSE(reactor.connect_tcp(server.host(), client));
  ASSERT_TRUE(turn_until(reactor, [&] { return record.made == 1; }));
  EXPECT_EQ(record.transport->peer(), server.host());
  EXPECT_TRUE(record.transport->host().is_loopback());
  EXPECT_EQ(record.transport->write(bytes_of("around the loop")), 15U);
  EXPECT_TRUE(turn_until(reactor, [&] { return record.received == "around the loop"; }));
  record.transport->lose_connection();
  EXPECT_TRUE(turn_until(reactor, [&] { return record.lost == 1; }));
  EXPECT_EQ(record.reason, Errc::connection_done);
}

TEST(Posix, echoes_over_ip4) { echo_round_trip(Address::loopback(0)); }

TEST(Posix, echoes_over_ip6) {
  if (const int probe = ::socket(AF_INET6, SOCK_STREAM, 0); probe >= 0) {
    sockaddr_in6 name{};
    name.sin6_family = AF_INET6;
    name.sin6_addr = in6addr_loopback;
    const bool bound = ::bind(probe, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0;
    ::close(probe);
    if (bound) return echo_round_trip(ip6_loopback());
  }
  GTEST_SKIP() << "no IPv6 on this machine";
}

TEST(Posix, a_port_in_use_is_an_error_and_leaves_nothing_behind) {
  TestedReactor<> reactor;
  TcpServer<Echo, small> first;
  TcpServer<Echo, small> second;
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), first));
  const std::ptrdiff_t before = open_descriptors();
  const Error error = reactor.listen_tcp(first.host(), second);
  EXPECT_EQ(error, Errc::address_in_use);
  EXPECT_EQ(error.native, EADDRINUSE);
  EXPECT_FALSE(second.listening());
  EXPECT_EQ(open_descriptors(), before);
  EXPECT_FALSE(reactor.listen_tcp(Address::loopback(0), second));
}

TEST(Posix, an_address_of_another_machine_cannot_be_listened_at) {
  TestedReactor<> reactor;
  TcpServer<Echo, small> server;
  EXPECT_EQ(reactor.listen_tcp(Address::ip4({192, 0, 2, 1}, 0), server),
            Errc::address_not_available);
}

TEST(Posix, unix_paths_are_not_supported) {
  TestedReactor<> reactor;
  TcpServer<Echo, small> server;
  Record record;
  Client client(record);
  const Address path = *Address::unix_path("/nowhere");
  EXPECT_EQ(reactor.listen_tcp(path, server), Errc::not_supported);
  EXPECT_EQ(reactor.connect_tcp(path, client), Errc::not_supported);
  EXPECT_EQ(client.state(), Connector::State::disconnected);
}

void fails_from_the_reactor(const Address& destination, Errc reason) {
  TestedReactor<> reactor;
  Record record;
  Client client(record);
  ASSERT_FALSE(reactor.connect_tcp(destination, client));
  EXPECT_EQ(record.failed, 0);
  EXPECT_TRUE(turn_until(reactor, [&] { return record.failed == 1; }));
  EXPECT_EQ(record.reason, reason) << describe(record.reason);
  EXPECT_NE(record.reason.native, 0);
  EXPECT_EQ(record.made, 0);
}

TEST(Posix, a_refused_connection_is_reported_by_the_reactor) {
  RawSocket nobody;
  ASSERT_TRUE(nobody.bind(0));
  fails_from_the_reactor(Address::loopback(nobody.port()), Errc::connection_refused);
}

TEST(Posix, what_connect_refuses_at_once_is_reported_by_the_reactor_too) {
  // TCP has no broadcast; Linux says so before it sends anything.
  fails_from_the_reactor(Address::ip4({255, 255, 255, 255}, 9), Errc::unreachable);
}

TEST(Posix, a_socket_connected_to_itself_counts_as_refused) {
  std::uint16_t port = 0;
  {
    RawSocket chosen;
    ASSERT_TRUE(chosen.bind(0));
    port = chosen.port();
  }
  connects_to_itself = true;
  fails_from_the_reactor(Address::loopback(port), Errc::connection_refused);
  connects_to_itself = false;
}

TEST(Posix, a_connect_nobody_answers_times_out) {
  RawSocket listening;
  ASSERT_TRUE(listening.bind(0));
  ASSERT_EQ(listen(listening.number(), 0), 0);
  // With its queue full the kernel drops what comes, as if nobody were there.
  RawSocket filling[2];
  for (const RawSocket& socket : filling) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(listening.port());
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fcntl(socket.number(), F_SETFL, O_NONBLOCK);
    static_cast<void>(::connect(socket.number(), reinterpret_cast<sockaddr*>(&name), sizeof name));
  }
  TestedReactor<> reactor;
  Record record;
  Client client(record);
  const ConnectOptions soon{.timeout = milliseconds(50)};
  ASSERT_FALSE(reactor.connect_tcp(Address::loopback(listening.port()), client, soon));
  EXPECT_TRUE(turn_until(reactor, [&] { return record.failed == 1; }));
  EXPECT_EQ(record.reason, Errc::timed_out);
}

TEST(Posix, both_sides_of_a_connection_are_kept_alive) {
  TestedReactor<> reactor;
  TcpServer<Echo, small> server;
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
  Record record;
  Client client(record);
  ASSERT_FALSE(reactor.connect_tcp(server.host(), client));
  ASSERT_TRUE(turn_until(
      reactor, [&] { return record.made == 1 && reactor.statistics().connections_opened == 2; }));
  expect_keep_alive(socket_to(server.host().port()));
  expect_keep_alive(socket_to(record.transport->host().port()));
}

// One server that records its connection, and one raw client of it.
class PosixPair : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), server_));
    ASSERT_TRUE(peer_.connect(server_.host().port()));
    ASSERT_TRUE(turn_until(reactor_, [&] { return record_.made == 1; }));
    reactor_.turn(milliseconds(0));  // takes the event of a new socket that has room
  }

  TestedReactor<> reactor_;
  Record record_;
  TcpServer<Recorder, small, Record> server_{record_};
  RawSocket peer_;
};

TEST_F(PosixPair, pausing_resuming_and_waiting_for_room_do_not_change_the_registration) {
  const int before = epoll_ctl_calls;
  record_.transport->pause_producing();
  ASSERT_TRUE(peer_.send("while paused"));
  reactor_.turn(milliseconds(10));
  EXPECT_EQ(record_.received, "");
  record_.transport->resume_producing();
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.received == "while paused"; }));

  const std::string much(1024, 'x');
  std::size_t written = 0;
  for (std::size_t taken = 1; taken > 0; written += taken) {
    taken = record_.transport->write(bytes_of(much));
    for (int i = 0; i < 3; ++i) reactor_.turn(milliseconds(0));
  }
  std::size_t read = 0;
  bool ended = false;
  EXPECT_TRUE(turn_until(reactor_, [&] {
    read += peer_.receive_all(ended).size();
    return read == written;
  }));
  EXPECT_EQ(record_.transport->unsent(), 0U);
  EXPECT_EQ(epoll_ctl_calls, before);
}

TEST_F(PosixPair, what_the_system_had_no_memory_for_is_sent_again) {
  sends_without_memory = 20;
  EXPECT_EQ(record_.transport->write(bytes_of("patience")), 8U);
  const std::uint32_t before = reactor_.statistics().turns;
  std::string received;
  bool ended = false;
  EXPECT_TRUE(turn_until(reactor_, [&] {
    received += peer_.receive_all(ended);
    return received == "patience";
  }));
  EXPECT_EQ(sends_without_memory, 0);
  EXPECT_GE(reactor_.statistics().turns - before, 5U);  // a few attempts in each
}

TEST_F(PosixPair, a_reactor_that_finds_no_memory_to_send_stops_all_the_same) {
  sends_without_memory = std::numeric_limits<int>::max();
  EXPECT_EQ(record_.transport->write(bytes_of("never sent")), 10U);
  record_.transport->lose_connection();
  ASSERT_TRUE(reactor_.call_later(milliseconds(5), [this] { return reactor_.stop(); }));
  EXPECT_FALSE(reactor_.run());
  sends_without_memory = 0;
  EXPECT_EQ(record_.lost, 1);
  EXPECT_EQ(record_.reason, Errc::connection_aborted);
}

TEST_F(PosixPair, one_that_waits_for_memory_to_send_may_be_aborted) {
  sends_without_memory = std::numeric_limits<int>::max();
  EXPECT_EQ(record_.transport->write(bytes_of("never sent")), 10U);
  reactor_.turn(milliseconds(0));
  record_.transport->abort_connection();
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  sends_without_memory = 0;
  EXPECT_EQ(record_.reason, Errc::connection_aborted);
}

TEST_F(PosixPair, the_end_of_input_is_seen_behind_the_last_bytes) {
  ASSERT_TRUE(peer_.send("last words"));
  shutdown(peer_.number(), SHUT_WR);
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  EXPECT_EQ(record_.received, "last words");
  EXPECT_EQ(record_.reason, Errc::connection_done);
}

TEST_F(PosixPair, the_end_of_input_is_seen_after_a_pause) {
  record_.transport->pause_producing();
  ASSERT_TRUE(peer_.send("last words"));
  shutdown(peer_.number(), SHUT_WR);
  for (int i = 0; i < 3; ++i) reactor_.turn(milliseconds(1));
  ASSERT_EQ(record_.lost, 0);
  record_.transport->resume_producing();
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  EXPECT_EQ(record_.received, "last words");
}

TEST_F(PosixPair, a_reset_while_paused_is_noticed) {
  record_.transport->pause_producing();
  peer_.reset_on_close();
  ASSERT_EQ(dup3(STDERR_FILENO, peer_.number(), O_CLOEXEC), peer_.number());  // closes it
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  EXPECT_EQ(record_.reason, Errc::connection_lost);
  EXPECT_EQ(record_.reason.native, ECONNRESET);
}

TEST_F(PosixPair, what_was_written_arrives_although_the_peer_s_bytes_were_not_read) {
  record_.transport->pause_producing();
  ASSERT_TRUE(peer_.send(std::string(100'000, 'u')));
  reactor_.turn(milliseconds(0));
  EXPECT_EQ(record_.transport->write(bytes_of("farewell")), 8U);
  record_.transport->lose_connection();
  ASSERT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  EXPECT_EQ(record_.reason, Errc::connection_done);
  std::string received;
  bool ended = false;
  EXPECT_TRUE(turn_until(reactor_, [&] {
    received += peer_.receive_all(ended);
    return ended;
  }));
  EXPECT_EQ(received, "farewell");
  char byte = 0;
  EXPECT_EQ(recv(peer_.number(), &byte, 1, 0), 0) << std::strerror(errno);  // not a reset
}

TEST_F(PosixPair, a_peer_that_does_not_answer_any_more_is_a_time_out) {
  // What a closed window keeps from being sent counts as not answered.
  const int limit_ms = 50;
  ASSERT_EQ(setsockopt(socket_to(peer_.port()), IPPROTO_TCP, TCP_USER_TIMEOUT, &limit_ms,
                       sizeof limit_ms),
            0);
  const std::string much(1024, 'x');
  EXPECT_TRUE(turn_until(reactor_, [&] {
    if (record_.transport != nullptr) std::ignore = record_.transport->write(bytes_of(much));
    return record_.lost == 1;
  }));
  EXPECT_EQ(record_.reason, Errc::timed_out);
  EXPECT_EQ(record_.reason.native, ETIMEDOUT);
}

TEST_F(PosixPair, what_follows_urgent_data_is_read) {
  std::string expected;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(peer_.send("before "));
    ASSERT_EQ(::send(peer_.number(), "!", 1, MSG_OOB), 1);
    ASSERT_TRUE(peer_.send("behind "));
    expected += "before behind ";
    EXPECT_TRUE(turn_until(reactor_, [&] { return record_.received == expected; }));
    EXPECT_EQ(record_.received, expected);
  }
}

TEST_F(PosixPair, closing_in_order_with_urgent_data_unread_does_not_reset) {
  record_.transport->pause_producing();
  ASSERT_TRUE(peer_.send("before "));
  ASSERT_EQ(::send(peer_.number(), "!", 1, MSG_OOB), 1);
  ASSERT_TRUE(peer_.send("behind "));
  reactor_.turn(milliseconds(0));
  record_.transport->lose_connection();
  ASSERT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  char byte = 0;
  EXPECT_EQ(recv(peer_.number(), &byte, 1, 0), 0) << std::strerror(errno);
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

TEST_F(PosixPair, aborting_resets) {
  record_.transport->abort_connection();
  char byte = 0;
  EXPECT_EQ(recv(peer_.number(), &byte, 1, 0), -1);
  EXPECT_EQ(errno, ECONNRESET);
}

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
  EXPECT_LT(slept, milliseconds(100));  // a busy machine
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
  EXPECT_EQ(reactor.statistics().sleeps, 1U);
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

// Posters are as fast as they can be; the reactor carries traffic meanwhile.
TEST_F(PosixPair, calls_from_several_threads_come_each_once_and_in_order_while_bytes_flow) {
  constexpr int threads = 3;
  constexpr int calls = 500;
  std::vector<int> next(threads, 0);
  std::vector<std::thread> posters;
  for (int thread = 0; thread < threads; ++thread) {
    posters.emplace_back([this, thread, &next] {
      for (int call = 0; call < calls;) {
        const bool posted = reactor_.call_from_thread(
            [&next, thread, call] { EXPECT_EQ(next[static_cast<std::size_t>(thread)]++, call); });
        if (posted) ++call;
        std::this_thread::yield();
      }
    });
  }
  std::string sent;
  EXPECT_TRUE(turn_until(reactor_, [&] {
    if (record_.received == sent && sent.size() < 1000) {
      sent += 'x';
      EXPECT_TRUE(peer_.send("x"));
    }
    return next == std::vector<int>(threads, calls);
  }));
  for (std::thread& poster : posters) poster.join();
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.received == sent; }));
  EXPECT_GT(sent.size(), 1U);
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
  dies([&] { transport.commit(0); });
  dies([&] { transport.lose_connection(); });
  dies([&] { transport.lose_write_connection(); });
  dies([&] { transport.abort_connection(); });
  dies([&] { transport.pause_producing(); });
  dies([&] { transport.resume_producing(); });
  dies([&] { std::ignore = transport.register_producer(producer); });
  dies([&] { transport.unregister_producer(); });
  dies([&] { transport.dismiss_producer(); });
  dies([&] { later.cancel(); });
  dies([&] { later.reset(milliseconds(1)); });
  dies([&] { later.delay(milliseconds(1)); });
  dies([&] { server_.stop_listening(); });
  dies([&] { std::ignore = reactor_.listen_tcp(Address::loopback(0), server_); });
  dies([&] { std::ignore = reactor_.stop(); });
  dies([&] { std::ignore = reactor_.run(); });
  dies([&] { reactor_.turn(Duration::zero()); });
  dies([&] { std::ignore = reactor_.next_deadline(); });
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

TEST(Posix, a_thousand_connections_leave_no_descriptor_behind) {
  const std::ptrdiff_t before = open_descriptors();
  {
    TestedReactor<> reactor;
    TcpServer<Echo, small> server;
    ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
    for (std::uint32_t i = 1; i <= 1000; ++i) {
      RawSocket client;
      ASSERT_TRUE(client.connect(server.host().port()));
      if (i % 2 == 0) client.reset_on_close();
      if (i % 3 == 0) client.send("abc");
      if (i % 5 != 0) continue;
      ASSERT_TRUE(
          turn_until(reactor, [&] { return reactor.statistics().connections_opened >= i; }));
    }
    EXPECT_TRUE(turn_until(reactor, [&] { return reactor.statistics().connections_lost == 1000; }));
    EXPECT_EQ(server.connections().use().in_use, 0U);
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST(Posix, without_descriptors_a_reactor_says_so_and_what_it_is_asked_fails) {
  rlimit limits{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limits), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = limits.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  TestedReactor<> reactor;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limits), 0);
  TcpServer<Echo, small> server;
  EXPECT_EQ(reactor.status(), Errc::no_capacity);
  EXPECT_EQ(reactor.listen_tcp(Address::loopback(0), server), Errc::no_capacity);
}

TEST(Posix, accepting_goes_on_when_there_are_descriptors_again) {
  TestedReactor<> reactor;
  TcpServer<Echo, small> server;
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
  RawSocket client;
  ASSERT_TRUE(client.connect(server.host().port()));
  rlimit limits{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limits), 0);
  const int lowest_free = dup(0);
  close(lowest_free);
  const rlimit no_more{.rlim_cur = static_cast<rlim_t>(lowest_free), .rlim_max = limits.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &no_more), 0);
  reactor.turn(milliseconds(10));
  reactor.turn(milliseconds(0));
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limits), 0);
  EXPECT_EQ(reactor.statistics().accept_errors, 1U);
  EXPECT_TRUE(turn_until(reactor, [&] { return reactor.statistics().connections_opened == 1; }));
}

}  // namespace
}  // namespace bobbin
