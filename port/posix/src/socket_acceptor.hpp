// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

#include <bobbin/channel.hpp>
#include <bobbin/posix/watched.hpp>

#include "socket.hpp"
#include "unix_socket.hpp"

namespace bobbin {

class PosixReactor;

// A listening stream socket.
class SocketAcceptor final : public Acceptor, public Watched {
 public:
  // The socket is not watched yet.
  SocketAcceptor(PosixReactor& reactor, Selectable& owner, int socket, SocketKind kind)
      : reactor_(reactor), owner_(owner), socket_(socket), kind_(kind) {}

  // That `close` removes.
  void remove_at_close(const SocketFile& file) { file_ = file; }

  Result<Channel*> accept(ChannelSlot& slot, Selectable& owner) override;
  bool has_waiting() override;
  Address host() const override;
  void close() override;

 private:
  void ready(std::uint32_t events) override;

  PosixReactor& reactor_;
  Selectable& owner_;
  int socket_;
  SocketKind kind_;
  SocketFile file_;
};

}  // namespace bobbin
