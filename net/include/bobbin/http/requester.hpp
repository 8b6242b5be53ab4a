// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <bobbin/clock.hpp>
#include <bobbin/failure.hpp>
#include <bobbin/http/body_decoder.hpp>
#include <bobbin/http/lasting_content.hpp>
#include <bobbin/http/message_receiver.hpp>
#include <bobbin/http/message_sender.hpp>
#include <bobbin/http/request.hpp>
#include <bobbin/http/response_head.hpp>
#include <bobbin/producer.hpp>
#include <bobbin/protocol.hpp>
#include <bobbin/transport.hpp>

namespace bobbin::http {

// What a client allows servers.
struct ClientLimits {
  HeadLimits head{};
  std::uint64_t body = UINT64_MAX;  // bytes of a response's content
  std::uint32_t request = 512;      // bytes of a request's head
  // How long a connection may stay without a request.
  Duration idle = std::chrono::seconds(60);
  // How long the head of the response may take from when the request was written to its end; 1xx
  // responses are no reason to wait longer.
  Duration head_time = std::chrono::seconds(30);
  // Content that comes slower than `body_rate` bytes a second for as long as `stall` is given up,
  // and so is a server that takes nothing of what it is sent.
  Duration stall = std::chrono::seconds(20);
  std::uint32_t body_rate = 64;
};

inline constexpr ClientLimits default_client_limits{};

// Requester but for its limits.
class AnyRequester : public Protocol {
 public:
  // A request can be made: the connection has been, or a response is whole and the connection
  // stays. After `response_ended`, from where it can be made too.
  virtual void requester_ready() {}

  // The response's head has come. What `response` shows is valid for this call only. It may come
  // before the request is whole: then the connection will not stay.
  virtual void response_received(const ResponseHead& response) = 0;

  // A piece of the response's content. Returns how much of it was used, as `data_received` does,
  // and what was not is offered again: so a client streams with back pressure. Who cannot take
  // more pauses the transport until it can: else what was not used when the connection ends is
  // taken for what it does not want. A pause ends with the content at the latest.
  virtual std::size_t body_received(Bytes piece) { return piece.size(); }

  // The response is whole; called of responses without content too.
  virtual void response_ended() {}

  // There will be no response, or not the rest of it: a BadResponse; timed_out; why the connection
  // ended, `connection_done` if the server closed it in order before it answered. The connection
  // is gone, or will be.
  virtual void request_failed([[maybe_unused]] const Failure& failure) {}

 protected:
  // The requests, one at a time. Each may be made from any callback, and, but for `write_body` and
  // what follows, when `is_ready()`. Errors: not_running if it is not, invalid_argument for what
  // `is_valid` does not allow, no_capacity when the send ring has no room for the head, or for what
  // `request` sends. Then nothing was sent.

  // A whole request, copied into the send ring. Without content it says nothing of its length but
  // for POST, PUT and PATCH.
  Error request(const Request& request, Bytes content = {});
  Error request(const Request& request, std::string_view content) {
    return this->request(request, bytes_of(content));
  }

  // A whole request whose content stays where it is until it was sent.
  Error request_lasting(const Request& request, Bytes content);

  // The head of a request, whose content follows by `write_body`: so many bytes, or chunks.
  Error begin_request(const Request& request, const BodyLength& length);

  // Content of the request that has begun: takes as much as there is room for, and says how much
  // that was. Of a known length no more than that. If the response is whole it takes nothing.
  [[nodiscard]] std::size_t write_body(Bytes content);
  std::size_t body_room() const { return sending_ ? sender_.room() : 0; }

  // What produces the content, as `Transport::register_producer`: it writes by `write_body` and
  // ends with `finish_request`, which unregisters it. If the response is whole before, or there
  // will be none, it is told to stop.
  Error register_producer(PushProducer& producer);
  Error register_producer(PullProducer& producer);

  // The request is whole. If less was written than its length says it fails, at once, with
  // `connection_aborted`. If none was begun this does nothing.
  void finish_request();

  // Whether a request can be made; whether one has been, and its response is not whole.
  bool is_ready() const { return phase_ == Phase::idle; }
  bool requesting() const { return phase_ == Phase::head || phase_ == Phase::content; }

  // Nobody wants the response: the request fails with `cancelled`, at once, and the connection is
  // aborted. If there is none this does nothing.
  void cancel_request();

  // After this response the connection is closed; at once where none is waited for.
  void close_after_response();

  explicit AnyRequester(const ClientLimits& limits) : limits_(limits), head_decoder_(limits.head) {}
  ~AnyRequester() { deadline_.cancel(); }

  // For who derives and has a `connection_made` or `connection_lost` of its own, which calls these.
  void connection_made() override;
  void connection_lost(Error reason) override;

 private:
  using Lasting = LastingContent<AnyRequester, &AnyRequester::finish_request>;
  friend Lasting;

  enum class Phase : std::uint8_t {
    unconnected,
    idle,     // no request
    head,     // that of the response is waited for
    content,  // that of the response comes
    closing,  // no more requests
  };
  using Framing = MessageSender::Framing;

  std::size_t data_received(Bytes data) final;
  void read_connection_lost() final;

  // Each takes what it used off the front of `data`, and says whether there may be more to do.
  bool receive(Bytes& data);
  bool receive_head(Bytes& data);
  bool receive_content(Bytes& data);
  bool receive_piece(Bytes& data, Bytes piece);
  bool pass_over(const ResponseHead& interim);
  void give_response(const ResponseHead& response);
  void end_response();
  void fail(const Failure& failure);

  Error start(const Request& request, const BodyLength& length, std::size_t content);
  void stop_sending();
  void close();

  [[nodiscard]] bool keep_timer();
  void watch(Duration length) { deadline_.reset(length); }
  void deadline_passed();
  void watch_sending();
  void watch_content();

  const ClientLimits& limits_;
  ResponseDecoder head_decoder_;
  MessageReceiver receiver_;
  DelayedCall deadline_;
  std::optional<Lasting> lasting_;  // linked where it is used
  MessageSender sender_{*this};
  Phase phase_ = Phase::unconnected;
  bool keeps_alive_ = true;
  bool is_head_ = false;     // the request's method
  bool to_the_end_ = false;  // the content ends when the connection does
  bool sending_ = false;     // the request is not whole
};

// One connection of an HTTP/1.1 client (RFC 9112), to derive from: Twisted's HTTP11ClientProtocol.
// Responses are taken as strictly as requests are by a server. For many connections, kept and used
// again, see Client.
//
//   struct Asks final : http::Requester<> {
//     void requester_ready() override { error = request({.target = "/", .host = "example.org"}); }
//     void response_received(const http::ResponseHead& response) override { ... }
//   };
//   TcpClient<Asks, ConnectionSizes{.connections = 1, .receive = 2048, .send = 1024}> client;
//
// A connection takes one timer; without one it is closed at once.
template <const ClientLimits& limits = default_client_limits>
class Requester : public AnyRequester {
 public:
  static constexpr std::size_t receive_min = limits.head.size;
  static constexpr std::size_t send_min = limits.request;

 protected:
  Requester() : AnyRequester(limits) {}
  ~Requester() = default;
};

}  // namespace bobbin::http
