// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/memory/channel.hpp>

#include <algorithm>

namespace bobbin::memory {

MemoryChannel::MemoryChannel(Place place, Reactor& reactor, Selectable& owner)
    : Channel(place.link.lends ? Receiving::lends : Receiving::copies),
      place_(place),
      reactor_(reactor),
      owner_(owner) {
  end().channel = this;
}

void MemoryChannel::mark_broken() {
  set_broken();
  mark_readable();
  mark_writable();
}

Channel::ReadResult MemoryChannel::read(MutableBytes space) {
  Network& network = place_.network;
  if (network.fail.use(PortCall::read)) {
    return {.status = ReadResult::Status::failed, .error = Errc::connection_lost};
  }
  std::size_t limit = std::min(space.size(), place_.link.behaviour->read_max);
  if (network.random().one_in(place_.link.behaviour->short_reads)) limit = 1;
  const std::size_t count = end().input.read(space.first(limit));
  if (count == 0) return nothing_to_read();
  if (!lends()) {
    end().input.used(count);
    network.room_made(place_.link, place_.end);
  }
  return {.bytes = count, .status = ReadResult::Status::more};
}

Channel::ReadResult MemoryChannel::nothing_to_read() const {
  if (end().reset) return {.status = ReadResult::Status::failed, .error = end().reason};
  if (end().ended) return {.status = ReadResult::Status::ended};
  return {.status = ReadResult::Status::drained};
}

Channel::Lent MemoryChannel::lend() {
  const Pipe& input = end().input;
  Bytes first = input.first();
  const std::size_t limit = end().lends_one ? 1 : place_.link.behaviour->read_max;
  first = first.first(std::min(first.size(), limit));
  return {.first = first, .total = input.readable(), .ended = end().ended};
}

void MemoryChannel::used(std::size_t count) {
  end().input.used(count);
  place_.network.draw_lending(place_.link, place_.end);
  place_.network.room_made(place_.link, place_.end);
}

Channel::WriteResult MemoryChannel::write(const TwoSpans& bytes) {
  Network& network = place_.network;
  if (broken()) return {.error = end().reason};
  if (network.fail.use(PortCall::write)) return {.error = Errc::connection_lost};
  WriteResult result;
  const std::size_t first = take(bytes.first);
  const bool all = first == bytes.first.size();
  result.handed = first + (all ? take(bytes.second) : 0);
  if (lends()) {
    result.released = std::exchange(end().released, 0);
  } else {
    result.released = result.handed;
  }
  end().wants_room = result.handed < bytes.size();
  return result;
}

std::size_t MemoryChannel::take(Bytes bytes) {
  Network& network = place_.network;
  const Behaviour& path = *place_.link.behaviour;
  Pipe& pipe = place_.link.ends[1 - place_.end].input;
  std::size_t taken = 0;
  while (taken < bytes.size() && pipe.room() > 0 && pipe.may_send()) {
    if (network.random().one_in(path.refused_writes)) {
      mark_writable();
      break;
    }
    std::size_t limit = std::min({bytes.size() - taken, pipe.room(), path.segment_max});
    if (network.random().one_in(path.short_writes)) limit = 1;
    network.send(place_.link, place_.end, bytes.subspan(taken, limit));
    taken += limit;
  }
  return taken;
}

void MemoryChannel::shut_down_writing() {
  place_.network.send(place_.link, place_.end, Pipe::Segment::Kind::end);
}

void MemoryChannel::close() {
  shut_down_writing();
  place_.network.close(place_.link, place_.end);
}

void MemoryChannel::abort() {
  if (!broken()) place_.network.send(place_.link, place_.end, Pipe::Segment::Kind::reset);
  place_.network.close(place_.link, place_.end);
}

Error MemoryChannel::finish_connect() {
  if (place_.network.fail.use(PortCall::finish_connect)) return Errc::connection_refused;
  return place_.link.finished ? place_.link.failure : Error(Errc::would_block);
}

MemoryAcceptor::MemoryAcceptor(Place place, const Address& address, int backlog)
    : place_(place), backlog_(backlog), family_(address.family()), port_(address.port()), bytes_{} {
  if (family_ == Address::Family::ip6) {
    bytes_ = address.ip6_bytes();
  } else {
    std::ranges::copy(address.ip4_bytes(), bytes_.begin());
  }
}

Address MemoryAcceptor::host() const {
  if (family_ == Address::Family::ip6) return Address::ip6(bytes_, port_);
  return Address::ip4({bytes_[0], bytes_[1], bytes_[2], bytes_[3]}, port_);
}

Result<Channel*> MemoryAcceptor::accept(ChannelSlot& slot, Selectable& owner) {
  Network& network = place_.network;
  if (first_waiting_ == nullptr) return Errc::would_block;
  if (network.fail.use(PortCall::accept)) return Errc::no_capacity;
  Link& link = *network.take_waiting(*this);
  auto& channel =
      slot.emplace<MemoryChannel>(MemoryChannel::Place{network, link, 1}, place_.reactor, owner);
  // What happened while it waited is news to its owner.
  channel.mark_readable();
  if (link.ends[1].reset) channel.mark_broken();
  return &channel;
}

}  // namespace bobbin::memory
