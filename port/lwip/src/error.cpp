// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "error.hpp"

namespace bobbin {

namespace {

Errc errc_of(err_t code, Connected connected) {
  switch (code) {
    case ERR_OK: return Errc::ok;
    case ERR_MEM:
    case ERR_BUF: return Errc::no_capacity;
    case ERR_RTE:
    case ERR_IF: return Errc::unreachable;
    case ERR_USE: return Errc::address_in_use;
    case ERR_VAL:
    case ERR_ARG: return Errc::invalid_argument;
    case ERR_RST:
      return connected == Connected::yes ? Errc::connection_lost : Errc::connection_refused;
    // Nobody answered: neither retransmissions nor keep-alive; or the interface lost its address.
    case ERR_ABRT: return Errc::timed_out;
    case ERR_CLSD: return Errc::connection_lost;
    default: return Errc::system_error;
  }
}

}  // namespace

Error error_of(err_t code, Connected connected) { return {errc_of(code, connected), code}; }

}  // namespace bobbin
