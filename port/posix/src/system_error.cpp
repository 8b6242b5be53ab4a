// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "system_error.hpp"

#include <cerrno>

namespace bobbin {

namespace {

Errc code_of(int number) {
  switch (number) {
    case EAGAIN: return Errc::would_block;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case ENOSPC: return Errc::no_capacity;  // ENOSPC: epoll's max_user_watches
    case ECONNREFUSED: return Errc::connection_refused;
    case ETIMEDOUT: return Errc::timed_out;
    case EMSGSIZE: return Errc::message_too_long;
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTDOWN:
    case EHOSTUNREACH: return Errc::unreachable;
    case ECONNABORTED:
    case ECONNRESET:
    case EPIPE: return Errc::connection_lost;
    case EEXIST: return Errc::already_registered;  // epoll watches it
    case EADDRINUSE: return Errc::address_in_use;
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case EADDRNOTAVAIL: return Errc::address_not_available;
    case EACCES:
    case EROFS:
    case EPERM: return Errc::permission_denied;
    case EAFNOSUPPORT:
    case EPFNOSUPPORT:
    case EPROTONOSUPPORT:
    case ENOSYS: return Errc::not_supported;
    case EBADF:
    case ENAMETOOLONG:
    case ENOTTY:
    case ENOTSOCK:
    case EINVAL: return Errc::invalid_argument;
    default: return Errc::system_error;
  }
}

}  // namespace

Error error_of(int number) { return {code_of(number), number}; }

// To whom there is no file of that name it makes no difference that there was one without a
// listener a moment ago; nor that somebody takes datagrams there.
Error failed_connect_for(int number) {
  switch (number) {
    case ENOENT:
    case ENOTDIR:
    case EPROTOTYPE: return {Errc::connection_refused, number};
    default: return error_of(number);
  }
}

// Linux gives up only when retransmissions or keep-alive went without an answer, and then says why,
// if a router or ARP has told it.
Error lost_for(int number) {
  switch (number) {
    case ETIMEDOUT:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENETUNREACH: return {Errc::timed_out, number};
    default: return {Errc::connection_lost, number};
  }
}

}  // namespace bobbin
