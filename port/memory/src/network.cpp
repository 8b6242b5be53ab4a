// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/memory/network.hpp>

#include <algorithm>

#include <bobbin/assert.hpp>
#include <bobbin/memory/channel.hpp>

#include "places.hpp"

namespace bobbin::memory {

Network::Network(Storage storage)
    : AdvancingClock(storage.timers),
      links_(storage.links),
      slots_(storage.slots),
      window_(storage.windows.size() / (2 * storage.links.size())),
      windows_(storage.windows),
      segments_(storage.segments),
      datagrams_(*this, storage.datagrams) {}

Error Network::listen(MemoryAcceptor& acceptor) {
  if (fail.use(PortCall::listen)) return Errc::no_capacity;
  if (acceptor.port_ == 0) {
    acceptor.port_ = free_port();
  } else if (listener_at(acceptor.host()) != nullptr) {
    return Errc::address_in_use;
  }
  acceptor.next_ = listeners_;
  listeners_ = &acceptor;
  return {};
}

std::uint16_t Network::free_port() {
  return next_port_ = next_port_ == 65535 ? 49152 : static_cast<std::uint16_t>(next_port_ + 1);
}

void Network::stop_listening(MemoryAcceptor& acceptor) {
  MemoryAcceptor** link = &listeners_;
  while (*link != &acceptor) link = &(*link)->next_;
  *link = acceptor.next_;
  while (Link* waiting = take_waiting(acceptor)) {
    send(*waiting, 1, Pipe::Segment::Kind::reset);
    close(*waiting, 1);
  }
}

MemoryAcceptor* Network::listener_at(const Address& address) const {
  for (MemoryAcceptor* acceptor = listeners_; acceptor != nullptr; acceptor = acceptor->next_) {
    if (acceptor->port_ != address.port() || acceptor->family_ != address.family()) continue;
    const Address listening = acceptor->host();
    if (listening == address || is_any(listening)) return acceptor;
  }
  return nullptr;
}

Link* Network::open(const Address& destination) {
  const std::uint32_t index = slots_.acquire();
  if (index == SlotPool::none) return nullptr;
  Link& link = links_[index];
  link = Link{};
  const std::size_t segments = segments_.size() / (2 * links_.size());
  for (std::size_t end = 0; end < 2; ++end) {
    const std::size_t pipe = 2 * std::size_t{index} + end;
    link.ends[end].input.use_memory(windows_.subspan(pipe * window_, window_),
                                    segments_.subspan(pipe * segments, segments));
  }
  link.ends[0].address = Address::loopback(free_port());
  link.ends[1].address = destination;
  const Result<DelayedCall> call =
      call_later(behaviour.latency * 2, [this, &link] { establish(link); });
  link.opening = *call;
  return &link;
}

// The connecting end's request has reached the other side, and the answer has come back.
void Network::establish(Link& link) {
  const Address& destination = link.ends[1].address;
  if (is_swallowed(destination)) {
    link.state = Link::State::swallowed;
    return;
  }
  if (is_unreachable(destination)) return answer(link, Errc::unreachable);
  MemoryAcceptor* const listener = listener_at(destination);
  if (listener == nullptr || random_.one_in(behaviour.refusals)) {
    return answer(link, Errc::connection_refused);
  }
  if (listener->waiting_count_ >= listener->backlog_) {
    // As a real one: the request is dropped and comes again.
    const auto again = std::chrono::seconds(1);
    link.opening = *call_later(again, [this, &link] { establish(link); });
    return;
  }
  Link** last = &listener->first_waiting_;
  while (*last != nullptr) last = &(*last)->next_waiting;
  *last = &link;
  ++listener->waiting_count_;
  link.listener = listener;
  link.state = Link::State::waiting;
  listener->mark_readable();
  answer(link, Errc::ok);
}

void Network::answer(Link& link, Error failure) {
  link.failure = failure;
  link.finished = true;
  // Nobody is at the other end of a connection that was never made.
  if (failure) link.ends[1].closed = true;
  if (link.ends[0].channel != nullptr) link.ends[0].channel->mark_writable();
}

Link* Network::take_waiting(MemoryAcceptor& acceptor) {
  Link* const link = acceptor.first_waiting_;
  if (link == nullptr) return nullptr;
  acceptor.first_waiting_ = link->next_waiting;
  --acceptor.waiting_count_;
  link->next_waiting = nullptr;
  link->listener = nullptr;
  link->state = Link::State::accepted;
  return link;
}

Instant Network::arrival_time(const Pipe& pipe) {
  const auto spread = static_cast<std::uint64_t>(behaviour.jitter.count()) + 1;
  const Duration jitter(static_cast<std::int64_t>(random_.below(spread)));
  return std::max(after(now(), behaviour.latency + jitter), pipe.last_arrival());
}

void Network::send(Link& link, int from, Bytes bytes) {
  Pipe& pipe = link.ends[1 - from].input;
  if (random_.one_in(behaviour.resets)) {
    send(link, from, Pipe::Segment::Kind::reset);
    return send(link, 1 - from, Pipe::Segment::Kind::reset);
  }
  pipe.send(bytes, arrival_time(pipe));
  arm(link, 1 - from);
}

void Network::send(Link& link, int from, Pipe::Segment::Kind mark) {
  Pipe& pipe = link.ends[1 - from].input;
  pipe.send(mark, arrival_time(pipe));
  arm(link, 1 - from);
}

void Network::arm(Link& link, int to) {
  Link::End& end = link.ends[to];
  if (end.arrival.active() || !end.input.has_segment()) return;
  end.arrival = *call_at(end.input.next_arrival(), [this, &link, to] { arrive(link, to); });
}

void Network::arrive(Link& link, int to) {
  Link::End& end = link.ends[to];
  Link::End& sender = link.ends[1 - to];
  const Pipe::Segment segment = end.input.arrive();
  arm(link, to);
  if (behaviour.lends) draw_lending(end);
  sender.released += segment.bytes;
  if (segment.bytes > 0 && behaviour.lends && sender.channel != nullptr) {
    sender.channel->mark_writable();
  }
  if (end.closed) {
    // Whoever is gone answers data with a reset, as TCP does.
    end.input.used(segment.bytes);
    if (segment.bytes > 0 && !sender.reset && !sender.closed) {
      send(link, to, Pipe::Segment::Kind::reset);
    }
    return release_if_over(link);
  }
  end.ended = end.ended || segment.kind == Pipe::Segment::Kind::end;
  end.reset = end.reset || segment.kind == Pipe::Segment::Kind::reset;
  if (end.channel == nullptr) return;
  end.channel->mark_readable();
  if (end.reset) end.channel->mark_broken();
}

void Network::room_made(Link& link, int reader) {
  Link::End& sender = link.ends[1 - reader];
  if (!sender.wants_room || sender.channel == nullptr) return;
  sender.wants_room = false;
  sender.channel->mark_writable();
}

void Network::close(Link& link, int end) {
  Link::End& mine = link.ends[end];
  mine.channel = nullptr;
  mine.closed = true;
  mine.input.used(mine.input.readable());
  // The server's end of an attempt that is given up, or that nobody has seen, closes with it.
  if (link.state == Link::State::opening || link.state == Link::State::swallowed) {
    link.ends[1].closed = true;
  }
  room_made(link, end);
  release_if_over(link);
}

void Network::release_if_over(Link& link) {
  if (!link.ends[0].closed || !link.ends[1].closed) return;
  link.opening.cancel();
  for (Link::End& end : link.ends) end.arrival.cancel();
  slots_.release(static_cast<std::uint32_t>(&link - links_.data()));
}

}  // namespace bobbin::memory
