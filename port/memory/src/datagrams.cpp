// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/memory/datagrams.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

#include <bobbin/memory.hpp>
#include <bobbin/memory/network.hpp>

#include "places.hpp"

namespace bobbin::memory {

namespace {

constexpr Address broadcast_host = Address::ip4({255, 255, 255, 255}, 0);

}  // namespace

Datagrams::Datagrams(Network& network, Storage storage)
    : network_(network),
      datagrams_(storage.datagrams),
      slots_(storage.slots),
      bytes_(storage.bytes) {}

Error Datagrams::open(MemoryDatagramChannel& channel) {
  if (network_.fail.use(PortCall::listen_udp)) return Errc::no_capacity;
  if (channel.host_.port == 0) {
    channel.host_.port = network_.free_port();
  } else if (!free_to_use(channel)) {
    return Errc::address_in_use;
  }
  channel.next_ = ports_;
  ports_ = &channel;
  return {};
}

bool Datagrams::free_to_use(const MemoryDatagramChannel& channel) const {
  const Address wanted = channel.host();
  for (const MemoryDatagramChannel* port = ports_; port != nullptr; port = port->next_) {
    const Address taken = port->host();
    if (taken.family() != wanted.family() || taken.port() != wanted.port()) continue;
    if (port->shared_ && channel.shared_) continue;
    const bool any = is_any(taken) || is_any(wanted);
    if (any ? port->on_host_of(channel) : taken == wanted) return false;
  }
  return true;
}

bool Datagrams::uses(std::uint16_t number) const {
  const MemoryDatagramChannel* port = ports_;
  while (port != nullptr && port->host_.port != number) port = port->next_;
  return port != nullptr;
}

void Datagrams::close(MemoryDatagramChannel& channel) {
  MemoryDatagramChannel** link = &ports_;
  while (*link != &channel) link = &(*link)->next_;
  *link = channel.next_;
  while (channel.first_ != nullptr) release(channel.take_first());
  // What is on the way to it alone.
  for (Datagram& datagram : datagrams_) {
    if (datagram.member == &channel) release(datagram);
  }
}

void Datagrams::release(Datagram& datagram) {
  datagram.arrival.cancel();
  datagram = Datagram{};
  slots_.release(static_cast<std::uint32_t>(&datagram - datagrams_.data()));
}

Bytes Datagrams::bytes_of(const Datagram& datagram) const {
  const std::size_t each = bytes_.size() / datagrams_.size();
  const auto index = static_cast<std::size_t>(&datagram - datagrams_.data());
  return bytes_.subspan(index * each, datagram.size);
}

// Of several that share an address the one that came last.
MemoryDatagramChannel* Datagrams::port_at(const Address& address) const {
  for (MemoryDatagramChannel* port = ports_; port != nullptr; port = port->next_) {
    if (port->is_reached_by(address)) return port;
  }
  return nullptr;
}

Error Datagrams::send(const MemoryDatagramChannel& from, Bytes bytes, const Address& to) {
  if (network_.fail.use(PortCall::send)) return Errc::would_block;
  if (bytes.size() > bytes_.size() / datagrams_.size()) return Errc::message_too_long;
  if (is_unreachable(to)) return Errc::unreachable;
  if (to.is_multicast()) return send_to_group(from, bytes, to);
  if (to.with_port(0) == broadcast_host) return send_to_all(from, bytes, to);
  Datagram header;
  header.from = from.source();
  header.to = to;
  return post(header, bytes);
}

// The network carries a copy to each member; who joins later does not hear it.
Error Datagrams::send_to_group(const MemoryDatagramChannel& from, Bytes bytes,
                               const Address& group) {
  Datagram header;
  header.from = from.source();
  header.to = group;
  for (MemoryDatagramChannel* port = ports_; port != nullptr; port = port->next_) {
    const bool same_machine = &port->place_.reactor == &from.place_.reactor;
    if (!port->hears(group) || (same_machine && !from.loop_)) continue;
    header.member = port;
    if (Error error = post(header, bytes)) port->count_dropped();
  }
  return {};
}

Error Datagrams::send_to_all(const MemoryDatagramChannel& from, Bytes bytes, const Address& to) {
  if (!from.broadcast_) return Errc::permission_denied;
  Datagram header;
  header.from = from.source();
  header.to = to;
  for (MemoryDatagramChannel* port = ports_; port != nullptr; port = port->next_) {
    if (port->host_.family != to.family() || port->host_.port != to.port()) continue;
    if (!is_any(port->host())) continue;
    header.member = port;
    if (Error error = post(header, bytes)) port->count_dropped();
  }
  return {};
}

Error Datagrams::post(Datagram& header, Bytes bytes) {
  const Address there = header.member != nullptr ? header.member->source() : header.to;
  header.path = &network_.path(header.from, there);
  header.size = bytes.size();
  if (network_.random().one_in(header.path->lost_datagrams)) {
    network_.tell(header, header.from, "loses a datagram");
    return {};
  }
  if (!post_one(header, bytes)) return Errc::would_block;
  // The second one has no claim to a place.
  if (network_.random().one_in(header.path->doubled_datagrams)) post_one(header, bytes);
  return {};
}

bool Datagrams::post_one(const Datagram& header, Bytes bytes) {
  const std::uint32_t index = slots_.acquire();
  if (index == SlotPool::none) return false;
  Datagram& datagram = datagrams_[index];
  datagram = header;
  const std::size_t each = bytes_.size() / datagrams_.size();
  if (!bytes.empty()) std::memcpy(bytes_.data() + index * each, bytes.data(), bytes.size());
  network_.datagram_sent(datagram);
  start(datagram);
  return true;
}

void Datagrams::start(Datagram& datagram) {
  const Behaviour& path = *datagram.path;
  const auto spread = static_cast<std::uint64_t>(path.jitter.count()) + 1;
  const Duration jitter(static_cast<std::int64_t>(network_.random().below(spread)));
  datagram.arrival =
      *network_.call_later(path.latency + jitter, [this, &datagram] { arrive(datagram); });
}

void Datagrams::arrive(Datagram& datagram) {
  if (datagram.kind == Datagram::Kind::refusal) return tell_refusal(datagram);
  if (is_swallowed(datagram.to)) return release(datagram);
  const bool copied = datagram.member != nullptr;
  MemoryDatagramChannel* const port = copied ? datagram.member : port_at(datagram.to);
  if (port == nullptr) return refuse(datagram);
  datagram.member = nullptr;
  const bool left = datagram.to.is_multicast() && !port->hears(datagram.to);
  const bool stranger = port->peer_.port != 0 && port->peer() != datagram.from;
  if (left || stranger) return release(datagram);
  port->keep(datagram);
}

// The answer of a machine on which nobody listens there takes its time too.
void Datagrams::refuse(Datagram& datagram) {
  datagram.kind = Datagram::Kind::refusal;
  std::swap(datagram.from, datagram.to);
  start(datagram);
}

// As on a real one, only who is connected to there hears it.
void Datagrams::tell_refusal(Datagram& datagram) {
  network_.tell(datagram, datagram.to, "sent a datagram to nobody");
  for (MemoryDatagramChannel* port = ports_; port != nullptr; port = port->next_) {
    if (port->source() == datagram.to && port->peer() == datagram.from) port->refused();
  }
  release(datagram);
}

MemoryDatagramChannel::Ip::Ip(const Address& address)
    : family(address.family()), port(address.port()) {
  if (family == Address::Family::ip6) {
    bytes = address.ip6_bytes();
  } else {
    std::ranges::copy(address.ip4_bytes(), bytes.begin());
  }
}

Address MemoryDatagramChannel::Ip::address() const {
  if (family == Address::Family::ip6) return Address::ip6(bytes, port);
  return Address::ip4({bytes[0], bytes[1], bytes[2], bytes[3]}, port);
}

MemoryDatagramChannel::MemoryDatagramChannel(Place place, const Address& address,
                                             const UdpOptions& options)
    : place_(place),
      host_(address),
      broadcast_(options.broadcast),
      shared_(options.shared),
      loop_(options.multicast_loop) {}

Address MemoryDatagramChannel::source() const {
  const Address own = host();
  if (!is_any(own)) return own;
  if (host_.family == Address::Family::ip4) return place_.reactor.address().with_port(host_.port);
  return Address::ip6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, host_.port);
}

