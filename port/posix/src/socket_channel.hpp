// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include <bobbin/channel.hpp>
#include <bobbin/posix/watched.hpp>

namespace bobbin {

class PosixReactor;

// A connected, or connecting, TCP socket. Bytes the system took are released at once: it has copied
// them.
class SocketChannel final : public Watched, public Channel {
 public:
  // What it was made for.
  enum class Start : std::uint8_t { connecting, accepted };

  // The socket is the channel's from now on, and not watched yet.
  SocketChannel(PosixReactor& reactor, Selectable& owner, int socket, Start start);

  // The connect failed at once, with this errno; `finish_connect` reports it.
  void fail(int number);

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
    ending,  // the end, an error or the mark of urgent data waits behind the bytes
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
  void room();
  void wait_for_room();
  ReadResult nothing_read(ssize_t count, MutableBytes space);
  WriteResult nothing_sent(const TwoSpans& bytes);
  WriteResult failed_write() const;
  bool emptied(ssize_t count, std::size_t wanted) const;
  void discard_input();
  void let_go();

  Input input_ = Input::flowing;
  Output output_;
  int socket_;
  int failure_ = 0;
  PosixReactor& reactor_;
  Selectable& owner_;
};

}  // namespace bobbin
