// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "posix_support.hpp"

namespace bobbin::test {
namespace {

// A descriptor of the test's own, until somebody has adopted it.
class Owned {
 public:
  explicit Owned(int number) : number_(number) {}
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  void given_away() { number_ = -1; }

 private:
  int number_;
};

int make_socket(int family, int type, int protocol = 0) {
  const int number = ::socket(family, type, protocol);
  if (number < 0) std::abort();
  return number;
}

int make_listener(int family = AF_INET) {
  const int number = make_socket(family, SOCK_STREAM);
  if (family == AF_UNIX) {
    sockaddr name{};
    name.sa_family = AF_UNIX;
    if (bind(number, &name, sizeof name.sa_family) != 0) std::abort();
  }
  if (listen(number, 5) != 0) std::abort();
  return number;
}

bool blocks(int descriptor) { return (fcntl(descriptor, F_GETFL) & O_NONBLOCK) == 0; }
bool inherited(int descriptor) { return (fcntl(descriptor, F_GETFD) & FD_CLOEXEC) == 0; }

class Adopted : public testing::Test {
 protected:
  // Nothing has begun, and the descriptor is as it was.
  void expect_untouched(int descriptor) {
    EXPECT_FALSE(server_.listening());
    EXPECT_EQ(client_.state(), Connector::State::disconnected);
    EXPECT_EQ(client_.connections().use().in_use, 0U);
    EXPECT_EQ(reactor_.timer_use().in_use, 0U);
    struct stat status {};
    if (descriptor < 0 || fstat(descriptor, &status) != 0) return;
    EXPECT_TRUE(blocks(descriptor));
    EXPECT_TRUE(inherited(descriptor));
  }
  void expect_no_port(int descriptor, Errc code, int number) {
    const Error error = reactor_.adopt_port(descriptor, server_);
    EXPECT_EQ(error, code) << describe(error);
    EXPECT_EQ(error.native, number) << std::strerror(error.native);
    expect_untouched(descriptor);
  }
  void expect_no_connection(int descriptor, Errc code, int number) {
    const Error error = reactor_.adopt_connection(descriptor, client_);
    EXPECT_EQ(error, code) << describe(error);
    EXPECT_EQ(error.native, number) << std::strerror(error.native);
    expect_untouched(descriptor);
  }
  void expect_neither(int descriptor, Errc code, int number) {
    expect_no_port(descriptor, code, number);
    expect_no_connection(descriptor, code, number);
  }

  TestedReactor<> reactor_;
  Record record_;
  Record client_record_;
  TcpServer<Recorder, small, Record> server_{record_};
  Client client_{client_record_};
};

TEST_F(Adopted, a_listening_tcp_socket_serves_also_who_came_before) {
  Owned listener(make_listener());
  sockaddr_in name{};
  socklen_t length = sizeof name;
  getsockname(listener.number(), reinterpret_cast<sockaddr*>(&name), &length);
  RawSocket early;
  ASSERT_TRUE(early.connect(ntohs(name.sin_port)));
  ASSERT_FALSE(reactor_.adopt_port(listener.number(), server_));
  EXPECT_FALSE(blocks(listener.number()));
  EXPECT_FALSE(inherited(listener.number()));
  EXPECT_EQ(server_.host().port(), ntohs(name.sin_port));
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.made == 1; }));
  RawSocket late;
  ASSERT_TRUE(late.connect(ntohs(name.sin_port)));
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.made == 2; }));
  const int number = listener.number();
  listener.given_away();
  server_.stop_listening();
  EXPECT_EQ(fcntl(number, F_GETFD), -1) << "it was the port's to close";
}

TEST_F(Adopted, what_an_adopted_port_accepts_has_our_options) {
  Owned listener(make_listener());
  ASSERT_FALSE(reactor_.adopt_port(listener.number(), server_));
  EXPECT_EQ(option_of(listener.number(), IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_EQ(option_of(listener.number(), SOL_SOCKET, SO_KEEPALIVE), 1);
  listener.given_away();
}

TEST_F(Adopted, a_listening_unix_socket_keeps_its_file) {
  std::string folder = testing::TempDir() + "bobbin-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/socket";
  Owned listener(make_socket(AF_UNIX, SOCK_STREAM));
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  ASSERT_EQ(bind(listener.number(), reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
  ASSERT_EQ(listen(listener.number(), 5), 0);
  ASSERT_FALSE(reactor_.adopt_port(listener.number(), server_));
  listener.given_away();
  EXPECT_EQ(server_.host(), *Address::unix_path(path));
  ASSERT_FALSE(reactor_.connect_unix(server_.host(), client_));
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.made == 1; }));
  server_.stop_listening();
  EXPECT_EQ(unlink(path.c_str()), 0) << "whose socket it was may want it again";
  EXPECT_EQ(rmdir(folder.c_str()), 0);
}

TEST_F(Adopted, one_end_of_a_socketpair_is_a_connection) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const Owned other(ends[1]);
  ASSERT_EQ(send(other.number(), "early ", 6, 0), 6);
  ASSERT_FALSE(reactor_.adopt_connection(ends[0], client_));
  EXPECT_EQ(client_record_.made, 0) << "from inside adopt_connection";
  EXPECT_FALSE(blocks(ends[0]));
  EXPECT_FALSE(inherited(ends[0]));
  ASSERT_EQ(send(other.number(), "late", 4, 0), 4);
  EXPECT_TRUE(turn_until(reactor_, [&] { return client_record_.received == "early late"; }));
  EXPECT_EQ(client_record_.transport->peer(), Address::unix_unnamed());
  client_record_.transport->write(bytes_of("answer"));
  client_record_.transport->lose_connection();
  EXPECT_TRUE(turn_until(reactor_, [&] { return client_record_.lost == 1; }));
  EXPECT_EQ(client_record_.reason, Errc::connection_done);
  char bytes[10];
  EXPECT_EQ(recv(other.number(), bytes, sizeof bytes, 0), 6);
  EXPECT_EQ(recv(other.number(), bytes, sizeof bytes, 0), 0);
}

