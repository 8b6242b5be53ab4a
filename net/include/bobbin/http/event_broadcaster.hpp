// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include <bobbin/clock.hpp>
#include <bobbin/http/event_stream.hpp>
#include <bobbin/looping_call.hpp>

namespace bobbin::http {

// Sends the same events to many clients. Each takes an event or misses it by its own room and its
// own WhenSlow: none waits for another. Their number is bounded by the server's connections alone,
// as the streams are linked through themselves; who ends leaves.
//
// It belongs to the program, beside the server; what is first destroyed does not matter.
class EventBroadcaster {
 public:
  // A stream to which nothing was sent for as long as `heartbeat`, and at most twice that, is sent
  // a comment, so that a client that is gone without a word is noticed and its connection free for
  // another; and so that nobody on the way takes the connection for idle. Zero: never. It takes a
  // timer for as long as there are streams.
  explicit EventBroadcaster(Clock& clock, Duration heartbeat = std::chrono::seconds(15))
      : heartbeat_(heartbeat), beat_(clock, [this] { beat(); }) {}
  EventBroadcaster(const EventBroadcaster&) = delete;
  EventBroadcaster& operator=(const EventBroadcaster&) = delete;
  ~EventBroadcaster();

  // From now on the stream is sent what all are. Errors: not_running when it is not open;
  // already_registered when it belongs to a broadcaster; no_capacity when there is no timer.
  Error join(EventStream& stream);

  // Whom an event has reached: how many have taken it, how many not.
  struct Reached {
    std::size_t taken = 0;
    std::size_t missed = 0;
  };
  Reached send(const Event& event);

  std::size_t streams() const;

  // Events that some client did not get, each counted for each client.
  std::uint32_t missed() const { return missed_; }

 private:
  friend class EventStream;

  void remove(EventStream& stream);
  void beat();

  EventStream* first_ = nullptr;
  std::uint32_t missed_ = 0;
  Duration heartbeat_;
  LoopingCall beat_;
};

}  // namespace bobbin::http
