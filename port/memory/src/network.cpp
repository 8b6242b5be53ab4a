// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/memory/network.hpp>

#include <algorithm>

#include <bobbin/assert.hpp>
#include <bobbin/memory/channel.hpp>

#include "places.hpp"

namespace bobbin::memory {

namespace {

// The time in which so many bytes leave, in whole microseconds.
Duration time_to_send(std::size_t bytes, std::uint64_t bandwidth) {
  if (bandwidth == 0) return {};
  return Duration(static_cast<std::int64_t>((bytes * 1'000'000 + bandwidth - 1) / bandwidth));
}

const char* description(Pipe::Segment::Kind kind) {
  switch (kind) {
    case Pipe::Segment::Kind::data: return "gets";
    case Pipe::Segment::Kind::end: return "gets the end";
    case Pipe::Segment::Kind::reset: return "gets a reset";
  }
  return "";
}

}  // namespace

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

// One that no listener has, of whatever address, and no datagram port.
std::uint16_t Network::free_port() {
  do {
    next_port_ = next_port_ == 65535 ? first_free_port : static_cast<std::uint16_t>(next_port_ + 1);
  } while (is_listened_at(next_port_) || datagrams_.uses(next_port_));
  return next_port_;
}

bool Network::is_listened_at(std::uint16_t port) const {
  const MemoryAcceptor* acceptor = listeners_;
  while (acceptor != nullptr && acceptor->port_ != port) acceptor = acceptor->next_;
  return acceptor != nullptr;
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

const Behaviour& Network::path(const Address& from, const Address& to) {
  const Behaviour* const chosen = choose_behaviour ? choose_behaviour(from, to) : nullptr;
  return chosen != nullptr ? *chosen : behaviour;
}

void Network::for_each_link(InplaceFunction<void(const Link&)> look) const {
  for (std::uint32_t index = 0; index < slots_.capacity(); ++index) {
    if (!slots_.in_use(index)) continue;
    const Link& link = links_[index];
    if (!link.ends[0].closed || link.ends[1].channel != nullptr) look(link);
  }
}

void Network::datagram_sent(const Datagram& datagram) {
  traffic_.bytes_sent += datagram.size;
  tell(datagram, datagram.from, "sends a datagram");
}

void Network::datagram_arrived(const Datagram& datagram, const Address& host) {
  traffic_.bytes_arrived += datagram.size;
  tell(datagram, host, "gets a datagram");
}

Link* Network::open(const Address& from, const Address& destination) {
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
  link.ends[0].address = from.with_port(free_port());
  link.ends[1].address = destination;
  link.number = ++traffic_.connections;
  link.behaviour = &path(from, destination);
  link.lends = link.behaviour->lends;
  draw_fate(link);
  tell(link, 0, "asks for a connection");
  link.pending = *call_later(link.behaviour->latency * 2, [this, &link] { establish(link); });
  return &link;
}

// The connecting end's request has reached the other side, and the answer has come back.
void Network::establish(Link& link) {
  const Address& destination = link.ends[1].address;
  if (is_swallowed(destination) || random_.one_in(link.behaviour->unanswered)) {
    link.state = Link::State::swallowed;
    return tell(link, 0, "is not answered");
  }
  if (is_unreachable(destination)) return answer(link, Errc::unreachable);
  MemoryAcceptor* const listener = listener_at(destination);
  if (listener == nullptr || random_.one_in(link.behaviour->refusals)) {
    return answer(link, Errc::connection_refused);
  }
  if (listener->waiting_count_ >= listener->backlog_) {
    // As a real one: the request is dropped and comes again.
    const auto again = std::chrono::seconds(1);
    tell(link, 0, "finds the backlog full");
    link.pending = *call_later(again, [this, &link] { establish(link); });
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
  tell(link, 0, failure ? "is refused" : "is connected");
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

Instant Network::arrival_time(Link& link, int to, std::size_t bytes) {
  Pipe& pipe = link.ends[to].input;
  const Behaviour& path = *link.behaviour;
  const auto spread = static_cast<std::uint64_t>(path.jitter.count()) + 1;
  const Duration jitter(static_cast<std::int64_t>(random_.below(spread)));
  const Instant left = pipe.occupy(now(), time_to_send(bytes, path.bandwidth));
  return std::max({after(left, path.latency + jitter), pipe.last_arrival(), link.silent_until});
}

void Network::send(Link& link, int from, Bytes bytes) {
  if (random_.one_in(link.behaviour->resets)) {
    send(link, from, Pipe::Segment::Kind::reset);
    return send(link, 1 - from, Pipe::Segment::Kind::reset);
  }
  const bool fateful = link.fate != Fate::none && link.carried + bytes.size() > link.fate_at;
  if (!fateful) return put(link, from, bytes);
  const std::size_t before = link.fate_at - link.carried;
  put(link, from, bytes.first(before));
  befall(link);
  put(link, from, bytes.subspan(before));
}

void Network::put(Link& link, int from, Bytes bytes) {
  // Who has been reset says nothing more, and nothing follows a reset.
  if (bytes.empty() || link.ends[from].reset || link.ends[1 - from].input.ended()) return;
  tell(link, from, "sends", bytes.size());
  link.carried += bytes.size();
  traffic_.bytes_sent += bytes.size();
  link.ends[1 - from].input.send(bytes, arrival_time(link, 1 - from, bytes.size()));
  arm(link, 1 - from);
}

void Network::send(Link& link, int from, Pipe::Segment::Kind mark) {
  if (mark == Pipe::Segment::Kind::end && link.ends[from].reset) return;
  tell(link, from, mark == Pipe::Segment::Kind::end ? "sends its end" : "sends a reset");
  link.ends[1 - from].input.send(mark, arrival_time(link, 1 - from, 0));
  arm(link, 1 - from);
}

void Network::arm(Link& link, int to) {
  Link::End& end = link.ends[to];
  if (end.arrival.active() || end.input.next_arrival() == never) return;
  end.arrival = *call_at(end.input.next_arrival(), [this, &link, to] { arrive(link, to); });
}

void Network::arrive(Link& link, int to) {
  Link::End& end = link.ends[to];
  Link::End& sender = link.ends[1 - to];
  end.put_off = !end.put_off && random_.one_in(link.behaviour->reorders);
  if (end.put_off) return arm(link, to);
  const Pipe::Segment segment = end.input.arrive();
  traffic_.bytes_arrived += segment.bytes;
  tell(link, to, description(segment.kind), segment.bytes);
  arm(link, to);
  // The place of the segment, whatever becomes of its bytes.
  room_made(link, to);
  if (link.lends) draw_lending(link, to);
  sender.released += segment.bytes;
  if (segment.bytes > 0 && link.lends && sender.channel != nullptr) {
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
  tell(link, end, "is closed");
  Link::End& mine = link.ends[end];
  mine.channel = nullptr;
  mine.closed = true;
  mine.input.used(mine.input.readable());
  // The server's end of an attempt that is given up, or that nobody has seen, closes with it.
  if (link.state == Link::State::opening || link.state == Link::State::swallowed) {
    link.ends[1].closed = true;
  }
  // Of one that was reset the peer hears nothing but that.
  if (!link.ends[1 - end].input.reset()) room_made(link, end);
  release_if_over(link);
}

void Network::release_if_over(Link& link) {
  if (!link.ends[0].closed || !link.ends[1].closed) return;
  link.pending.cancel();
  for (Link::End& end : link.ends) end.arrival.cancel();
  slots_.release(static_cast<std::uint32_t>(&link - links_.data()));
}

}  // namespace bobbin::memory
