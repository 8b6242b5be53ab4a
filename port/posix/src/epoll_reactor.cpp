// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/epoll_reactor.hpp>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
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

// How many events one turn takes; the others keep their places in the kernel's queue.
constexpr int events_in_one_turn = 256;

constexpr Duration memory_retry = std::chrono::milliseconds(1);

Instant monotonic_time() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return Instant(std::chrono::duration_cast<Duration>(std::chrono::seconds(time.tv_sec) +
                                                      std::chrono::nanoseconds(time.tv_nsec)));
}

timespec to_timespec(Duration length) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(length);
  const std::chrono::nanoseconds rest = length - seconds;
  timespec result{};
  result.tv_sec = static_cast<time_t>(seconds.count());
  result.tv_nsec = static_cast<long>(rest.count());
  return result;
}

// Rounded up: woken early, the reactor would find nothing due and spin.
int to_milliseconds(Duration length) {
  constexpr std::chrono::milliseconds longest{24 * 3600 * 1000};
  const auto rounded =
      std::chrono::ceil<std::chrono::milliseconds>(std::min<Duration>(length, longest));
  return static_cast<int>(rounded.count());
}

int wait_exactly(int epoll, epoll_event* events, Duration length) {
#if defined(SYS_epoll_pwait2) && defined(__LP64__)
  const timespec timeout = to_timespec(length);
  const long count =
      syscall(SYS_epoll_pwait2, epoll, events, events_in_one_turn, &timeout, nullptr, 0);
  // Linux before 5.11, or a sandbox that does not know the call.
  if (count >= 0 || (errno != ENOSYS && errno != EPERM)) return static_cast<int>(count);
#endif
  return epoll_wait(epoll, events, events_in_one_turn, to_milliseconds(length));
}

}  // namespace

EpollReactorBase::EpollReactorBase(Storage storage)
    : Reactor(storage), start_(monotonic_time()), status_(open()) {}

EpollReactorBase::~EpollReactorBase() { shut_down(); }

Error EpollReactorBase::open() {
  epoll_.reset(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll_.open()) return error_of(errno);
  waker_.descriptor.reset(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!waker_.descriptor.open()) return error_of(errno);
  return watch(waker_.descriptor.number(), waker_);
}

Error EpollReactorBase::listen_tcp(const Address& address, ListeningPort& port,
                                   const ListenOptions& options) {
  if (status_) return status_;
  if (Error error = port.prepare(*this, options)) return error;
  const Result<int> opened = open_listening_socket(address, options.backlog);
  if (!opened) return opened.error();
  Descriptor socket(*opened);
  SocketAcceptor& acceptor =
      port.acceptor_slot().emplace<SocketAcceptor>(*this, port.selectable(), socket.number());
  if (Error error = watch(socket.number(), acceptor)) return error;
  socket.release();
  port.start(acceptor);
  return {};
}

Error EpollReactorBase::connect_tcp(const Address& destination, Connector& connector,
                                    const ConnectOptions& options) {
  if (status_) return status_;
  if (Error error = connector.prepare(*this, destination, options)) return error;
  return connector.proceed(start_connecting(destination, connector));
}

// The socket is watched only after connect: one that is not connecting yet counts as hung up.
Result<Channel*> EpollReactorBase::start_connecting(const Address& destination,
                                                    Connector& connector) {
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

Error EpollReactorBase::listen_udp(const Address& address, DatagramPort& port,
                                   const UdpOptions& options) {
  if (status_) return status_;
  if (Error error = port.prepare(*this, address, options)) return error;
  const Result<int> opened = open_datagram_socket(address, options);
  if (!opened) return opened.error();
  Descriptor socket(*opened);
  DatagramSocket& channel =
      port.channel_slot().emplace<DatagramSocket>(*this, port.selectable(), socket.number());
  if (Error error = watch(socket.number(), channel)) return error;
  socket.release();
  port.start(channel);
  return {};
}

Error EpollReactorBase::stop_on_signals() {
  if (status_) return status_;
  if (Error error = stop_signals_.catch_them()) return error;
  const Error error = watch(stop_signals_.descriptor(), stop_signals_);
  if (error) stop_signals_.let_go();
  return error;
}

Instant EpollReactorBase::read_clock() { return Instant(monotonic_time() - start_); }

// While the events are gone through nothing is closed and nobody is called but `ready`, which only
// marks; a descriptor that is closed later takes its events out of the kernel's queue. So no event
// can name a channel that is gone.
void EpollReactorBase::wait(Instant until) {
  BOBBIN_ASSERT(!status_);
  epoll_event events[events_in_one_turn];
  const Duration length = longest_sleep(until);
  const int count =
      length == forever || length == Duration::zero()
          ? epoll_wait(epoll_.number(), events, events_in_one_turn, length == forever ? -1 : 0)
          : wait_exactly(epoll_.number(), events, length);
  for (int i = 0; i < count; ++i) {
    static_cast<Watched*>(events[i].data.ptr)->ready(events[i].events);
  }
}

// `now()` is as old as the turn; what is left of the time is asked for only if we are to sleep.
Duration EpollReactorBase::longest_sleep(Instant until) {
  if (short_of_memory_) {
    short_of_memory_ = false;
    return memory_retry;
  }
  if (until == never) return forever;
  if (until <= now()) return Duration::zero();
  return std::max(until - read_clock(), Duration::zero());
}

// The counter is never read: an edge comes with each write to it, and it has room for 2^64. Called
// from signal handlers too, which must leave errno alone.
void EpollReactorBase::adopt_context() { thread_ = pthread_self(); }

bool EpollReactorBase::is_own_context() const {
  return pthread_equal(thread_, pthread_self()) != 0;
}

void EpollReactorBase::wake() {
  const int kept = errno;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(waker_.descriptor.number(), &one, sizeof one);
  errno = kept;
}

Error EpollReactorBase::watch(int descriptor, Watched& watched, Interest interest) {
  constexpr std::uint32_t input = EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLET;
  epoll_event event{};
  event.events = interest == Interest::input ? input : input | EPOLLOUT;
  event.data.ptr = &watched;
  if (epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, descriptor, &event) == 0) return {};
  return error_of(errno);
}

// Closing takes a descriptor out of the epoll set only if no forked process holds it as well.
void EpollReactorBase::forget_and_close(int descriptor) {
  epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, descriptor, nullptr);
  Descriptor closed(descriptor);
}

}  // namespace bobbin
