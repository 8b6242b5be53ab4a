// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/error.hpp>

namespace bobbin {

std::string_view describe(Errc code) {
  switch (code) {
    case Errc::ok: return "no error";
    case Errc::connection_done: return "connection closed cleanly";
    case Errc::connection_lost: return "connection lost";
    case Errc::connection_aborted: return "connection aborted";
    case Errc::message_too_long: return "message too long";
    case Errc::connection_refused: return "connection refused";
    case Errc::timed_out: return "timed out";
    case Errc::evicted: return "evicted to make room";
    case Errc::unreachable: return "destination unreachable";
    case Errc::unknown_host: return "unknown host";
    case Errc::cancelled: return "cancelled";
    case Errc::no_capacity: return "out of capacity";
    case Errc::would_block: return "not now";
    case Errc::invalid_argument: return "invalid argument";
    case Errc::already_registered: return "already registered";
    case Errc::already_running: return "already running";
    case Errc::not_running: return "not running";
    case Errc::not_restartable: return "cannot be started twice";
    case Errc::not_supported: return "not supported here";
    case Errc::address_in_use: return "address already in use";
    case Errc::address_not_available: return "address not available on this machine";
    case Errc::permission_denied: return "permission denied";
    case Errc::system_error: return "system error";
    case Errc::application_error: return "application error";
  }
  return "unknown error";
}

}  // namespace bobbin
