// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include <bobbin/bytes.hpp>
#include <bobbin/channel.hpp>
#include <bobbin/connection_owner.hpp>
#include <bobbin/error.hpp>
#include <bobbin/producer.hpp>
#include <bobbin/receive_buffer.hpp>
#include <bobbin/ring.hpp>
#include <bobbin/selectable.hpp>

namespace bobbin {

// One connection: the send ring, the receive buffer, the flow control and the life cycle, the same
// over every port (Twisted's ITransport, ITCPTransport, IConsumer and IPushProducer in one). It
// lives in a slot of a ConnectionPool from before `build_protocol` until `connection_lost` has
// returned; a protocol must not keep a reference beyond that.
//
// No call here calls the protocol back: what follows from it comes from the reactor, in this turn
// or the next. The one exception is `pause_producing` of a registered push producer, which comes
// from inside the `write` that crossed the high-water mark. All calls may be made from any
// callback, but only from the reactor's own thread. After the connection was lost they do nothing.
class Transport final : public PushProducer, private Selectable {
 public:
  // Appends to the send ring as much as fits and returns how much that was: 0 when the ring is
  // full, and after `lose_write_connection` or the loss of the connection. After `lose_connection`
  // it still takes bytes for as long as earlier ones are being sent. What was taken goes out in
  // order, coalesced with the other writes of the turn.
  [[nodiscard]] std::size_t write(Bytes bytes);

  // All of the bytes, or none: false when there is not enough room.
  [[nodiscard]] bool write_all(Bytes bytes);

  // As `write_all`, of several pieces one behind the other: a message in its framing.
  [[nodiscard]] bool write_sequence(std::initializer_list<Bytes> pieces);

  // As `write_all`, for a protocol's own control frames: may also use the part of the ring that
  // `ConnectionSizes::control` keeps from ordinary writes, so that pressure cannot hold them back.
  [[nodiscard]] bool write_control(Bytes bytes);

  // Builds in the ring, without a copy: the next contiguous free piece, of which the first
  // `count` bytes are then sent. Both calls belong into one callback, with no other write between.
  MutableBytes reserve();
  void commit(std::size_t count);

  // How much `write` would take now, and how much the ring holds that was not released yet.
  std::size_t room() const;
  std::size_t unsent() const {
    check_context();
    return ring_.size();
  }

  // Ends the connection in order: no more input; what is in the ring is sent, then it closes. It
  // stays open for as long as a producer is registered (as in Twisted), and for as long as the peer
  // does not read; `abort_connection` may follow. The protocol hears
  // `connection_lost(connection_done)`, unless the connection breaks first.
  void lose_connection();

  // Ends our side only: takes no more; what is in the ring is sent, then a registered producer is
  // told to stop and the peer sees the end. Input goes on; when that has ended too, the connection
  // is closed.
  void lose_write_connection();

  // Ends at once: drops the ring's bytes and resets. `connection_lost(connection_aborted)`.
  void abort_connection();

  // What this connection writes from: one producer at a time. Registering starts nothing: a pull
  // producer is first asked, and a push producer resumed, by the reactor; a push producer that
  // finds the ring above its high-water mark is paused at once. Errors: already_registered;
  // connection_lost when there is nothing left to write to.
  //
  // A transport that is registered unregisters itself when its own connection is lost. Every other
  // producer must stay until it is unregistered or was told to stop.
  Error register_producer(PushProducer& producer);
  Error register_producer(PullProducer& producer);
  Error register_producer(Transport& producer);

  // No more calls to the producer. A connection that only waited for its producer now closes.
  void unregister_producer();

  // Whether this is the one that is registered.
  bool has_producer(const Producer& producer) const {
    check_context();
    return producer_ == &producer;
  }

  // Unregisters the producer, if there is one, and tells it to stop.
  void dismiss_producer();

  // The input as a producer: while paused nothing is read, and the peer's window closes. Costs no
  // system call. Input that arrived meanwhile is offered after resuming. `stop_producing` is
  // `lose_connection`.
  void pause_producing() override;
  void resume_producing() override;
  void stop_producing() override { lose_connection(); }

  // Whether the protocol is offered input: not while paused, and never again once it has closed or
  // aborted, or the peer has ended. A protocol that takes several messages from one offer asks
  // between them.
  bool reading() const {
    check_context();
    return state_ == State::open && input_ == Input::flowing;
  }

  // Whether it was asked to end in order and has not ended yet (Twisted's `disconnecting`).
  bool disconnecting() const {
    check_context();
    return state_ == State::closing;
  }

  // 0.0.0.0:0 once the connection is lost.
  Address host() const;
  Address peer() const;

  Reactor& reactor() const { return *owner_.reactor(); }

