// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/net/decoded.hpp>
#include <bobbin/protocol.hpp>
#include <bobbin/transport.hpp>

namespace bobbin {

// Joins a decoder to a transport: what the receivers of this folder have in common, and what to
// derive from for a framing of one's own. It holds no bytes. A message is given where it lies in
// the transport's or the port's memory, so the receive buffer must hold the longest one with its
// framing; where it does not, the connection ends with `message_too_long`.
//
// What is given a message may do anything, as any callback of a protocol: once it has paused,
// closed or aborted, no further message is given.
class FramedProtocol : public Protocol {
 public:
  std::size_t data_received(Bytes data) override;

 protected:
  FramedProtocol() = default;
  ~FramedProtocol() = default;

 private:
  // What is at the front of `data`, which may be empty; see Decoded.
  virtual Decoded find(Bytes data) = 0;
  // A whole message. If it is taken, `take` follows.
  virtual Taken give(Bytes message) = 0;
  virtual void take() {}
  // A frame that is `too_long` or `malformed`. One without a size cannot be passed over: after it
  // the connection is closed.
  virtual void refuse(const Decoded& frame) = 0;
};

}  // namespace bobbin
