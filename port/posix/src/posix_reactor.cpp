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
#include "unhandled_failures.hpp"

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

PosixReactor::PosixReactor(Storage storage) : Reactor(storage), start_(monotonic_time()) {
  share_input_place(input_);
  tell_unhandled_failures();
}

void PosixReactor::open(Error trouble) {
  status_ = trouble;
  if (status_) return;
  waker_.descriptor.reset(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  status_ = waker_.descriptor.open() ? watch(waker(), waker_, Interest::input) : error_of(errno);
}

Error PosixReactor::listen_tcp(const Address& address, ListeningPort& port,
                               const ListenOptions& options, const SocketOptions& socket_options) {
  if (status_) return status_;
  if (Error error = port.prepare(*this, options)) return error;
  const Result<int> opened = open_listening_socket(address, options, socket_options);
  if (!opened) return opened.error();
  Descriptor socket(*opened);
  SocketAcceptor& acceptor = port.acceptor_slot().emplace<SocketAcceptor>(
      *this, port.selectable(), socket.number(), SocketKind::tcp);
  if (Error error = watch(socket.number(), acceptor, Interest::input)) return error;
  socket.release();
  port.start(acceptor);
  return {};
}

Error PosixReactor::listen_unix(const Address& name, ListeningPort& port,
                                const ListenOptions& options, const SocketFileOptions& file) {
  if (status_) return status_;
  if (Error error = port.prepare(*this, options)) return error;
  const Result<UnixListener> opened = open_unix_listener(name, options, file);
  if (!opened) return opened.error();
  SocketAcceptor& acceptor = port.acceptor_slot().emplace<SocketAcceptor>(
      *this, port.selectable(), opened->socket, SocketKind::unix_domain);
  acceptor.remove_at_close(opened->file);
  if (Error error = watch(opened->socket, acceptor, Interest::input)) {
    acceptor.close();
    return error;
  }
  port.start(acceptor);
  return {};
}

Error PosixReactor::connect_tcp(const Address& destination, Connector& connector,
                                const ConnectOptions& options,
                                const SocketOptions& socket_options) {
  if (status_) return status_;
  if (Error error = Connector::check_tcp(destination)) return error;
  if (Error error = connector.prepare(*this, destination, options)) return error;
  const Result<int> opened = open_stream_socket(destination, socket_options);
  return connector.proceed(start_connecting(connector, opened, SocketKind::tcp));
}

Error PosixReactor::connect_unix(const Address& destination, Connector& connector,
                                 const ConnectOptions& options) {
  if (status_) return status_;
  if (destination.family() != Address::Family::unix_path) return Errc::not_supported;
  if (destination.path().empty()) return Errc::invalid_argument;
  if (Error error = connector.prepare(*this, destination, options)) return error;
  return connector.proceed(
      start_connecting(connector, open_unix_socket(), SocketKind::unix_domain));
}

Result<Channel*> PosixReactor::start_connecting(Connector& connector, Result<int> opened,
                                                SocketKind kind) {
  if (!opened) return opened.error();
  Descriptor socket(*opened);
  SocketChannel& channel = connector.channel_slot().emplace<SocketChannel>(
      *this, connector.selectable(), socket.number(), kind, SocketChannel::Start::connecting);
  if (Error error = channel.connect_to(connector.destination())) return error;
  socket.release();
  return &channel;
}

Error PosixReactor::adopt_port(int socket, ListeningPort& port, const ListenOptions& options,
                               const SocketOptions& socket_options) {
  if (status_) return status_;
  const Result<SocketKind> kind = kind_of(socket, SocketRole::listening);
  if (!kind) return kind.error();
  if (Error error = port.prepare(*this, options)) return error;
  if (Error error = bobbin::set_socket_options(socket, *kind, socket_options)) return error;
  SocketAcceptor& acceptor =
      port.acceptor_slot().emplace<SocketAcceptor>(*this, port.selectable(), socket, *kind);
  if (Error error = watch(socket, acceptor, Interest::input)) return error;
  adopt_socket(socket);
  port.start(acceptor);
  return {};
}

Error PosixReactor::adopt_connection(int socket, Connector& connector,
                                     const SocketOptions& options) {
  if (status_) return status_;
  const Result<SocketKind> kind = kind_of(socket, SocketRole::connected);
  if (!kind) return kind.error();
  if (Error error = connector.prepare(*this, peer_of(socket), ConnectOptions())) return error;
  SocketChannel& channel = connector.channel_slot().emplace<SocketChannel>(
      *this, connector.selectable(), socket, *kind, SocketChannel::Start::connected);
  Error error = bobbin::set_socket_options(socket, *kind, options);
  if (!error) error = watch(socket, channel, Interest::input_and_room);
  if (error) return connector.proceed(error);
  adopt_socket(socket);
  mark_readable(connector.selectable());
  return connector.proceed(&channel);
}

Error PosixReactor::open_stream(DescriptorStream& stream, Connector& connector) {
  if (status_) return status_;
  if (stream.in_use()) return Errc::already_running;
  if (Error error = connector.prepare(*this, Address(), ConnectOptions())) return error;
  return connector.proceed(stream.start(*this, connector.selectable()));
}

// A socket's channel lies in its connection's slot; a stream's is the stream.
Error PosixReactor::set_socket_options(Transport& transport, const SocketOptions& options) {
  BOBBIN_ASSERT_CONTEXT(*this);
  BOBBIN_ASSERT(&transport.reactor() == this);
  const Result<Channel*> channel = channel_in_slot(transport);
  return channel ? static_cast<SocketChannel*>(*channel)->set_options(options) : channel.error();
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

Error PosixReactor::stop_on_signals(StopSignals::Observer instead) {
  BOBBIN_ASSERT_CONTEXT(*this);
  if (status_) return status_;
  if (Error error = stop_signals_.catch_them(instead)) return error;
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