  // Whether there is a connection that nobody has ended: false after `lose_connection` and
  // `abort_connection`, and once it is lost, also before the protocol hears of that.
  bool connected() const {
    check_context();
    return state_ == State::open;
  }

 private:
  friend class ConnectionOwner;
  friend class ConnectionPool;
  friend class Connector;
  friend class ListeningPort;
  friend class Reactor;
  friend struct WhenFull;

  enum class State : std::uint8_t {
    connecting,  // has a channel, no protocol yet
    open,
    closing,  // closes when everything is sent and no producer is left
    lost,     // the channel is gone; connection_lost is due
    over,     // connection_lost is being delivered
  };
  enum class Input : std::uint8_t { flowing, paused, over };
  enum class Output : std::uint8_t { open, shutting, shut };
  enum class Left : std::uint8_t {
    nothing,
    again,    // to be offered as soon as the protocol wants input
    refused,  // nothing of it was used: offered again with more bytes, or after room was made
    stuck,    // as refused, and it was a whole receive buffer
  };
  enum class Producing : std::uint8_t { none, pull, push, push_paused };

  struct Buffers {
    MutableBytes receive;
    MutableBytes send;
  };

#ifdef BOBBIN_CHECK_CONTEXT
  void check_context() const;
#else
  void check_context() const {}
#endif

  Transport(ConnectionOwner& owner, Buffers buffers);
  ~Transport();

  void connect(Channel& channel) { channel_ = &channel; }
  void open(Channel& channel, Protocol& protocol);
  void lose(Error reason);
  void evict();
  ChannelSlot& channel_slot() { return slot_; }
  Selectable& selectable() { return *this; }

  void do_read() override;
  void do_write() override;

  [[gnu::noinline]] void finish_connecting();
  [[gnu::noinline]] void deliver_loss();
  // The peer has sent something, or taken something.
  void note_activity() {
    if (owner_.watches_activity_) tell_activity();
  }
  void tell_activity();

  // The step that writes will end it, or has.
  bool about_to_end() const {
    return state_ >= State::lost ||
           (state_ == State::closing && ring_.empty() && producing_ == Producing::none);
  }

  bool writing() const {
    return (state_ == State::open || state_ == State::closing) && output_ == Output::open;
  }
  bool append_all(Bytes bytes, std::size_t keep_free);
  void written();
  // Those declared inline are parts of one path, and defined in the one file that has it.
  inline void flush();
  inline void hand_over();
  // Nothing follows from bytes having been sent.
  bool quiet() const {
    return state_ == State::open && output_ == Output::open && left_ == Left::nothing &&
           producing_ == Producing::none;
  }
  inline void follow_up();
  void fail_after_reading(Error reason);
  void drained();
  void finish_writing();
  void shut_down_writing();
  void close();

  bool left_over() const { return left_ == Left::refused || left_ == Left::stuck; }
  bool may_be_more() const { return left_ != Left::nothing || readable_ || ended_; }
  void receive(bool news, std::size_t offered = 0);
  inline void pass_on(MutableBytes place);
  inline Bytes next_offer(bool news);
  inline bool fill();
  [[gnu::noinline]] void end_reading(Channel::ReadResult::Status how, Error error);
  inline std::size_t offer_to_protocol(Bytes offer);
  inline void use(std::size_t count, std::size_t offered);
  inline void note_left(std::size_t used, std::size_t offered);
  void keep(Bytes offer, std::size_t used);
  void end_of_offers();
  void end_of_input();

  Error register_producer(Producer& producer, Producing how);
  void pause_producer();

  const ConnectionLimits& limits() const { return owner_.limits_; }

  // Bits, as a connection is to stay within 112 bytes on a 32-bit machine.
  bool readable_ : 1 = false;  // the channel may have more: it has not said `drained`
  bool ended_ : 1 = false;     // the channel said `ended`; the protocol may not have been told
  bool blocked_ : 1 = false;   // the channel took less than it was given: wait for its mark
  bool produced_by_transport_ : 1 = false;  // what `producer_` is
  Errc reason_ = Errc::ok;
  Input input_ = Input::flowing;
  // Four in one word, which `quiet` looks at as one.
  State state_ = State::connecting;
  Output output_ = Output::open;
  Left left_ = Left::nothing;
  Producing producing_ = Producing::none;
  std::int16_t native_reason_ = 0;
  ConnectionOwner& owner_;
  Protocol* protocol_ = nullptr;
  Producer* producer_ = nullptr;
  Transport* consumer_ = nullptr;  // who has registered this transport as its producer
  Channel* channel_ = nullptr;     // null once the connection is lost
  Ring ring_;
  ReceiveBuffer buffer_;
  ChannelSlot slot_;
};

static_assert(Consumer<Transport>);

}  // namespace bobbin
