// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

#include <bobbin/datagram_channel.hpp>
#include <bobbin/datagram_port.hpp>
#include <bobbin/posix/watched.hpp>

struct msghdr;

namespace bobbin {

class PosixReactor;

// A bound UDP socket that does not block. The caller closes it. Errors: as `error_of`.
Result<int> open_datagram_socket(const Address& address, const UdpOptions& options);

// A bound UDP socket.
class DatagramSocket final : public DatagramChannel, public Watched {
 public:
  // The socket is the channel's from now on, and not watched yet.
  DatagramSocket(PosixReactor& reactor, Selectable& owner, int socket)
      : reactor_(reactor), owner_(owner), socket_(socket) {}

  Received receive(MutableBytes space) override;
  Error send(Bytes datagram, const Address& to) override;
  Error connect(const Address& peer) override;
  Error join_group(const Address& group, const Address& interface) override;
  Error leave_group(const Address& group, const Address& interface) override;
  Address host() const override;
  void close() override;

 private:
  void ready(std::uint32_t events) override;
  Received nothing_received(int number);
  void note_overflow(msghdr& message);

  PosixReactor& reactor_;
  Selectable& owner_;
  int socket_;
  std::uint32_t overflow_ = 0;  // the kernel's count of what it had no room for
  bool refused_ = false;        // found out by a `send`, and not told yet
};

}  // namespace bobbin
