// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <tuple>

#include "posix_support.hpp"
#include "system_calls.hpp"

extern "C" void bobbin_assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: %s\n", file, line, condition);
  std::abort();
}

namespace bobbin::test {
namespace {

using system_calls::connects_to_itself;
using system_calls::epoll_ctl_calls;

void expect_keep_alive(int socket) {
  EXPECT_EQ(option_of(socket, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_KEEPIDLE), BOBBIN_KEEPALIVE_IDLE_S);
  EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_KEEPINTVL), BOBBIN_KEEPALIVE_INTERVAL_S);
  EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_KEEPCNT), BOBBIN_KEEPALIVE_COUNT);
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

// What each call refuses at once: nothing has begun, nothing is left.
TEST(Posix, an_address_of_the_wrong_family_is_refused_by_every_call) {
  TestedReactor<> reactor;
  TcpServer<Echo, small> server;
  Record record;
  Client client(record);
  struct Nobody final : DatagramProtocol {
    void datagram_received(Bytes, const Address&) override {}
  } nobody;
  UdpPort<64> datagrams(nobody);
  const std::ptrdiff_t before = open_descriptors();
  for (const Address& name : {*Address::unix_path("/nowhere"), *Address::unix_abstract("nowhere"),
                              Address::unix_unnamed()}) {
    EXPECT_EQ(reactor.listen_tcp(name, server), Errc::not_supported);
    EXPECT_EQ(reactor.connect_tcp(name, client), Errc::not_supported);
    EXPECT_EQ(reactor.listen_udp(name, datagrams), Errc::not_supported);
  }
  EXPECT_EQ(reactor.listen_unix(Address::loopback(0), server), Errc::not_supported);
  EXPECT_EQ(reactor.listen_unix(ip6_loopback(), server), Errc::not_supported);
  EXPECT_EQ(reactor.connect_unix(Address::loopback(80), client), Errc::not_supported);
  EXPECT_FALSE(server.listening());
  EXPECT_FALSE(datagrams.listening());
  EXPECT_EQ(client.state(), Connector::State::disconnected);
  EXPECT_EQ(client.connections().use().in_use, 0U);
  EXPECT_EQ(reactor.timer_use().in_use, 0U);
  EXPECT_EQ(open_descriptors(), before);
}

TEST(Posix, port_0_is_nowhere_to_connect_to) {
  TestedReactor<> reactor;
  Record record;
  Client client(record);
  EXPECT_EQ(reactor.connect_tcp(Address::loopback(0), client), Errc::invalid_argument);
  EXPECT_EQ(reactor.connect_tcp(Address::any(0), client), Errc::invalid_argument);
  EXPECT_EQ(client.state(), Connector::State::disconnected);
  EXPECT_EQ(client.connections().use().in_use, 0U);
  EXPECT_EQ(reactor.timer_use().in_use, 0U);
}

TEST(Posix, what_is_no_address_never_gets_as_far_as_a_socket) {
  for (const char* const text :
       {"localhost:80", "example.org:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
        "127.0.0.1:-1", "127.0.0.1:http", "127.0.0.1:080", "127.0.0.1: 80", "::1:80", "[::1]",
        ":80", "", "/run/socket"}) {
    EXPECT_EQ(Address::parse(text).error(), Errc::invalid_argument) << text;
  }
  for (const char* const host : {"localhost", "example.org", "", "127.1", "127.0.0.1:80", "0x7f.1",
                                 "/run/socket", "fe80::1%eth0"}) {
    EXPECT_EQ(Address::parse(host, 80).error(), Errc::invalid_argument) << host;
  }
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

TEST_F(PosixPair, aborting_resets) {
  record_.transport->abort_connection();
  char byte = 0;
  EXPECT_EQ(recv(peer_.number(), &byte, 1, 0), -1);
  EXPECT_EQ(errno, ECONNRESET);
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

}  // namespace
}  // namespace bobbin::test
