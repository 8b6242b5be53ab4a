// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "socket_channel.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <chrono>

#include <bobbin/posix/posix_reactor.hpp>

#include "socket.hpp"
#include "system_error.hpp"

namespace bobbin {

static_assert(sizeof(SocketChannel) <= config::channel_bytes,
              "bobbin: a socket's channel does not fit; raise BOBBIN_CHANNEL_BYTES");

namespace {

// How long a connect waits before it looks again whether the other's backlog has room.
constexpr Duration backlog_retry = std::chrono::milliseconds(20);

// How much unread input is thrown away before a connection is closed in order.
constexpr std::size_t discard_bytes = 65536;
constexpr int discard_reads = 16;

[[gnu::noinline]] ssize_t send_pieces(int socket, const TwoSpans& bytes) {
  iovec pieces[] = {
      {const_cast<std::byte*>(bytes.first.data()), bytes.first.size()},
      {const_cast<std::byte*>(bytes.second.data()), bytes.second.size()},
  };
  msghdr message{};
  message.msg_iov = pieces;
  message.msg_iovlen = 2;
  return sendmsg(socket, &message, MSG_NOSIGNAL);
}

ssize_t send_some(int socket, const TwoSpans& bytes) {
  ssize_t count = 0;
  do {
    count = bytes.second.empty()
                ? send(socket, bytes.first.data(), bytes.first.size(), MSG_NOSIGNAL)
                : send_pieces(socket, bytes);
  } while (count < 0 && errno == EINTR);
  return count;
}

ssize_t receive_some(int socket, MutableBytes space) {
  ssize_t count = 0;
  do {
    count = recv(socket, space.data(), space.size(), 0);
  } while (count < 0 && errno == EINTR);
  return count;
}

}  // namespace

// Reads of a Unix-domain socket stop where descriptors were sent along, which a peer may do.
SocketChannel::SocketChannel(PosixReactor& reactor, Selectable& owner, int socket, SocketKind kind,
                             Start start)
    : Channel(Receiving::copies),
      input_(kind == SocketKind::tcp ? Input::flowing : Input::in_pieces),
      output_(start == Start::connecting ? Output::connecting : Output::flowing),
      socket_(socket),
      reactor_(reactor),
      owner_(owner) {}

// The socket is watched only after connect: one that is not connecting yet counts as hung up. A
// Unix-domain socket is connected at once, or not at all: then the other's backlog is full, and
// nothing tells when it is not any more.
Error SocketChannel::connect_to(const Address& destination) {
  const int failure = connect_socket(socket_, destination);
  if (failure == EAGAIN) return connect_later(destination);
  if (failure == 0) return reactor_.watch(socket_, *this, PosixReactor::Interest::input_and_room);
  fail(failure);
  return {};
}

Error SocketChannel::connect_later(const Address& destination) {
  const Result<DelayedCall> call = reactor_.call_later(backlog_retry, [this, &destination] {
    if (Error error = connect_to(destination)) fail(error.native != 0 ? error.native : ENOBUFS);
  });
  if (call) retry_ = *call;
  return call.error();
}

// `finish_connect` tells.
void SocketChannel::fail(int number) {
  reactor_.forget_and_close(socket_);
  socket_ = -number;
  room();
}

// Each arrival of bytes reports POLLOUT as well, because there is room. It matters only to who
// waits for it. The kernel has an edge for room alone only after a send came up short.
void SocketChannel::ready(std::uint32_t events) {
  if ((events & (POLLRDHUP | POLLHUP | POLLERR | POLLPRI)) != 0) ending(events);
  if ((events & POLLIN) != 0) reactor_.mark_readable(owner_);
  if (output_ != Output::flowing && (events & POLLOUT) != 0) room();
}

// POLLHUP without POLLERR is no failure: both sides have ended, as they should.
void SocketChannel::ending(std::uint32_t events) {
  if (input_ == Input::flowing) input_ = Input::in_pieces;
  reactor_.mark_readable(owner_);
  if ((events & POLLERR) != 0) {
    set_broken();
    room();
  } else if ((events & POLLHUP) != 0 && output_ != Output::flowing) {
    room();
  }
}

void SocketChannel::room() {
  if (output_ == Output::connecting) output_ = Output::settled;
  reactor_.mark_writable(owner_);
}

// A short read has emptied the socket: what comes later is a new edge. But the end of input is no
// byte; where its edge has been seen already, it has to be fetched. And reads stop at the mark of
// urgent data, whose one byte is nobody's, with more behind it; a peer that sent some may do so
// again.
bool SocketChannel::emptied(ssize_t count, std::size_t wanted) const {
  return count <= 0 || (static_cast<std::size_t>(count) < wanted && input_ == Input::flowing);
}

Channel::ReadResult SocketChannel::read(MutableBytes space) {
  const ssize_t count = receive_some(socket_, space);
  if (count <= 0) return nothing_read(count);
  const auto bytes = static_cast<std::size_t>(count);
  const bool drained = emptied(count, space.size());
  if (drained) expect(POLLIN | POLLPRI);
  return {.bytes = bytes,
          .status = drained ? ReadResult::Status::drained : ReadResult::Status::more};
}

Channel::ReadResult SocketChannel::nothing_read(ssize_t count) {
  if (count < 0) {
    if (errno == EAGAIN) {
      expect(POLLIN | POLLPRI);
      return {.status = ReadResult::Status::drained};
    }
    return {.status = ReadResult::Status::failed, .error = lost_for(errno)};
  }
  input_ = Input::ended;
  return {.status = ReadResult::Status::ended};
}

Channel::WriteResult SocketChannel::write(const TwoSpans& bytes) {
  if (broken()) return failed_write();
  const std::size_t offered = bytes.size();
  if (offered == 0) return {};
  const ssize_t count = send_some(socket_, bytes);
  if (count < 0) return nothing_sent();
  const auto taken = static_cast<std::size_t>(count);
  output_ = Output::flowing;
  if (taken < offered) wait_for_room();
  return {.handed = taken, .released = taken};
}

// When the socket is full the kernel sends an edge once a good part of it is free. Memory it
// was short of comes back without one.
Channel::WriteResult SocketChannel::nothing_sent() {
  if (errno == ENOBUFS || errno == ENOMEM) {
    reactor_.mark_writable(owner_);
    reactor_.hold_back(owner_);
    return {};
  }
  if (errno != EAGAIN) return {.error = lost_for(errno)};
  wait_for_room();
  return {};
}

void SocketChannel::wait_for_room() {
  output_ = Output::blocked;
  expect(POLLOUT);
}

// The reason may have been fetched already, by a read.
Channel::WriteResult SocketChannel::failed_write() const {
  const int number = take_error(socket_);
  return {.error = lost_for(number != 0 ? number : EPIPE)};
}

void SocketChannel::shut_down_writing() { shutdown(socket_, SHUT_WR); }

// Linux resets a connection that is closed with input unread, and the reset can overtake what we
// sent last. What arrives after the close is answered with a reset all the same.
void SocketChannel::close() {
  if (input_ != Input::ended) discard_input();
  let_go();
}

// With MSG_TRUNC, TCP throws bytes away without copying them. Others have nowhere to put them.
void SocketChannel::discard_input() {
  for (int reads = 0; reads < discard_reads; ++reads) {
    const ssize_t count = recv(socket_, nullptr, discard_bytes, MSG_TRUNC);
    if (count < 0 && errno == EFAULT) return discard_copies();
    if (emptied(count, discard_bytes)) return;
  }
}

void SocketChannel::discard_copies() {
  std::byte piece[4096];
  for (std::size_t total = 0; total < discard_reads * discard_bytes; total += sizeof piece) {
    if (receive_some(socket_, piece) <= 0) return;
  }
}

void SocketChannel::abort() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  let_go();
}

void SocketChannel::let_go() {
  retry_.cancel();
  reactor_.forget_and_close(socket_);
  socket_ = -1;
}

// Nobody listened, and the system chose the destination's own port for us: TCP then connects the
// socket to itself.
bool SocketChannel::connected_to_itself() const { return host_of(socket_) == peer_of(socket_); }

Error SocketChannel::finish_connect() {
  if (output_ == Output::connecting) return Errc::would_block;
  const int number = socket_ < 0 ? -socket_ : take_error(socket_);
  if (number != 0) return failed_connect_for(number);
  if (output_ == Output::settled && connected_to_itself()) return error_of(ECONNREFUSED);
  output_ = Output::flowing;
  return {};
}

Error SocketChannel::set_options(const SocketOptions& options) {
  const bool unix_domain = host_of(socket_).family() == Address::Family::unix_path;
  return bobbin::set_socket_options(
      socket_, unix_domain ? SocketKind::unix_domain : SocketKind::tcp, options);
}

Address SocketChannel::host() const { return host_of(socket_); }

Address SocketChannel::peer() const { return peer_of(socket_); }

}  // namespace bobbin
