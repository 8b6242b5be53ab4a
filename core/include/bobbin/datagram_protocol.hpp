// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/address.hpp>
#include <bobbin/assert.hpp>
#include <bobbin/bytes.hpp>

namespace bobbin {

class DatagramPort;

// Gives datagrams their meaning: Twisted's DatagramProtocol. One object for each UDP port, whose
// peers it all serves; it may serve another port, or the same one again, once it was stopped.
//
// Order of calls: `start_protocol` once, the others any number of times, `stop_protocol` exactly
// once. All come from the reactor, one at a time, never from inside a call that the protocol made;
// but destroying the port stops it there and then. Each may do anything: write, connect, join,
// pause, stop listening, and use other ports, but not destroy its own.
class DatagramProtocol {
 public:
  DatagramProtocol(const DatagramProtocol&) = delete;
  DatagramProtocol& operator=(const DatagramProtocol&) = delete;

  // The port listens, and the reactor runs.
  virtual void start_protocol() {}

  // One datagram as it was sent, maybe empty, valid for this call only. Datagrams may be lost,
  // come twice or in another order, and `from` is what the sender says it is.
  virtual void datagram_received(Bytes datagram, const Address& from) = 0;

  // Something sent to the connected peer found nobody listening there. Only of connected ports, and
  // only where the system tells: Linux does, lwIP does not.
  virtual void connection_refused() {}

  // The port listens no more.
  virtual void stop_protocol() {}

  // Called by the port.
  void do_start(DatagramPort& port);
  void do_stop();

  // From `start_protocol` until `stop_protocol` has returned.
  DatagramPort& transport() const {
    BOBBIN_ASSERT(transport_ != nullptr);
    return *transport_;
  }

 protected:
  DatagramProtocol() = default;
  ~DatagramProtocol() = default;

 private:
  DatagramPort* transport_ = nullptr;
};

}  // namespace bobbin