Address MemoryDatagramChannel::peer() const { return place_.reactor.on_this_host(peer_.address()); }

bool MemoryDatagramChannel::on_host_of(const MemoryDatagramChannel& other) const {
  return host_.family == Address::Family::ip6 ||
         place_.reactor.address() == other.place_.reactor.address();
}

// The host that is nobody's in particular answers for everybody.
bool MemoryDatagramChannel::is_reached_by(const Address& address) const {
  if (host_.port != address.port() || host_.family != address.family()) return false;
  if (!is_any(host())) return host() == address;
  const bool apart =
      host_.family == Address::Family::ip4 && !place_.reactor.address().is_loopback();
  return !apart || source() == address;
}

void MemoryDatagramChannel::mark_readable() { place_.reactor.mark_readable(place_.owner); }

void MemoryDatagramChannel::keep(Datagram& datagram) {
  Datagram** last = &first_;
  std::size_t count = 0;
  for (; *last != nullptr; last = &(*last)->next) ++count;
  if (count >= datagram.path->datagrams_waiting) {
    count_dropped();
    place_.network.tell(datagram, source(), "has no room for a datagram");
    return place_.network.datagrams().release(datagram);
  }
  *last = &datagram;
  place_.network.datagram_arrived(datagram, source());
  mark_readable();
}

