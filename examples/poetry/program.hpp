// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <string_view>

#include <bobbin/bobbin.hpp>

#include "poem.hpp"

// What the poetry programs have in common, beside their command lines.
namespace poetry {

// Says what is the matter. The exit status.
inline int complain(std::string_view what, std::string_view why) {
  example::print_error(what, ": ", why);
  return 1;
}
inline int complain(std::string_view what, Error error) { return complain(what, describe(error)); }

// Serves at `address` until a signal. The exit status.
inline int serve(Reactor& reactor, const Address& address, bobbin::ListeningPort& port) {
  example::allow_descriptors();
  if (Error error = reactor.stop_on_signals()) return complain("cannot run", error);
  return example::serve(reactor, {.address = address}, port);
}

}  // namespace poetry