TEST_F(Adopted, a_connected_tcp_socket_is_a_connection) {
  ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), server_));
  Owned ours(make_socket(AF_INET, SOCK_STREAM));
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(server_.host().port());
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(connect(ours.number(), reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
  ASSERT_FALSE(reactor_.adopt_connection(ours.number(), client_));
  ours.given_away();
  EXPECT_TRUE(turn_until(reactor_, [&] { return client_record_.made == 1 && record_.made == 1; }));
  EXPECT_EQ(client_record_.transport->peer(), server_.host());
  EXPECT_EQ(client_.destination(), server_.host());
  record_.transport->write(bytes_of("hello"));
  EXPECT_TRUE(turn_until(reactor_, [&] { return client_record_.received == "hello"; }));
}

TEST_F(Adopted, a_connection_whose_peer_has_gone_ends_like_any_other) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  ASSERT_EQ(send(ends[1], "last words", 10, 0), 10);
  ::close(ends[1]);
  ASSERT_FALSE(reactor_.adopt_connection(ends[0], client_));
  EXPECT_TRUE(turn_until(reactor_, [&] { return client_record_.lost == 1; }));
  EXPECT_EQ(client_record_.received, "last words");
  EXPECT_EQ(client_record_.reason, Errc::connection_done);
}

TEST_F(Adopted, what_is_no_socket_is_refused) {
  int pipes[2];
  ASSERT_EQ(pipe(pipes), 0);
  const Owned pipe_end(pipes[0]);
  const Owned other_end(pipes[1]);
  const Owned file(open("/dev/null", O_RDWR));
  expect_neither(pipe_end.number(), Errc::invalid_argument, ENOTSOCK);
  expect_neither(file.number(), Errc::invalid_argument, ENOTSOCK);
}

TEST_F(Adopted, what_is_closed_is_refused) {
  const int closed = dup(0);
  ::close(closed);
  expect_neither(closed, Errc::invalid_argument, EBADF);
  expect_neither(-1, Errc::invalid_argument, EBADF);
  expect_neither(1 << 20, Errc::invalid_argument, EBADF);
}

TEST_F(Adopted, a_socket_for_datagrams_is_refused) {
  const Owned udp(make_socket(AF_INET, SOCK_DGRAM));
  const Owned unix_datagrams(make_socket(AF_UNIX, SOCK_DGRAM));
  const Owned packets(make_socket(AF_UNIX, SOCK_SEQPACKET));
  for (const Owned* socket : {&udp, &unix_datagrams, &packets}) {
    expect_neither(socket->number(), Errc::invalid_argument, EPROTOTYPE);
  }
}

TEST_F(Adopted, a_socket_of_another_family_is_refused) {
  const int number = ::socket(AF_VSOCK, SOCK_STREAM, 0);
  if (number < 0) GTEST_SKIP() << "this system has no AF_VSOCK: " << std::strerror(errno);
  const Owned socket(number);
  expect_neither(socket.number(), Errc::not_supported, EAFNOSUPPORT);
}

TEST_F(Adopted, a_socket_that_neither_listens_nor_is_connected_is_refused) {
  for (const int family : {AF_INET, AF_UNIX}) {
    const Owned socket(make_socket(family, SOCK_STREAM));
    expect_no_port(socket.number(), Errc::invalid_argument, EINVAL);
    expect_no_connection(socket.number(), Errc::invalid_argument, ENOTCONN);
  }
}

TEST_F(Adopted, one_that_listens_is_no_connection_and_the_other_way_round) {
  for (const int family : {AF_INET, AF_UNIX}) {
    const Owned listener(make_listener(family));
    expect_no_connection(listener.number(), Errc::invalid_argument, ENOTCONN);
  }
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const Owned one(ends[0]);
  const Owned other(ends[1]);
  expect_no_port(one.number(), Errc::invalid_argument, EINVAL);
}

TEST_F(Adopted, one_that_the_reactor_has_already_is_refused_and_goes_on) {
  Owned listener(make_listener());
  ASSERT_FALSE(reactor_.adopt_port(listener.number(), server_));
  Record other_record;
  TcpServer<Recorder, small, Record> other(other_record);
  EXPECT_EQ(reactor_.adopt_port(listener.number(), other), Errc::already_registered);
  EXPECT_FALSE(other.listening());
  EXPECT_EQ(reactor_.adopt_port(listener.number(), server_), Errc::already_running);
  listener.given_away();
  RawSocket peer;
  ASSERT_TRUE(peer.connect(server_.host().port()));
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.made == 1; }));
}

}  // namespace
}  // namespace bobbin::test
