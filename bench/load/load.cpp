// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "load.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <limits>

#include "http.hpp"
#include "program.hpp"

namespace bench {

namespace {

constexpr std::size_t buffer_bytes = 256 * 1024;

// Fewer than any server's backlog.
constexpr std::size_t connects_at_once = 64;

constexpr int patience_ms = 20'000;

constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

std::string echoed(std::size_t size) {
  std::string text(size, 0);
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i ^ (i >> 8));
  return text;
}

Message message_of(const LoadOptions& options) {
  const std::string text = options.http ? std::string(http_request) : echoed(options.size);
  return {text, text.size() * options.pipelined};
}

Message answer_of(const LoadOptions& options) {
  if (!options.http) return {echoed(options.size), buffer_bytes};
  const std::string text = http_answer(options.port);
  return {text, buffer_bytes, date_in(text)};
}

}  // namespace

void give_up(const char* reason) {
  std::fprintf(stderr, "load: %s\n", reason);
  std::exit(1);
}

int connect_to(std::uint16_t port) {
  const int connected = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connected < 0) fail("load: socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(connected, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    fail("load: connect");
  const int on = 1;
  setsockopt(connected, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return connected;
}

Load::Load(const LoadOptions& options)
    : options_(options),
      connections_(options.connections),
      message_(message_of(options)),
      answer_(answer_of(options)),
      buffer_(buffer_bytes),
      epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

Load::~Load() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  for (const Connection& connection : connections_) {
    setsockopt(connection.socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(connection.socket);
  }
  close(epoll_);
}

void Load::connect() {
  until_ = std::numeric_limits<std::int64_t>::max();
  for (std::size_t begin = 0; begin < connections_.size(); begin += connects_at_once) {
    const std::size_t end = std::min(begin + connects_at_once, connections_.size());
    budget_ = end - begin;
    for (std::size_t i = begin; i < end; ++i) open(connections_[i]);
    for (std::size_t i = begin; i < end; ++i) {
      start(connections_[i], monotonic_ns());
      send_due(connections_[i]);
    }
    while (under_way_ > 0) step();
  }
  clear();
}

void Load::open(Connection& connection) {
  connection.times.resize(options_.pipelined);
  connection.socket = connect_to(options_.port);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLET;
  event.data.ptr = &connection;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event) != 0) fail("load: epoll_ctl");
}

void Load::run_for(std::int64_t ns) {
  budget_ = no_limit;
  until_ = monotonic_ns() + ns;
  run_all();
}

void Load::run(std::size_t messages) {
  budget_ = messages;
  until_ = std::numeric_limits<std::int64_t>::max();
  run_all();
}

void Load::run_all() {
  const std::int64_t begin = monotonic_ns();
  const std::int64_t server_begin = server_time();
  for (std::size_t i = 0; i < options_.pipelined; ++i) {
    for (Connection& connection : connections_) start(connection, monotonic_ns());
  }
  for (Connection& connection : connections_) send_due(connection);
  while (under_way_ > 0) step();
  seen_.ns += monotonic_ns() - begin;
  seen_.server_ns += server_time() - server_begin;
}

// One more message, if any may still be sent.
void Load::start(Connection& connection, std::int64_t now) {
  if (budget_ == 0 || now >= until_) return;
  --budget_;
  connection.times[(connection.first + connection.under_way) % options_.pipelined] = now;
  ++connection.under_way;
  ++under_way_;
  connection.unsent += message_.size();
  if (!options_.http && connection.unsent == message_.size()) send_due(connection);
}

void Load::send_due(Connection& connection) {
  if (connection.unsent == 0) return;
  const ssize_t count = send(connection.socket, message_.from(connection.sent), connection.unsent,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count < 0 && errno == EAGAIN) return;
  if (count < 0) fail("load: send");
  connection.unsent -= static_cast<std::size_t>(count);
  connection.sent = (connection.sent + static_cast<std::size_t>(count)) % message_.size();
}

void Load::step() {
  std::array<epoll_event, 256> events;
  const int count = epoll_wait(epoll_, events.data(), events.size(), patience_ms);
  if (count == 0) give_up("no answer in 20 s");
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    auto& connection = *static_cast<Connection*>(event.data.ptr);
    if ((event.events & EPOLLIN) != 0) receive(connection);
    send_due(connection);
  }
}

// Edge-triggered: a read that does not fill the buffer has taken all.
void Load::receive(Connection& connection) {
  for (;;) {
    const ssize_t count = recv(connection.socket, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) fail("load: recv");
    if (count == 0) give_up("the server closed a connection");
    const auto bytes = static_cast<std::size_t>(count);
    take(connection, bytes);
    if (bytes < buffer_.size()) return;
  }
}

void Load::take(Connection& connection, std::size_t bytes) {
  if (!answer_.goes_on(connection.received, {buffer_.data(), bytes}))
    give_up(options_.http ? "an answer is not as the first one was"
                          : "what came back is not what was sent");
  connection.received += bytes;
  const std::size_t complete = connection.received / answer_.size();
  connection.received %= answer_.size();
  if (complete == 0) return;
  if (complete > connection.under_way) give_up("more came back than was sent");
  const std::int64_t now = monotonic_ns();
  for (std::size_t i = 0; i < complete; ++i) answered(connection, now);
}

void Load::answered(Connection& connection, std::int64_t now) {
  ++seen_.messages;
  seen_.latencies.add(now - connection.times[connection.first]);
  connection.first = (connection.first + 1) % options_.pipelined;
  --connection.under_way;
  --under_way_;
  start(connection, now);
}

std::int64_t Load::server_time() const {
  if (options_.server == 0) return 0;
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(options_.server, &clock) != 0 || clock_gettime(clock, &time) != 0)
    give_up("the server's processor time cannot be read");
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

}  // namespace bench
