// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include <bobbin/channel.hpp>
#include <bobbin/clock.hpp>
#include <bobbin/posix/watched.hpp>

#include "socket.hpp"

namespace bobbin {

class PosixReactor;

// A connected, or connecting, stream socket. Bytes the system took are released at once: it has
// copied them.
class SocketChannel final : public Watched, public Channel {
 public:
  // What it was made for.
  enum class Start : std::uint8_t { connecting, connected };

  // The socket is the channel's from now on, and not watched yet.
  SocketChannel(PosixReactor& reactor, Selectable& owner, int socket, SocketKind kind, Start start);

  // Starts to connect; how that went is told by `finish_connect`. `destination` stays where it is
  // for as long as it takes. Errors: no_capacity, and the socket is the caller's again.
  Error connect_to(const Address& destination);

  Error set_options(const SocketOptions& options);

  ReadResult read(MutableBytes space) override;
  WriteResult write(const TwoSpans& bytes) override;
  void shut_down_writing() override;
  void close() override;
  void abort() override;
  Error finish_connect() override;
  Address host() const override;
  Address peer() const override;

 private:
  enum class Input : std::uint8_t {
    flowing,
    in_pieces,  // a short read need not have emptied the socket
    ended,
  };
  enum class Output : std::uint8_t {
    connecting,
    settled,  // connected or failed; `finish_connect` has not been asked
    flowing,
    blocked,  // took less than it was given
  };

  void ready(std::uint32_t events) override;
  void ending(std::uint32_t events);
  void fail(int number);
  Error connect_later(const Address& destination);
  void room();
  void wait_for_room();
  ReadResult nothing_read(ssize_t count);
  WriteResult nothing_sent();
  WriteResult failed_write() const;
  bool connected_to_itself() const;
  bool emptied(ssize_t count, std::size_t wanted) const;
  void discard_input();
  void discard_copies();
  void let_go();

  Input input_ = Input::flowing;
  Output output_;
  int socket_;  // of a connect that failed at once, -errno
  DelayedCall retry_;
  PosixReactor& reactor_;
  Selectable& owner_;
};

}  // namespace bobbin
