// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "posix_support.hpp"
#include "stream_support.hpp"

namespace bobbin::test {
namespace {

using std::chrono::seconds;

constexpr SocketOptions particular{
    .no_delay = false,
    .keep_alive = KeepAlive{.idle = seconds(7), .interval = seconds(3), .count = 2},
    .send_buffer = 20'000,
    .receive_buffer = 30'000};

void expect_particular(int socket) {
  EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_EQ(option_of(socket, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_KEEPIDLE), 7);
  EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_KEEPINTVL), 3);
  EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_KEEPCNT), 2);
  EXPECT_EQ(option_of(socket, SOL_SOCKET, SO_SNDBUF), 40'000);
  EXPECT_EQ(option_of(socket, SOL_SOCKET, SO_RCVBUF), 60'000);
}

class Options : public testing::Test {
 protected:
  void connect(const SocketOptions& listening, const SocketOptions& connecting) {
    ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), server_, {}, listening));
    ASSERT_FALSE(reactor_.connect_tcp(server_.host(), client_, {}, connecting));
    ASSERT_TRUE(
        turn_until(reactor_, [&] { return server_record_.made == 1 && client_record_.made == 1; }));
  }
  int accepted() const { return socket_to(client_record_.transport->host().port()); }
  int connected() const { return socket_to(server_.host().port()); }

  TestedReactor<> reactor_;
  Record server_record_;
  Record client_record_;
  TcpServer<Recorder, small, Record> server_{server_record_};
  Client client_{client_record_};
};

TEST_F(Options, of_a_listening_port_are_those_of_what_it_accepts) {
  connect(particular, {});
  expect_particular(accepted());
  EXPECT_EQ(option_of(connected(), IPPROTO_TCP, TCP_NODELAY), 1);
}

TEST_F(Options, of_a_connect_are_its_own) {
  connect({}, particular);
  expect_particular(connected());
  EXPECT_EQ(option_of(accepted(), IPPROTO_TCP, TCP_NODELAY), 1);
}

TEST_F(Options, change_while_a_connection_is_open) {
  connect({}, {});
  EXPECT_FALSE(reactor_.set_socket_options(*client_record_.transport, particular));
  expect_particular(connected());
  EXPECT_FALSE(
      reactor_.set_socket_options(*server_record_.transport, {.keep_alive = std::nullopt}));
  EXPECT_EQ(option_of(accepted(), SOL_SOCKET, SO_KEEPALIVE), 0);
  client_record_.transport->write(bytes_of("still there"));
  EXPECT_TRUE(turn_until(reactor_, [&] { return server_record_.received == "still there"; }));
}

TEST_F(Options, out_of_range_are_refused_and_change_nothing) {
  connect(particular, particular);
  const SocketOptions bad[] = {
      {.keep_alive = KeepAlive{.idle = seconds(0)}},
      {.keep_alive = KeepAlive{.idle = seconds(32768)}},
      {.keep_alive = KeepAlive{.idle = seconds(-1)}},
      {.keep_alive = KeepAlive{.interval = seconds(0)}},
      {.keep_alive = KeepAlive{.interval = seconds(1LL << 40)}},
      {.keep_alive = KeepAlive{.count = 0}},
      {.keep_alive = KeepAlive{.count = 128}},
      {.send_buffer = 0},
      {.send_buffer = 0xffff'ffff},
      {.receive_buffer = 0},
      {.receive_buffer = 1U << 30},
  };
  for (const SocketOptions& options : bad) {
    TcpServer<Echo, small> other;
    Record record;
    Client client(record);
    const std::ptrdiff_t before = open_descriptors();
    EXPECT_EQ(reactor_.listen_tcp(Address::loopback(0), other, {}, options),
              Errc::invalid_argument);
    EXPECT_EQ(reactor_.connect_tcp(server_.host(), client, {}, options), Errc::invalid_argument);
    EXPECT_EQ(reactor_.set_socket_options(*client_record_.transport, options),
              Errc::invalid_argument);
    EXPECT_FALSE(other.listening());
    EXPECT_EQ(client.state(), Connector::State::disconnected);
    EXPECT_EQ(open_descriptors(), before);
  }
  expect_particular(connected());
}

// net.core.wmem_max is never so much.
TEST_F(Options, say_when_the_system_allows_only_a_smaller_buffer) {
  TcpServer<Echo, small> other;
  EXPECT_EQ(reactor_.listen_tcp(Address::loopback(0), other, {}, {.send_buffer = 1'000'000'000}),
            Errc::no_capacity);
  EXPECT_FALSE(other.listening());
}

TEST_F(Options, of_unix_domain_sockets_are_their_buffers) {
  ASSERT_FALSE(reactor_.listen_unix(Address::unix_unnamed(), server_));
  ASSERT_FALSE(reactor_.connect_unix(server_.host(), client_));
  ASSERT_TRUE(turn_until(reactor_, [&] { return client_record_.made == 1; }));
  EXPECT_FALSE(reactor_.set_socket_options(*client_record_.transport, particular));
  EXPECT_EQ(reactor_.set_socket_options(*client_record_.transport, {.send_buffer = 0}),
            Errc::invalid_argument);
}

TEST_F(StreamTest, has_no_socket_options) {
  ASSERT_FALSE(reactor_.open_stream(stream(in_.read_end(), out_.write_end()), client_));
  ASSERT_TRUE(turn_until(reactor_, [&] { return record_.made == 1; }));
  EXPECT_EQ(reactor_.set_socket_options(*record_.transport, {}), Errc::not_supported);
}

TEST_F(Options, of_a_lost_connection_cannot_be_changed) {
  connect({}, {});
  Transport& transport = *client_record_.transport;
  transport.abort_connection();
  EXPECT_EQ(reactor_.set_socket_options(transport, {}), Errc::connection_lost);
}

}  // namespace
}  // namespace bobbin::test
