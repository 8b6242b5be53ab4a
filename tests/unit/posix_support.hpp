// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/posix.hpp>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <bobbin/bobbin.hpp>

// What the tests of the port for Linux share: the reactor under test, ends that record what happens
// to them, and sockets of their own.
namespace bobbin::test {

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

class Recorder : public Protocol {
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

// A blocking socket of the test's own, at 127.0.0.1, that gives up after a minute.
class RawSocket {
 public:
  RawSocket() : number_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit{.tv_sec = 60, .tv_usec = 0};
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

// The limit only bounds a test that fails.
template <class F>
bool turn_until(Reactor& reactor, F condition, Duration limit = std::chrono::seconds(60)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    reactor.turn(milliseconds(10));
  }
  return true;
}

inline std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

// The descriptor whose peer, on this machine, has this port; negative when there is none.
inline int socket_to(std::uint16_t port) {
  for (int number = 0; number < 1024; ++number) {
    sockaddr_in peer{};
    socklen_t length = sizeof peer;
    if (getpeername(number, reinterpret_cast<sockaddr*>(&peer), &length) != 0) continue;
    if (ntohs(peer.sin_port) == port) return number;
  }
  return -1;
}

inline int option_of(int socket, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  return getsockopt(socket, level, name, &value, &length) == 0 ? value : -1;
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

}  // namespace bobbin::test
