// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <concepts>
#include <cstddef>
#include <string_view>

#include <bobbin/address.hpp>
#include <bobbin/channel.hpp>
#include <bobbin/connection_pool.hpp>
#include <bobbin/connector.hpp>
#include <bobbin/protocol.hpp>
#include <bobbin/reactor.hpp>
#include <bobbin/tcp.hpp>

namespace bobbin {

// The other end of a StringTransport: what is written gathers in one piece of memory, what is read
// comes from another.
class StringChannel final : public Channel {
 public:
  struct Storage {
    MutableBytes written;
    MutableBytes input;
  };
  struct Addresses {
    Address host = Address::ip4({10, 0, 0, 1}, 12345);
    Address peer = Address::ip4({192, 168, 1, 1}, 54321);
  };

  // How our side has ended, as the peer sees it.
  enum class Ending : std::uint8_t { none, half_closed, closed, aborted };

  explicit StringChannel(Storage storage) : Channel(Receiving::copies), storage_(storage) {}

  void begin(const Addresses& addresses);
  bool feed(Bytes bytes);
  void feed_end() { at_end_ = true; }
  void break_for(Error reason);
  void take_at_most(std::size_t count) { takes_ = count; }
  void clear() { written_ = 0; }

  Bytes written() const { return storage_.written.first(written_); }
  std::size_t unread() const { return fed_; }
  Ending ending() const { return ending_; }
  const Addresses& addresses() const { return addresses_; }

  ReadResult read(MutableBytes space) override;
  WriteResult write(const TwoSpans& bytes) override;
  void shut_down_writing() override { ending_ = Ending::half_closed; }
  void close() override { ending_ = Ending::closed; }
  void abort() override;
  Error finish_connect() override { return {}; }
  Address host() const override { return addresses_.host; }
  Address peer() const override { return addresses_.peer; }

  static constexpr std::size_t everything = static_cast<std::size_t>(-1);

 private:
  std::size_t take(Bytes bytes);

  Storage storage_;
  Addresses addresses_;
  std::size_t written_ = 0;
  std::size_t fed_ = 0;
  std::size_t takes_ = everything;
  Error reason_;
  Ending ending_ = Ending::none;
  bool at_end_ = false;
};

// Not sized; see StringTransport.
class StringTransportBase : private ClientFactory, private Connector {
 public:
  StringTransportBase(const StringTransportBase&) = delete;
  StringTransportBase& operator=(const StringTransportBase&) = delete;

  // Something arrives: as much as the test says at once, or a byte at a time. That it is no more
  // than there is room for, with what is `unread`, and comes before the end, is asserted.
  void receive(Bytes bytes);
  void receive(std::string_view text) { receive(bytes_of(text)); }
  void receive_bytewise(std::string_view text);

  // What arrived and the transport has not taken: it is paused, or its buffer is full.
  std::size_t unread() const { return channel_.unread(); }

  // The peer will send no more.
  void receive_end();

  // The connection breaks.
  void lose(Error reason = Errc::connection_lost);

  // What was written since the last `clear`, and has reached the peer. When there is no room for
  // more, more stays in the transport's send ring.
  std::string_view value() const { return text_of(channel_.written()); }
  void clear();

  // The peer does not read: what is written stays in the send ring, and producers are paused.
  // `take` has it read so many bytes; `release` all, and go on reading.
  void hold() { channel_.take_at_most(0); }
  void take(std::size_t count);
  void release() { take(StringChannel::everything); }

  // From `connection_made` until `connection_lost` has returned.
  bool connected() const { return Connector::state() == State::connected; }

  // Whether the protocol has asked for the end: in order (`lose_connection`; also once it has
  // come), of its own bytes alone (`lose_write_connection`, and the peer has seen it), or at once.
  bool disconnecting() const;
  bool write_ended() const { return channel_.ending() == StringChannel::Ending::half_closed; }
  bool aborted() const { return channel_.ending() == StringChannel::Ending::aborted; }

  // Why it was lost, `ok` before.
  Error reason() const { return reason_; }

  // Has the consequences come of what the test itself asked of the protocol or its transport.
  void settle();

 protected:
  StringTransportBase(Reactor& reactor, ConnectionPool& pool, StringChannel::Storage storage)
      : Connector(static_cast<ClientFactory&>(*this), pool), reactor_(reactor), channel_(storage) {}
  ~StringTransportBase() = default;

  Error connect(Protocol& protocol, const StringChannel::Addresses& addresses);
  using Connector::shut_down;

 private:
  Protocol* build_protocol(const Address&) override { return protocol_; }
  void client_connection_lost(Error reason) override { reason_ = reason; }

  // Turns that one call here may lead to.
  static constexpr int turns_max = 1000;

  Reactor& reactor_;
  StringChannel channel_;
  Protocol* protocol_ = nullptr;
  Error reason_;
};

template <ConnectionSizes sizes, std::size_t capacity>
struct StringTransportMemory {
  static_assert(sizes.connections == 1, "bobbin: a StringTransport has one connection");

  Connections<sizes> only_connection;
  std::byte written_bytes[capacity];
  std::byte input_bytes[capacity];
};

// A connection for testing a protocol by itself, after Twisted's StringTransport: the test says
// what arrives and looks at what was written. It is a real connection, with the flow control and
// the life cycle of all others, of `sizes`; only its other end is made of strings, of up to
// `capacity` bytes each.
//
// Each call has the reactor do what is ready, without letting time pass, so that its consequences
// are there when it returns. None may be made from inside a callback. Destroying it ends the
// connection with `connection_lost(connection_aborted)`.
//
//   Greeter greeter;
//   StringTransport<> transport(reactor);
//   ASSERT_FALSE(transport.make_connection(greeter));
//   transport.receive("hello\r\n");
//   EXPECT_EQ(transport.value(), "good day\r\n");
template <ConnectionSizes sizes = ConnectionSizes{}, std::size_t capacity = 4096>
class StringTransport : private StringTransportMemory<sizes, capacity>, public StringTransportBase {
 public:
  explicit StringTransport(Reactor& reactor)
      : StringTransportBase(reactor, this->only_connection,
                            {this->written_bytes, this->input_bytes}) {}
  ~StringTransport() { this->shut_down(); }

  // Makes a connection with the protocol (Twisted's makeConnection), which outlives it; it may be
  // done again when the connection is lost. Errors, and nothing has happened: already_running;
  // no_capacity, when the reactor has no timer; not_running, when it was stopped.
  template <std::derived_from<Protocol> P>
  Error make_connection(P& protocol, const StringChannel::Addresses& addresses = {}) {
    static_assert(buffers_suit<P, sizes>());
    return this->connect(protocol, addresses);
  }
};

}  // namespace bobbin
