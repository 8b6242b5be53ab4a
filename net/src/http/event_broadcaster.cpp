// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/event_broadcaster.hpp>

namespace bobbin::http {

EventBroadcaster::~EventBroadcaster() {
  while (first_ != nullptr) remove(*first_);
}

Error EventBroadcaster::join(EventStream& stream) {
  if (!stream.open_) return Errc::not_running;
  if (stream.broadcaster_ != nullptr) return Errc::already_registered;
  if (!beat_.running() && heartbeat_ > Duration::zero()) {
    if (Error error = beat_.start(heartbeat_, {.now = false})) return error;
  }
  stream.broadcaster_ = this;
  stream.quiet_ = false;
  stream.next_ = first_;
  first_ = &stream;
  return {};
}

// A stream that closes leaves while it is sent to.
EventBroadcaster::Reached EventBroadcaster::send(const Event& event) {
  Reached reached;
  EventStream* next = nullptr;
  for (EventStream* stream = first_; stream != nullptr; stream = next) {
    next = stream->next_;
    ++(stream->send(event) ? reached.missed : reached.taken);
  }
  missed_ += static_cast<std::uint32_t>(reached.missed);
  return reached;
}

std::size_t EventBroadcaster::streams() const {
  std::size_t count = 0;
  for (const EventStream* stream = first_; stream != nullptr; stream = stream->next_) ++count;
  return count;
}

void EventBroadcaster::remove(EventStream& stream) {
  EventStream** link = &first_;
  while (*link != &stream) link = &(*link)->next_;
  *link = stream.next_;
  stream.next_ = nullptr;
  stream.broadcaster_ = nullptr;
  if (first_ == nullptr) beat_.stop();
}

// One that has no room now has something to be noticed by.
void EventBroadcaster::beat() {
  for (EventStream* stream = first_; stream != nullptr; stream = stream->next_) {
    if (stream->quiet_) static_cast<void>(stream->comment({}));
    stream->quiet_ = true;
  }
}

}  // namespace bobbin::http
