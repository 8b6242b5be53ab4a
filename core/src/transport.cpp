// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/transport.hpp>

#include <bobbin/assert.hpp>
#include <bobbin/connection_owner.hpp>
#include <bobbin/connection_pool.hpp>
#include <bobbin/protocol.hpp>
#include <bobbin/reactor.hpp>

namespace bobbin {

Transport::Transport(ConnectionOwner& owner, Buffers buffers)
    : owner_(owner), ring_(buffers.send), buffer_(buffers.receive) {}

Transport::~Transport() { Reactor::forget(*this); }

#ifdef BOBBIN_CHECK_CONTEXT
void Transport::check_context() const { BOBBIN_ASSERT_CONTEXT(reactor()); }
#endif

Address Transport::host() const {
  check_context();
  return channel_ != nullptr ? channel_->host() : Address();
}

Address Transport::peer() const {
  check_context();
  return channel_ != nullptr ? channel_->peer() : Address();
}

void Transport::finish_connecting() {
  if (channel_ == nullptr) return;
  const Error outcome = channel_->finish_connect();
  if (outcome == Errc::would_block) return;
  if (outcome) {
    channel_->abort();
    return lose(outcome);
  }
  owner_.connection_ready(*this);
}

void Transport::open(Channel& channel, Protocol& protocol) {
  channel_ = &channel;
  protocol_ = &protocol;
  state_ = State::open;
  ++reactor().statistics_.connections_opened;
  note_activity();
  protocol.make_connection(*this);
  // What arrived while nobody could take it.
  if (readable_ && reading()) reactor().mark_readable(*this);
}

void Transport::abort_connection() {
  BOBBIN_ASSERT_CONTEXT(reactor());
  if (channel_ == nullptr) return;
  channel_->abort();
  lose(Errc::connection_aborted);
}

// In order where nothing would be lost by it: to the peer it then is as if we had closed.
void Transport::evict() {
  if (ring_.empty()) {
    channel_->close();
  } else {
    channel_->abort();
  }
  ++reactor().statistics_.connections_evicted;
  lose(Errc::evicted);
}

void Transport::tell_activity() { owner_.pool_.note_activity(*this, reactor().now()); }

// The channel has been closed or aborted. The protocol hears of it in the reactor's next step that
// writes, never from here: we may be inside a call of its own.
void Transport::lose(Error reason) {
  BOBBIN_ASSERT(state_ != State::lost && state_ != State::over);
  state_ = State::lost;
  reason_ = reason.code;
  native_reason_ = reason.native;
  channel_ = nullptr;
  ring_.clear();
  reactor().mark_writable(*this);
}

void Transport::deliver_loss() {
  state_ = State::over;
  const Error reason(reason_, native_reason_);
  if (consumer_ != nullptr) consumer_->unregister_producer();
  dismiss_producer();
  if (protocol_ != nullptr) protocol_->connection_lost(reason);
  owner_.connection_over(*this, protocol_, reason);
}

}  // namespace bobbin
