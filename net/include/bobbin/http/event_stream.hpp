// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <bobbin/error.hpp>
#include <bobbin/http/request_head.hpp>
#include <bobbin/http/responder.hpp>
#include <bobbin/producer.hpp>

namespace bobbin::http {

class EventBroadcaster;

// A server-sent event (HTML Living Standard §9.2). Its texts are UTF-8, and read during the call it
// is given to.
struct Event {
  std::string_view event{};  // what kind it is: one line; empty: "message", as browsers call it
  // Of any number of lines, which end with LF, CR or CRLF and arrive with LF. An event without is
  // given to nobody by the client, which keeps its id all the same.
  std::optional<std::string_view> data{};
  // One line. The client says it when it comes again; an empty one makes it forget the last.
  std::optional<std::string_view> id{};
  // How long it waits before it comes again; not less than zero.
  std::optional<std::chrono::milliseconds> retry{};
};

// What the client had last when it comes again (Last-Event-ID); empty when it comes for the first
// time.
inline std::string_view last_event_id(const RequestHead& request) {
  return request.fields.find("Last-Event-ID").value_or(std::string_view());
}

// What becomes of a client that has no room for an event, as it reads more slowly than events come.
enum class WhenSlow : std::uint8_t {
  skip,   // it does not get this one, which is counted
  close,  // its answer ends behind what it was promised; it comes again, and says what it had last
};

// An answer that is a stream of server-sent events (text/event-stream), beside the Responder whose
// request it answers. Each event is whole in the connection's send ring, or not at all: what was
// taken is delivered in order, for as long as the connection lasts, and nobody waits for a client.
//
//   struct Site final : http::Responder<> {
//     void request_received(const http::RequestHead&) override {
//       if (events.begin()) close_after_response();
//     }
//     http::EventStream events{*this};
//   };
//   …
//   Error error = site.events.send({.event = "count", .data = "42"});
//
// It ends with `finish`, with the connection, or when the client ends its side. A client that is
// gone without a word is noticed when something is sent to it, so something should be: an
// EventBroadcaster does that. One that takes nothing for `ServerLimits::stall` is aborted.
class EventStream final : private PullProducer {
 public:
  explicit EventStream(AnyResponder& responder, WhenSlow when_slow = WhenSlow::skip)
      : responder_(responder), when_slow_(when_slow) {}
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;
  ~EventStream() { leave(); }

  // Answers the request: 200, not to be cached. To HEAD that is all, and the stream is not open.
  // Errors: those of `Responder::begin_response`.
  Error begin();

  // Errors: not_running when it is not open; invalid_argument when a text that must be of one line
  // is not, or there is a zero in the id; no_capacity when there was no room for it, and then what
  // was said under WhenSlow has been done; message_too_long, and nothing was done, when there never
  // will be.
  Error send(const Event& event);

  // Something that clients pass over, so as to see whether they are there: one line. Errors: as
  // `send`, but it is neither counted nor a reason to close.
  Error comment(std::string_view text);

  // The answer is whole. The connection stays.
  void finish();

  bool open() const { return open_; }

  // Events that this client did not get, since `begin`.
  std::uint32_t skipped() const { return skipped_; }

 private:
  friend class EventBroadcaster;

  // Nothing waits here to be sent.
  void resume_producing() override {}
  void stop_producing() override { leave(); }

  Error refuse(std::size_t size);
  void leave();

  AnyResponder& responder_;
  EventBroadcaster* broadcaster_ = nullptr;
  EventStream* next_ = nullptr;  // of the same broadcaster's
  std::uint32_t skipped_ = 0;
  WhenSlow when_slow_;
  bool open_ = false;
  bool quiet_ = false;  // nothing was sent since the broadcaster looked
};

}  // namespace bobbin::http
