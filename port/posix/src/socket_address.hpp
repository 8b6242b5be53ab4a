// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <sys/socket.h>

#include <bobbin/address.hpp>

namespace bobbin {

// An address as system calls take it, and as they give it.
struct SocketAddress {
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }

  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);
};

SocketAddress to_socket_address(const Address& address);
Address to_address(const SocketAddress& from);  // 0.0.0.0:0 for other families

}  // namespace bobbin
