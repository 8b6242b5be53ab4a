// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "socket_acceptor.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include <bobbin/posix/descriptor.hpp>
#include <bobbin/posix/posix_reactor.hpp>

#include "socket.hpp"
#include "socket_channel.hpp"
#include "system_error.hpp"

namespace bobbin {

namespace {

// On Linux accept also passes on the errors of the connection it would have returned: accept(2).
bool went_away(int number) {
  switch (number) {
    case ECONNABORTED:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENETDOWN:
    case ENETUNREACH:
    case ENONET:
    case ENOPROTOOPT:
    case EOPNOTSUPP:
    case EPROTO: return true;
    default: return false;
  }
}

int accept_socket(int listening) {
  int socket = -1;
  do {
    socket = accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  } while (socket < 0 && errno == EINTR);
  return socket;
}

}  // namespace

// TCP_NODELAY and keep-alive are inherited from the listening socket. Who could not be watched is
// not accepted: it would have to be closed.
Result<Channel*> SocketAcceptor::accept(ChannelSlot& slot, Selectable& owner) {
  if (!reactor_.may_watch()) return has_waiting() ? Errc::no_capacity : Errc::would_block;
  Descriptor socket(accept_socket(socket_));
  if (!socket.open()) {
    const int number = errno;
    if (number == EAGAIN) expect(POLLIN);
    return went_away(number) ? Error(Errc::connection_lost, number) : error_of(number);
  }
  SocketChannel& channel = slot.emplace<SocketChannel>(reactor_, owner, socket.number(), kind_,
                                                       SocketChannel::Start::connected);
  const auto interest = PosixReactor::Interest::input_and_room;
  if (Error error = reactor_.watch(socket.number(), channel, interest)) return error;
  socket.release();
  return &channel;
}

bool SocketAcceptor::has_waiting() {
  pollfd listening{.fd = socket_, .events = POLLIN, .revents = 0};
  if (poll(&listening, 1, 0) > 0) return true;
  expect(POLLIN);
  return false;
}

Address SocketAcceptor::host() const { return host_of(socket_); }

// The file first: nobody is to find one at which nobody listens.
void SocketAcceptor::close() {
  remove_socket_file(socket_, file_);
  reactor_.forget_and_close(socket_);
}

void SocketAcceptor::ready(std::uint32_t) { reactor_.mark_readable(owner_); }

}  // namespace bobbin
