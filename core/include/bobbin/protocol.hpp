// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>

#include <bobbin/address.hpp>
#include <bobbin/assert.hpp>
#include <bobbin/bytes.hpp>
#include <bobbin/error.hpp>

namespace bobbin {

class Transport;

// Gives one connection's bytes their meaning: Twisted's IProtocol. One object for each connection;
// what connections share belongs to the factory.
//
// Order of calls: `make_connection` (which calls `connection_made`), `data_received` any number of
// times, `read_connection_lost` at most once, `connection_lost` exactly once. All come from the
// reactor, one at a time, never from inside a call that the protocol made; but destroying a server
// or client ends its connections there and then. Each may do anything: write, close, abort, pause,
// register, and use other connections.
class Protocol {
 public:
  Protocol(const Protocol&) = delete;
  Protocol& operator=(const Protocol&) = delete;

  virtual void connection_made() {}

  // `data` is what has arrived and was not used before, in order and contiguous; never empty, valid
  // for this call only. Returns how many bytes, from its front, are used. The rest is kept: if some
  // were used it is offered again at once, so one call may take one message; if none were, it is
  // offered again when more bytes arrive, when the send ring has drained, or after
  // `resume_producing`. Returning less is how a protocol waits: for the rest of a message, or for
  // room to answer in. A protocol that uses nothing of a full receive buffer, has nothing left to
  // send and is not paused would wait for ever: that connection ends with `message_too_long`.
  //
  // To use more than there is would be a mistake of the program's, and is an assertion; a build
  // without those takes it for all there is.
  //
  // The default uses everything and does nothing with it, as Twisted's does.
  virtual std::size_t data_received(Bytes data) { return data.size(); }

  // The peer will send no more: everything it sent has been used, or was offered last and cannot
  // be used. Our side may still write. The default dismisses the producer and ends the connection
  // after what was written (Twisted's IHalfCloseableProtocol, without having to ask for it).
  virtual void read_connection_lost();

  // The connection is gone. `reason` tells a clean end (connection_done) from all others. Nothing
  // can be written any more; after this call both slots are used again.
  virtual void connection_lost([[maybe_unused]] Error reason) {}

  // Called once by who built the protocol.
  void make_connection(Transport& transport) {
    transport_ = &transport;
    connection_made();
  }

  // From `connection_made` until `connection_lost` has returned.
  Transport& transport() const {
    BOBBIN_ASSERT(transport_ != nullptr);
    return *transport_;
  }

 protected:
  Protocol() = default;
  ~Protocol() = default;

 private:
  Transport* transport_ = nullptr;
};

// Builds a protocol for each connection and holds what they share: Twisted's Factory.
class Factory {
 public:
  // A protocol for the connection with `peer`, to stay until `protocol_done`; null refuses the
  // connection, which is then reset.
  virtual Protocol* build_protocol(const Address& peer) = 0;

  // The protocol's `connection_lost` has returned: its slot may be used again.
  virtual void protocol_done([[maybe_unused]] Protocol& protocol) {}

  // Whether the next `build_protocol` can succeed. While it cannot, connections are not accepted:
  // they wait in the backlog, or what the port's `ListenOptions::when_full` says. Asked again only
  // when a connection of the same pool has ended, so it may depend on nothing else.
  virtual bool has_room() const { return true; }

 protected:
  ~Factory() = default;
};

// Twisted's ClientFactory.
class ClientFactory : public Factory {
 public:
  // The connection could not be made. Comes from the reactor, always after `connect_tcp` returned.
  virtual void client_connection_failed([[maybe_unused]] Error reason) {}

  // After the protocol's own `connection_lost`. The connector may connect again from here.
  virtual void client_connection_lost([[maybe_unused]] Error reason) {}

 protected:
  ~ClientFactory() = default;
};

}  // namespace bobbin
