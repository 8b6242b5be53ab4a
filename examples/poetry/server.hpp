// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>
#include <string_view>

#include "example.hpp"

// A server as a command line names it: "[HOST:]PORT", where the host may have a name.
struct Server {
  std::string_view host = "127.0.0.1";
  std::uint16_t port = 0;
};

inline void write(example::Output output, const Server& server) {
  example::write(output, server.host);
  example::write(output, ":");
  example::write(output, std::uint64_t{server.port});
}
