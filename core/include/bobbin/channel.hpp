// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <bobbin/address.hpp>
#include <bobbin/bytes.hpp>
#include <bobbin/config.hpp>
#include <bobbin/error.hpp>
#include <bobbin/ring.hpp>

namespace bobbin {

class Selectable;

// Where a transport's bytes go: a socket, an lwIP pcb, a pipe in memory, a TLS session. A port
// implements it; applications never see it.
//
// The channel MUST call back nobody. When something happened that the transport should look at, it
// marks its owner (`Reactor::mark_readable`, `mark_writable`) and the reactor comes by:
//  - readable: bytes, the end of input or an error can be had from `read`;
//  - writable: after a `write` that did not take all, or while bytes it took are not released:
//    there is room, or bytes may be released. Also when a connect has ended, and when the
//    connection broke, after `set_broken`.
// Marks are edges: a channel need not repeat one before `read` said `drained`, `lend` showed all in
// one piece without an end, or `write` took less than it was given. A mark without a reason does no
// harm.
class Channel {
 public:
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  struct ReadResult {
    enum class Status : std::uint8_t {
      more,     // there may be more: read again; `bytes` is not 0
      drained,  // nothing more until the owner is next marked readable
      ended,    // `bytes` is 0 and the peer will send no more
      failed,   // `bytes` is 0; the connection is broken for the reason in `error`
    };
    std::size_t bytes = 0;
    Status status = Status::drained;
    Error error{};
  };

  // Copies what the peer sent into `space` (not empty) and takes it out of the channel.
  virtual ReadResult read(MutableBytes space) = 0;

  // For a port that holds received bytes itself (`lends()`): the first contiguous piece of what has
  // arrived, where it lies, and how much there is in all. Nothing is taken out. The view holds
  // until the next call on the channel; while the owner is not marked and nothing is read or used,
  // `lend` shows the same piece. Empty when nothing is there; the reason is then had from `read`.
  struct Lent {
    Bytes first;
    std::size_t total = 0;
    bool ended = false;  // the peer will send no more than this
  };
  virtual Lent lend() { return {}; }

  // The protocol is done with the next `count` bytes, in the order in which they arrived: first
  // those that `read` gave, then those that `lend` showed, which are now taken out. The port may
  // let the peer send that many more. Called only if `lends()`.
  virtual void used([[maybe_unused]] std::size_t count) {}

  struct WriteResult {
    std::size_t handed = 0;    // of the bytes offered, how many the channel took
    std::size_t released = 0;  // of all bytes ever taken, how many more it no longer needs
    Error error{};             // if set, the connection is broken for this reason
  };

  // Offers bytes that stay where they are until they have been released. Takes as much as it can,
  // maybe nothing. Also called with nothing to offer, to collect what may be released.
  virtual WriteResult write(const TwoSpans& bytes) = 0;

  // The end of our bytes; everything written before has been released. Reading goes on.
  virtual void shut_down_writing() = 0;

  // Ends in order, once all bytes were released. The port has let go of the channel afterwards:
  // nothing is marked any more. So it is for `abort`, which resets the connection and drops what
  // the port still holds; it may be called at any time, also while connecting.
  virtual void close() = 0;
  virtual void abort() = 0;

  // How the connect this channel was made for went: no error when it is connected, would_block
  // while that is not known, else the reason for its failure. Never called on accepted channels.
  virtual Error finish_connect() = 0;

  virtual Address host() const = 0;
  virtual Address peer() const = 0;

  bool lends() const { return lends_; }
  bool broken() const { return broken_; }

 protected:
  enum class Receiving : std::uint8_t { copies, lends };
  explicit Channel(Receiving receiving) : lends_(receiving == Receiving::lends) {}
  // Never destroyed, only forgotten after `close` or `abort`: it lives in its connection's slot.
  ~Channel() = default;

  // The connection is broken: `write` will say why, and `read` too, after what can still be had.
  void set_broken() { broken_ = true; }
  // For a channel that is used again, for another connection.
  void set_whole() { broken_ = false; }

 private:
  bool lends_;
  bool broken_ = false;
};

// The place for a port's channel inside a connection's slot, so that a connection is one piece of
// memory whatever port it runs on.
class ChannelSlot {
 public:
  template <class C, class... Arguments>
  C& emplace(Arguments&&... arguments) {
    static_assert(std::derived_from<C, Channel>);
    static_assert(sizeof(C) <= config::channel_bytes,
                  "bobbin: this port's channel does not fit; raise BOBBIN_CHANNEL_BYTES");
    static_assert(alignof(C) <= alignof(void*));
    return *std::construct_at(reinterpret_cast<C*>(storage_),
                              std::forward<Arguments>(arguments)...);
  }

  // Whether it was built here. Where in its object the Channel lies is the port's affair.
  bool holds(const Channel& channel) const {
    const auto slot = reinterpret_cast<std::uintptr_t>(storage_);
    return reinterpret_cast<std::uintptr_t>(&channel) - slot < sizeof storage_;
  }

 private:
  alignas(void*) std::byte storage_[config::channel_bytes];
};

// The port's side of a listening port: where new connections come from.
class Acceptor {
 public:
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  // Takes the next connection that waits and builds its channel in `slot`, owned by `owner`.
  // Errors: would_block when none waits (the listening port is marked readable when one does);
  // connection_lost when one was there and went away, so that the next may be tried at once;
  // anything else is passing trouble of the port's.
  virtual Result<Channel*> accept(ChannelSlot& slot, Selectable& owner) = 0;

  // Whether `accept` would find somebody. If not, the listening port is marked when one comes.
  virtual bool has_waiting() = 0;

  virtual Address host() const = 0;

  // Stops listening. The port has let go of the acceptor afterwards; those who wait are refused.
  virtual void close() = 0;

 protected:
  Acceptor() = default;
  ~Acceptor() = default;
};

// As ChannelSlot, for acceptors.
class AcceptorSlot {
 public:
  template <class A, class... Arguments>
  A& emplace(Arguments&&... arguments) {
    static_assert(std::derived_from<A, Acceptor>);
    static_assert(sizeof(A) <= config::acceptor_bytes,
                  "bobbin: this port's acceptor does not fit; raise BOBBIN_ACCEPTOR_BYTES");
    static_assert(alignof(A) <= alignof(std::uint64_t));
    return *std::construct_at(reinterpret_cast<A*>(storage_),
                              std::forward<Arguments>(arguments)...);
  }

 private:
  alignas(std::uint64_t) std::byte storage_[config::acceptor_bytes];
};

}  // namespace bobbin
