// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <bobbin/clock.hpp>
#include <bobbin/http/body_decoder.hpp>
#include <bobbin/http/lasting_content.hpp>
#include <bobbin/http/message_receiver.hpp>
#include <bobbin/http/message_sender.hpp>
#include <bobbin/http/request_head.hpp>
#include <bobbin/http/response.hpp>
#include <bobbin/producer.hpp>
#include <bobbin/protocol.hpp>
#include <bobbin/transport.hpp>

namespace bobbin::http {

// What a server allows its clients.
struct ServerLimits {
  HeadLimits head{};
  std::uint64_t body = 65536;  // bytes of a request's content
  // Whether it may come in chunks, so that nobody knows beforehand how long it is. Where it may not
  // such a request is refused with 411.
  bool chunks = true;
  // Whether who ends its side behind a request is still answered, as it may be a program that has
  // no more to ask. A client that goes away cannot be told from it, and is noticed only when it is
  // answered. Where nothing is answered at once, or a lot is done for an answer, each is rather
  // taken for gone (`request_lost`), as Twisted's servers do.
  bool half_close = true;
  std::uint32_t response = 512;  // room in the send ring without which no request is given
  // How long a connection may stay without a request.
  Duration idle = std::chrono::seconds(60);
  // How long a head may take from its first byte on.
  Duration head_time = std::chrono::seconds(10);
  // Content that comes slower than `body_rate` bytes a second for as long as `stall` is given up,
  // and so is a client that takes nothing of what it is sent.
  Duration stall = std::chrono::seconds(20);
  std::uint32_t body_rate = 64;
  // For how long a client is still listened to after the last answer. Without it TCP would take
  // back what it has not read yet.
  Duration linger = std::chrono::seconds(5);
};

inline constexpr ServerLimits default_server_limits{};

// Responder but for its limits.
class AnyResponder : public Protocol {
 public:
  // A request has come, but for its content. What `request` shows is valid for this call only. It
  // is answered once, from here or later: the next request is given after the answer is finished
  // and the content has come. When this is called the send ring has room for
  // `ServerLimits::response` bytes, so that a short answer always succeeds. A client that waits for
  // a word before it sends the content (Expect) gets it unless this has answered.
  virtual void request_received(const RequestHead& request) = 0;

  // A piece of the request's content. Returns how much of it was used, as `data_received` does, and
  // what was not is offered again: so a server streams with back pressure. Not called once the
  // answer is finished; what still comes is then thrown away. Who pauses the transport is given no
  // more until it resumes, which the end of the content does, too.
  virtual std::size_t body_received(Bytes piece) { return piece.size(); }

  // The request's content is whole; called of requests without content too, but not once the answer
  // is finished.
  virtual void request_ended() {}

  // The connection is gone, and with it the request that was not answered to its end (Twisted's
  // `Request.connectionLost` and `notifyFinish`). What works at the answer stops.
  virtual void request_lost([[maybe_unused]] Error reason) {}

  // What came is no request, or not its content, or came too slowly. That was answered with
  // `status`, where no answer had begun and there is room for it, and the connection ends. Of a
  // request that had been given `request_lost` came before.
  virtual void request_refused([[maybe_unused]] Status status) {}

  // The time for the field Date, as a DateClock writes it; empty where there is no clock.
  virtual std::string_view date() { return {}; }

  // The answers, for who derives and for what answers in its place: an EventStream, a file. Each
  // may be called from any callback. Errors: not_running when no request waits for an answer,
  // already_running when one has begun, invalid_argument for what `is_valid` does not allow,
  // no_capacity when the send ring has no room for the head, or for what `respond` sends; then
  // nothing was sent and another answer may be given.

  // A whole answer, copied into the send ring.
  Error respond(const Response& response, Bytes content = {});
  Error respond(const Response& response, std::string_view content) {
    return respond(response, bytes_of(content));
  }

  // A whole answer whose content stays where it is until it was sent: from flash. Only as much of
  // it is in the ring as there is room for.
  Error respond_lasting(const Response& response, Bytes content);

  // The head of an answer, whose content follows by `write_body`. Where its length is not known it
  // is sent in chunks, or to a client of HTTP/1.0 up to the end of the connection.
  Error begin_response(const Response& response, const BodyLength& length);

  // Content of the answer that has begun: takes as much as there is room for, and says how much
  // that was. Of a known length no more than that. To HEAD and statuses without content nothing is
  // sent, and everything taken.
  [[nodiscard]] std::size_t write_body(Bytes content);

  // All of `size` bytes of content, or nothing: false when there is no room for them. `write(send)`
  // calls `send(std::string_view)` with one piece of them after the other.
  template <class Write>
  [[nodiscard]] bool write_whole_body(std::size_t size, Write write);

