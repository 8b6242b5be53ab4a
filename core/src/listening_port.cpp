// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/listening_port.hpp>

#include <algorithm>
#include <utility>

#include <bobbin/assert.hpp>
#include <bobbin/reactor.hpp>

namespace bobbin {

namespace {

// How many connections one turn takes from the backlog, so that a flood of them leaves time for
// those that are open.
constexpr int accepts_in_one_turn = 16;

// The port could not accept for a passing reason (no descriptors, no memory). Nothing tells when it
// has passed, so it is tried again.
constexpr Duration accept_retry = std::chrono::milliseconds(100);

// Idle time is known to within a millisecond or so. One that was active in this one is not idle.
constexpr Duration evict_after_least = std::chrono::milliseconds(2);

}  // namespace

Address ListeningPort::host() const { return listening() ? acceptor_->host() : Address(); }

Error ListeningPort::prepare(Reactor& reactor, const ListenOptions& options) {
  BOBBIN_ASSERT_CONTEXT(reactor);
  if (listening()) return Errc::already_running;
  if (Error error = attach(reactor)) return error;
  when_full_ = options.when_full;
  evict_after_ = std::max(options.evict_after, evict_after_least);
  watch_activity(when_full_ != WhenFull::wait);
  return {};
}

void ListeningPort::stop_listening() {
  if (!listening()) return;
  BOBBIN_ASSERT_CONTEXT(*reactor());
  retry_.cancel();
  wait_no_more();
  acceptor_->close();
  acceptor_ = nullptr;
  Reactor::forget(*this);
}

void ListeningPort::lose_connections() { pool().lose_all(*this); }

void ListeningPort::do_read() {
  for (int count = 0; count < accepts_in_one_turn; ++count) {
    if (!has_room()) return full();
    if (!accept_one()) return;
  }
  reactor()->mark_readable(*this);
}

// Both a connection and a protocol, or nobody is accepted.
bool ListeningPort::has_room() const { return pool().has_room() && factory_.has_room(); }

// Whether it is worth trying for another one.
bool ListeningPort::accept_one() {
  Transport* const transport = pool().acquire(*this);
  const Result<Channel*> channel =
      acceptor_->accept(transport->channel_slot(), transport->selectable());
  if (!channel) {
    pool().put_back(*transport);
    return go_on_after(channel.error());
  }
  Protocol* const protocol = factory_.build_protocol((*channel)->peer());
  if (protocol == nullptr) {
    (*channel)->abort();
    pool().release(*transport);
    return listening();
  }
  transport->open(**channel, *protocol);
  return listening();
}

// Somebody who had waited may have gone; other trouble passes, some time.
bool ListeningPort::go_on_after(Error error) {
  if (error == Errc::connection_lost) return true;
  if (error == Errc::would_block) return false;
  ++reactor()->statistics_.accept_errors;
  try_again_after(accept_retry);
  return false;
}

// In any case the pool tells us when a connection has ended.
void ListeningPort::full() {
  if (!pool().has_room() && acceptor_->has_waiting()) pool().count_refusal();
  wait_for_room();
  if (when_full_ != WhenFull::wait) reactor()->mark_writable(*this);
}

// By now it is known who has sent something in this turn, or is gone.
void ListeningPort::do_write() {
  if (!has_room()) when_full_(*this);
}

// Everybody who is there, a few in each turn.
void WhenFull::refuse(ListeningPort& port) {
  for (int count = 0; count < accepts_in_one_turn; ++count) {
    ChannelSlot slot;
    const Result<Channel*> channel = port.acceptor_->accept(slot, port);
    if (!channel && !port.go_on_after(channel.error())) return;
    if (!channel) continue;
    (*channel)->abort();
    ++port.reactor()->statistics_.connections_refused;
  }
  port.reactor()->mark_readable(port);
}

void WhenFull::evict(ListeningPort& port) {
  if (!port.acceptor_->has_waiting()) return;
  const auto [transport, idle] = port.pool().idlest(port, port.reactor()->now());
  if (transport == nullptr) return;
  if (idle >= port.evict_after_) {
    transport->evict();
    return port.wait_first();
  }
  port.try_again_after(std::max(port.evict_after_ - idle, evict_after_least));
}

// Without a timer it is the next event of the port, the end of a connection or a timer that comes
// free that tries again.
void ListeningPort::try_again_after(Duration delay) {
  if (retry_.active() && retry_.time() <= after(reactor()->now(), delay)) return;
  retry_.cancel();
  const Result<DelayedCall> call =
      reactor()->call_later(delay, [this] { reactor()->mark_readable(*this); });
  if (call) {
    retry_ = *call;
  } else {
    wait_for_room();
    reactor()->mark_readable_with_a_timer(*this);
  }
}

// Ports that share a pool are served in the order in which they found it empty.
void ListeningPort::wait_for_room() {
  wait_no_more();
  ListeningPort** link = &pool().waiting_;
  while (*link != nullptr) link = &(*link)->next_waiting_;
  *link = this;
}

// What it makes room for is its own.
void ListeningPort::wait_first() {
  wait_no_more();
  next_waiting_ = std::exchange(pool().waiting_, this);
}

void ListeningPort::wait_no_more() {
  ListeningPort** link = &pool().waiting_;
  while (*link != nullptr && *link != this) link = &(*link)->next_waiting_;
  if (*link == this) *link = next_waiting_;
  next_waiting_ = nullptr;
}

void ListeningPort::accept_again() {
  wait_no_more();
  Reactor::forget(*this);  // it may wait for a timer
  reactor()->mark_readable(*this);
}

void ListeningPort::connection_over(Transport& transport, Protocol* protocol, Error) {
  ++reactor()->statistics_.connections_lost;
  if (protocol != nullptr) factory_.protocol_done(*protocol);
  pool().release(transport);
}

}  // namespace bobbin
