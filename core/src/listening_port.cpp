// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/listening_port.hpp>

#include <bobbin/reactor.hpp>

namespace bobbin {

namespace {

// How many connections one turn takes from the backlog, so that a flood of them leaves time for
// those that are open.
constexpr int accepts_in_one_turn = 16;

// The port could not accept for a passing reason (no descriptors, no memory). Nothing tells when it
// has passed, so it is tried again.
constexpr Duration accept_retry = std::chrono::milliseconds(100);

}  // namespace

Address ListeningPort::host() const { return listening() ? acceptor_->host() : Address(); }

Error ListeningPort::prepare(Reactor& reactor) {
  if (listening()) return Errc::already_running;
  return attach(reactor);
}

void ListeningPort::stop_listening() {
  if (!listening()) return;
  retry_.cancel();
  wait_no_more();
  acceptor_->close();
  acceptor_ = nullptr;
  Reactor::forget(*this);
}

void ListeningPort::do_read() {
  for (int count = 0; count < accepts_in_one_turn; ++count) {
    if (!has_room()) return;
    if (!accept_one()) return;
  }
  reactor()->mark_readable(*this);
}

// Both a connection and a protocol, or nobody is accepted: the pool tells us when one ended.
bool ListeningPort::has_room() {
  if (pool().has_room() && factory_.has_room()) return true;
  if (!pool().has_room()) pool().count_refusal();
  wait_for_room();
  return false;
}

// Whether it is worth trying for another one.
bool ListeningPort::accept_one() {
  Transport* const transport = pool().acquire(*this);
  const Result<Channel*> channel =
      acceptor_->accept(transport->channel_slot(), transport->selectable());
  if (!channel) {
    pool().put_back(*transport);
    if (channel.error() == Errc::connection_lost) return true;
    if (!(channel.error() == Errc::would_block)) accept_later();
    return false;
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

void ListeningPort::accept_later() {
  ++reactor()->statistics_.accept_errors;
  if (retry_.active()) return;
  const Result<DelayedCall> call =
      reactor()->call_later(accept_retry, [this] { reactor()->mark_readable(*this); });
  // Without a timer it is the next event of the port, or the end of a connection, that tries again.
  if (call) {
    retry_ = *call;
  } else {
    wait_for_room();
  }
}

// Ports that share a pool are served in the order in which they found it empty.
void ListeningPort::wait_for_room() {
  wait_no_more();
  ListeningPort** link = &pool().waiting_;
  while (*link != nullptr) link = &(*link)->next_waiting_;
  *link = this;
}

void ListeningPort::wait_no_more() {
  ListeningPort** link = &pool().waiting_;
  while (*link != nullptr && *link != this) link = &(*link)->next_waiting_;
  if (*link == this) *link = next_waiting_;
  next_waiting_ = nullptr;
}

void ListeningPort::accept_again() {
  wait_no_more();
  reactor()->mark_readable(*this);
}

void ListeningPort::connection_over(Transport& transport, Protocol* protocol, Error) {
  ++reactor()->statistics_.connections_lost;
  if (protocol != nullptr) factory_.protocol_done(*protocol);
  pool().release(transport);
}

}  // namespace bobbin
