// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <bobbin/bytes.hpp>
#include <bobbin/coroutine.hpp>
#include <bobbin/error.hpp>
#include <bobbin/operation_for.hpp>
#include <bobbin/producer.hpp>
#include <bobbin/protocol.hpp>
#include <bobbin/transport.hpp>

namespace bobbin {

class Stream;
class StreamProtocol;

// One read; see Stream.
class [[nodiscard]] StreamRead final : public OperationFor<Result<Bytes>> {
 public:
  ~StreamRead();

  void cancel() override;

  bool await_ready();

 private:
  friend class Stream;
  friend class StreamProtocol;

  enum class Wanted : std::uint8_t { some, exactly, until };

  StreamRead(Stream& stream, Wanted wanted, std::size_t count, Bytes delimiter)
      : stream_(stream), wanted_(wanted), count_(count), delimiter_(delimiter) {}

  bool begin(Coroutine& coroutine) override;
  // How many of `data` are what was asked for; 0 when there are not enough yet.
  std::size_t match(Bytes data);
  std::size_t find_delimiter(Bytes data);
  bool makes_sense() const;
  void give_up();
  void end(Result<Bytes> outcome);

  Stream& stream_;
  Wanted wanted_;
  std::size_t count_;
  Bytes delimiter_;
  std::size_t searched_ = 0;  // no delimiter begins before here
};

// One write; see Stream.
class [[nodiscard]] StreamWrite final : public OperationFor<Error> {
 public:
  ~StreamWrite();

  void cancel() override;

  bool await_ready();

 private:
  friend class Stream;
  friend class StreamProtocol;

  StreamWrite(Stream& stream, Bytes bytes) : stream_(stream), left_(bytes) {}

  // Writes what there is room for: true if that was all.
  bool take();
  bool begin(Coroutine& coroutine) override;
  void end(Error outcome);

  Stream& stream_;
  Bytes left_;
};

// A connection as a coroutine sees it: what it reads and writes it awaits. It is a variable of the
// coroutine, or lies beside it; it is given a connection by who accepts or connects, and closes it,
// after what was written, when it is destroyed.
//
//   Result<Bytes> line = co_await stream.read_until("\r\n");
//   if (!line) co_return line.error();
//   if (Error error = co_await stream.write(*line)) co_return error;
//
// One read and one write may be awaited at a time, also by two coroutines. Those of others end with
// `connection_done` when the stream is destroyed; they must not use it again.
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  // Whether it has a connection that is not lost.
  bool open() const { return state_ == State::open; }

  // What has come, at least one byte; exactly `count` bytes, of 1 to the receive buffer's size; all
  // up to and with the first `delimiter`. The bytes lie where they arrived and are valid until the
  // coroutine next awaits anything, except that a `write` of them may be awaited. While nobody
  // reads the peer is held back.
  //
  // Errors: connection_done, when the peer has ended and there is no more, or not enough;
  // message_too_long, and the connection is lost, when the receive buffer is full without the
  // delimiter; why the connection was lost; already_running; invalid_argument; cancelled, and
  // nothing is lost: the next read begins where this one did.
  StreamRead read() { return {*this, StreamRead::Wanted::some, 0, {}}; }
  StreamRead read_exactly(std::size_t count) {
    return {*this, StreamRead::Wanted::exactly, count, {}};
  }
  StreamRead read_until(Bytes delimiter) {
    return {*this, StreamRead::Wanted::until, 0, delimiter};
  }
  StreamRead read_until(std::string_view delimiter) { return read_until(bytes_of(delimiter)); }

  // Goes on when the send ring has taken all bytes, which must stay until then. Errors: why the
  // connection was lost; already_running; already_registered (the transport has a producer);
  // connection_done after `end_writing` or `close`; cancelled: what the ring has taken of them is
  // sent, so that only `close` and `abort` make sense.
  StreamWrite write(Bytes bytes) { return {*this, bytes}; }
  StreamWrite write(std::string_view text) { return write(bytes_of(text)); }

  // Ends our side, after what was written. Reading goes on. A write that is being awaited ends with
  // `connection_done`; what the ring has not taken of it is not sent.
  void end_writing();

  // Ends the connection after what was written, or at once. A read or write that is being awaited
  // ends with `connection_done` or `connection_aborted` when it is lost.
  void close();
  void abort();

  // While open.
  Transport& transport() const;

 private:
  friend class StreamProtocol;
  friend class StreamRead;
  friend class StreamSource;
  friend class StreamWrite;

  // Why there is nothing to read, or write, any more; none if there may be.
  Error read_trouble() const;
  Error write_trouble() const;
  void end_all();

  enum class State : std::uint8_t { unused, open, lost };

  State state_ = State::unused;
  bool input_ended_ = false;
  bool output_ended_ = false;
  Error reason_ = Errc::not_running;  // why it is not open
  StreamProtocol* protocol_ = nullptr;
  StreamRead* read_ = nullptr;
  StreamWrite* write_ = nullptr;
};

// Who gives streams the connections that a port has made.
class StreamSource {
 public:
  StreamSource(const StreamSource&) = delete;
  StreamSource& operator=(const StreamSource&) = delete;

 protected:
  StreamSource() = default;
  ~StreamSource() = default;

  bool has_waiting() const { return first_ != nullptr; }
  // The next connection that waits for a stream; null if there is none.
  StreamProtocol* take();
  static void attach(StreamProtocol& protocol, Stream& stream);
  // Closes it; from here it may be attached again.
  static void detach(Stream& stream);

 private:
  friend class Stream;
  friend class StreamProtocol;

  virtual void arrived() = 0;
  void add(StreamProtocol& protocol);
  void remove(StreamProtocol& protocol);

  StreamProtocol* first_ = nullptr;
};

// A connection's end of a Stream. It waits, and its peer with it, until a stream takes it.
class StreamProtocol final : public Protocol, private PushProducer {
 public:
  explicit StreamProtocol(StreamSource& source) : source_(source) {}

  void connection_made() override;
  std::size_t data_received(Bytes data) override;
  void read_connection_lost() override;
  void connection_lost(Error reason) override;

 private:
  friend class Stream;
  friend class StreamRead;
  friend class StreamSource;
  friend class StreamWrite;

  void resume_producing() override;
  void pause_producing() override {}
  void stop_producing() override {}

  enum class Writing : std::uint8_t {
    nothing,
    from_caller,  // registered as the transport's producer
    from_input,   // what is left to write is what the transport offers next
  };

  Bytes rest() const { return offered_.subspan(used_); }
  bool wants_input() const;
  bool may_read() const { return writing_ != Writing::from_input; }
  Bytes take(std::size_t count);
  void skip();
  void serve_write();
  void serve_read();
  Error wait_for_room(StreamWrite& write);
  void keep(Bytes unwritten);
  void give_up_writing();
  void offer_again();

  StreamSource& source_;
  Stream* stream_ = nullptr;
  StreamProtocol* next_ = nullptr;
  Writing writing_ = Writing::nothing;
  Bytes offered_;              // from inside `data_received`
  std::size_t used_ = 0;       // of these
  std::size_t unwritten_ = 0;  // bytes at the front of the input that are still to be written
  std::size_t behind_ = 0;     // bytes behind those that were read already
  std::size_t skipped_ = 0;    // bytes at the front of the input that nobody wants any more
};

}  // namespace bobbin
