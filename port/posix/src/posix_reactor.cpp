// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/posix_reactor.hpp>

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>

#include <bobbin/assert.hpp>

#include "datagram_socket.hpp"
#include "socket.hpp"
#include "socket_acceptor.hpp"
#include "socket_channel.hpp"
#include "system_error.hpp"

namespace bobbin {

namespace {

constexpr Duration memory_retry_interval = std::chrono::milliseconds(1);

Instant monotonic_time() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return Instant(std::chrono::duration_cast<Duration>(std::chrono::seconds(time.tv_sec) +
                                                      std::chrono::nanoseconds(time.tv_nsec)));
}

}  // namespace

PosixReactor::PosixReactor(Storage storage) : Reactor(storage), start_(monotonic_time()) {}

void PosixReactor::open(Error trouble) {
  status_ = trouble;
  if (status_) return;
  waker_.descriptor.reset(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  status_ = waker_.descriptor.open() ? watch(waker(), waker_, Interest::input) : error_of(errno);
}

Error PosixReactor::listen_tcp(const Address& address, ListeningPort& port,
                               const ListenOptions& options) {
  if (status_) return status_;
  if (Error error = port.prepare(*this, options)) return error;
  const Result<int> opened = open_listening_socket(address, options);
  if (!opened) return opened.error();
  Descriptor socket(*opened);
  SocketAcceptor& acceptor =
      port.acceptor_slot().emplace<SocketAcceptor>(*this, port.selectable(), socket.number());
  if (Error error = watch(socket.number(), acceptor, Interest::input)) return error;
  socket.release();
  port.start(acceptor);
  return {};
}

Error PosixReactor::connect_tcp(const Address& destination, Connector& connector,
                                const ConnectOptions& options) {
  if (status_) return status_;
  if (Error error = connector.prepare(*this, destination, options)) return error;
  return connector.proceed(start_connecting(destination, connector));
}

// The socket is watched only after connect: one that is not connecting yet counts as hung up.
Result<Channel*> PosixReactor::start_connecting(const Address& destination, Connector& connector) {
  const Result<int> opened = open_stream_socket(destination);
  if (!opened) return opened.error();
  Descriptor socket(*opened);
  SocketChannel& channel = connector.channel_slot().emplace<SocketChannel>(
      *this, connector.selectable(), socket.number(), SocketChannel::Start::connecting);
  if (const int failure = connect_socket(socket.number(), destination)) {
    channel.fail(failure);
  } else if (Error error = watch(socket.number(), channel, Interest::input_and_room)) {
    return error;
  }
  socket.release();
  return &channel;
}

Error PosixReactor::listen_udp(const Address& address, DatagramPort& port,
                               const UdpOptions& options) {
  if (status_) return status_;
  if (Error error = port.prepare(*this, address, options)) return error;
  const Result<int> opened = open_datagram_socket(address, options);
  if (!opened) return opened.error();
  Descriptor socket(*opened);
  DatagramSocket& channel =
      port.channel_slot().emplace<DatagramSocket>(*this, port.selectable(), socket.number());
  if (Error error = watch(socket.number(), channel, Interest::input)) return error;
  socket.release();
  port.start(channel);
  return {};
}

Error PosixReactor::stop_on_signals() {
  BOBBIN_ASSERT_CONTEXT(*this);
  if (status_) return status_;
  if (Error error = stop_signals_.catch_them()) return error;
  const Error error = watch(stop_signals_.descriptor(), stop_signals_, Interest::input);
  if (error) stop_signals_.let_go();
  return error;
}

Instant PosixReactor::read_clock() { return Instant(monotonic_time() - start_); }

// `now()` is as old as the turn; what is left of the time is asked for only if we are to sleep.
Duration PosixReactor::longest_sleep(Instant until) {
  if (memory_retry_ != never && memory_retry_ <= read_clock()) {
    serve_held_back();
    return Duration::zero();
  }
  const Instant end = std::min(until, memory_retry_);
  if (end == never) return forever;
  if (end <= now()) return Duration::zero();
  return std::max(end - read_clock(), Duration::zero());
}

void PosixReactor::hold_back(Selectable& item) {
  ReadyList::remove(item);
  held_back_.push_back(item);
  memory_retry_ = std::min(memory_retry_, after(now(), memory_retry_interval));
}

// Whatever it was marked for: who is read is then written as well.
void PosixReactor::serve_held_back() {
  memory_retry_ = never;
  while (!held_back_.empty()) mark_readable(held_back_.pop_front());
}

// Called from signal handlers too, which must leave errno alone.
void PosixReactor::wake() {
  const int kept = errno;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(waker(), &one, sizeof one);
  errno = kept;
}

#ifdef BOBBIN_CHECK_CONTEXT
void PosixReactor::adopt_context() { thread_ = pthread_self(); }

bool PosixReactor::is_own_context() const {
  return !thread_ || pthread_equal(*thread_, pthread_self()) != 0;
}
#endif

// Closing takes a descriptor out of an epoll set only if no forked process holds it as well.
void PosixReactor::forget_and_close(int descriptor) {
  forget(descriptor);
  Descriptor closed(descriptor);
}

}  // namespace bobbin
