// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <vector>

#include "program.hpp"

// The limit: what an echo costs with nothing around it. One buffer for all, level-triggered epoll,
// a message is one recv and one send. Only what the kernel does not take is kept, and until that
// has left nothing more is read.
namespace {

struct Connection {
  int socket = -1;
  std::vector<std::byte> rest;
};

int open_listening_socket(std::uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    bench::fail("bind");
  if (listen(listener, bench::backlog) != 0) bench::fail("listen");
  return listener;
}

void set_interest(int epoll, int change, Connection& connection, std::uint32_t interest) {
  epoll_event event{};
  event.events = interest;
  event.data.ptr = &connection;
  if (epoll_ctl(epoll, change, connection.socket, &event) != 0) bench::fail("epoll_ctl");
}

void accept_all(int epoll, int listener) {
  for (;;) {
    const int socket = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return;
    auto* const connection = new Connection{.socket = socket, .rest = {}};
    set_interest(epoll, EPOLL_CTL_ADD, *connection, EPOLLIN);
  }
}

void end(Connection& connection) {
  close(connection.socket);
  delete &connection;
}

void send_rest(int epoll, Connection& connection) {
  const ssize_t sent =
      send(connection.socket, connection.rest.data(), connection.rest.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return end(connection);
  if (sent > 0) connection.rest.erase(connection.rest.begin(), connection.rest.begin() + sent);
  if (connection.rest.empty()) set_interest(epoll, EPOLL_CTL_MOD, connection, EPOLLIN);
}

void echo(int epoll, Connection& connection, std::vector<std::byte>& buffer) {
  const ssize_t count = recv(connection.socket, buffer.data(), buffer.size(), 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) return end(connection);
  ssize_t sent =
      send(connection.socket, buffer.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL);
  if (sent == count) return;
  if (sent < 0 && errno != EAGAIN) return end(connection);
  if (sent < 0) sent = 0;
  connection.rest.assign(buffer.begin() + sent, buffer.begin() + count);
  set_interest(epoll, EPOLL_CTL_MOD, connection, EPOLLOUT);
}

void serve(int epoll, int listener, std::size_t receive) {
  std::vector<std::byte> buffer(receive);
  std::array<epoll_event, 256> events;
  for (;;) {
    const int count = epoll_wait(epoll, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      auto* const connection = static_cast<Connection*>(event.data.ptr);
      if (connection == nullptr) {
        accept_all(epoll, listener);
      } else if (!connection->rest.empty()) {
        send_rest(epoll, *connection);
      } else {
        echo(epoll, *connection, buffer);
      }
    }
  }
}

}  // namespace

int main(int count, char** values) {
  const bench::ServerOptions options{bench::Options(count, values)};
  bench::allow_descriptors(options.connections);
  bench::end_on_sigterm();
  const int listener = open_listening_socket(options.port);
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0) bench::fail("epoll_ctl");
  bench::announce(bench::port_of(listener));
  serve(epoll, listener, options.receive);
}
