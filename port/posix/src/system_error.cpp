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
    case EADDRINUSE: return Errc::address_in_use;
    case EADDRNOTAVAIL: return Errc::address_not_available;
    case EACCES:
    case EPERM: return Errc::permission_denied;
    case EAFNOSUPPORT:
    case EPFNOSUPPORT:
    case EPROTONOSUPPORT:
    case ENOSYS: return Errc::not_supported;
    case EINVAL: return Errc::invalid_argument;
    default: return Errc::system_error;
  }
}

}  // namespace

Error error_of(int number) { return {code_of(number), number}; }

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