Datagram& MemoryDatagramChannel::take_first() {
  Datagram& first = *first_;
  first_ = first.next;
  first.next = nullptr;
  return first;
}

void MemoryDatagramChannel::refused() {
  refused_ = true;
  mark_readable();
}

DatagramChannel::Received MemoryDatagramChannel::receive(MutableBytes space) {
  using Status = Received::Status;
  Network& network = place_.network;
  if (network.fail.use(PortCall::receive)) return {.status = Status::trouble};
  if (refused_) {
    refused_ = false;
    return {.status = Status::refused};
  }
  if (first_ == nullptr) return {};
  Datagram& datagram = take_first();
  const Bytes bytes = network.datagrams().bytes_of(datagram);
  if (bytes.size() > space.size()) {
    network.datagrams().release(datagram);
    return {.status = Status::too_long};
  }
  lent_ = &datagram;
  const Address from = datagram.from == peer() ? peer_.address() : datagram.from;
  if (datagram.path->lends) return {.status = Status::datagram, .bytes = bytes, .from = from};
  std::ranges::copy(bytes, space.begin());
  done();
  return {.status = Status::datagram, .bytes = space.first(bytes.size()), .from = from};
}

void MemoryDatagramChannel::done() {
  if (lent_ != nullptr) place_.network.datagrams().release(*std::exchange(lent_, nullptr));
}

Error MemoryDatagramChannel::send(Bytes datagram, const Address& to) {
  return place_.network.datagrams().send(*this, datagram, place_.reactor.on_this_host(to));
}

Error MemoryDatagramChannel::connect(const Address& peer) {
  if (place_.network.fail.use(PortCall::connect_udp)) return Errc::no_capacity;
  if (is_unreachable(peer)) return Errc::unreachable;
  peer_ = Ip(peer);
  return {};
}

bool MemoryDatagramChannel::hears(const Address& group) const {
  if (host_.family != group.family() || host_.port != group.port() || !is_any(host())) return false;
  return number_of(group) < group_count_;
}

// Where a group is in `groups_`; `group_count_` if it was not joined.
std::size_t MemoryDatagramChannel::number_of(const Address& group) const {
  const Address::Ip6 wanted = Ip(group).bytes;
  std::size_t number = 0;
  while (number < group_count_ && groups_[number] != wanted) ++number;
  return number;
}

Error MemoryDatagramChannel::join_group(const Address& group, const Address&) {
  if (place_.network.fail.use(PortCall::join_group)) return Errc::no_capacity;
  if (number_of(group) < group_count_) return Errc::already_registered;
  if (group_count_ == groups_max) return Errc::no_capacity;
  groups_[group_count_++] = Ip(group).bytes;
  return {};
}

Error MemoryDatagramChannel::leave_group(const Address& group, const Address&) {
  const std::size_t number = number_of(group);
  if (number == group_count_) return Errc::address_not_available;
  groups_[number] = groups_[--group_count_];
  return {};
}

void MemoryDatagramChannel::close() { place_.network.datagrams().close(*this); }

}  // namespace bobbin::memory