  // How much `write_body` would take, and how much when all that was written is sent.
  std::size_t body_room() const { return answer_ == Answer::begun ? sender_.room() : 0; }
  std::size_t body_capacity() const { return answer_ == Answer::begun ? sender_.capacity() : 0; }

  // Whether the answer that has begun has content at all. If not nothing needs to be produced.
  bool wants_content() const {
    return answer_ == Answer::begun && sender_.framing() != Framing::nothing;
  }

  // What produces the content, as `Transport::register_producer`: it writes by `write_body` and
  // ends with `finish_response`, which unregisters it.
  Error register_producer(PushProducer& producer);
  Error register_producer(PullProducer& producer);

  // Whether this still produces the content: not once the answer is finished, by whomever.
  bool has_producer(const Producer& producer) const {
    return answer_ == Answer::begun && transport().has_producer(producer);
  }

  // The answer is whole. If less was written than its length says the connection is aborted, so
  // that nobody takes it for whole. If an answer was not begun this does nothing.
  void finish_response();

  // An answer waits to be given or finished.
  bool answering() const { return answer_ == Answer::due || answer_ == Answer::begun; }

  // After this answer the connection is closed.
  void close_after_response() { keeps_alive_ = false; }

  // The answer that has begun has no end of its own: it lasts until `finish_response`, until the
  // connection ends, or until the client ends its side, which else would be noticed only when
  // something is sent. `producer` is then told to stop; it is asked for nothing, and does not keep
  // a connection that is to end. Errors: not_running.
  Error last_until_end(Producer& producer);

 protected:
  explicit AnyResponder(const ServerLimits& limits) : limits_(limits), head_decoder_(limits.head) {}
  ~AnyResponder() { deadline_.cancel(); }

 private:
  using Lasting = LastingContent<AnyResponder, &AnyResponder::finish_response>;

  enum class Phase : std::uint8_t {
    idle,     // nothing of a request has come
    head,     // a part of its head has
    content,  // its content is coming
    waiting,  // it is whole
    closing,  // no more requests
  };
  enum class Answer : std::uint8_t { none, due, begun, finished };
  using Framing = MessageSender::Framing;

  void connection_made() final;
  std::size_t data_received(Bytes data) final;
  void read_connection_lost() final;
  void connection_lost(Error reason) final;

  // Each takes what it used off the front of `data`, and says whether there may be more to do.
  bool receive(Bytes& data);
  bool receive_head(Bytes& data);
  bool receive_content(Bytes& data);
  bool receive_piece(Bytes& data, Bytes piece);
  void give_request(const RequestHead& request, bool content_has_come);
  void end_request();
  void refuse(Status status);

  Error start(const Response& response, const BodyLength& length, std::size_t content);
  void next_request();
  void stop_endless();
  void close();

  [[nodiscard]] bool keep_timer();
  void watch(Duration length);
  void watch_sending();
  void watch_progress();
  void deadline_passed();
  bool comes_too_slowly() const;

  const ServerLimits& limits_;
  RequestDecoder head_decoder_;
  MessageReceiver receiver_;
  DelayedCall deadline_;
  std::optional<Lasting> lasting_;  // linked where it is used
  MessageSender sender_{*this};
  Producer* endless_ = nullptr;  // of an answer that has no end of its own
  Phase phase_ = Phase::idle;
  Answer answer_ = Answer::none;
  Version version_ = Version::http_1_1;
  bool keeps_alive_ = true;
  bool is_head_ = false;             // the request's method
  bool waits_for_continue_ = false;  // the client, before it sends the content
};

template <class Write>
bool AnyResponder::write_whole_body(std::size_t size, Write write) {
  if (size > body_room()) return false;
  if (size > 0 && wants_content()) watch_sending();
  return sender_.write_whole(size, write);
}

// One connection of an HTTP/1.1 server (RFC 9112), to derive from: Twisted's HTTPChannel and
// Request in one, as a connection has one request at a time. Requests that come behind each other
// are answered in order. Each connection is an object, so what a request needs until it is answered
// (a timer, a Deferred, a file) are its members.
//
//   struct Hello final : http::Responder<> {
//     void request_received(const http::RequestHead&) override {
//       if (respond({.type = "text/plain"}, "Hello, world\n")) close_after_response();
//     }
//   };
//   TcpServer<Hello, ConnectionSizes{.connections = 8, .receive = 2048, .send = 2048}> server;
//
// What is not HTTP is answered with 400, 408, 411, 413, 414, 417, 431, 501 or 505 and the
// connection ended. A connection takes one timer; without one it is closed at once.
template <const ServerLimits& limits = default_server_limits>
class Responder : public AnyResponder {
 public:
  static constexpr std::size_t receive_min = limits.head.size;
  // A quarter of the ring may still wait when there has to be room for an answer.
  static constexpr std::size_t send_min = limits.response + limits.response / 2;

 protected:
  Responder() : AnyResponder(limits) {}
  ~Responder() = default;
};

}  // namespace bobbin::http
