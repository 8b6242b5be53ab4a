// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/connection_owner.hpp>

#include <bobbin/assert.hpp>
#include <bobbin/connection_pool.hpp>
#include <bobbin/reactor.hpp>

namespace bobbin {

ConnectionOwner::ConnectionOwner(ConnectionPool& pool) : pool_(pool), limits_(pool.limits()) {}

ConnectionOwner::~ConnectionOwner() { BOBBIN_ASSERT(reactor_ == nullptr); }

Error ConnectionOwner::attach(Reactor& reactor) {
  if (leaving_ || reactor.state_ > Reactor::State::running) return Errc::not_running;
  if (reactor_ == &reactor) return {};
  if (reactor_ != nullptr) return Errc::already_registered;
  reactor_ = &reactor;
  next_ = reactor.owners_;
  reactor.owners_ = this;
  return {};
}

void ConnectionOwner::watch_activity(bool wanted) {
  if (wanted && !watches_activity_) pool_.note_activity(*this, reactor_->now());
  watches_activity_ = wanted;
}

void ConnectionOwner::shut_down() {
  if (reactor_ == nullptr || leaving_) return;
  // Who is told of a loss may want to connect or listen again: it would never be ended.
  leaving_ = true;
  reactor_->adopt_context();
  stop_opening();
  pool_.close_all(*this);
  ConnectionOwner** link = &reactor_->owners_;
  while (*link != this) link = &(*link)->next_;
  *link = next_;
  next_ = nullptr;
  reactor_ = nullptr;
  leaving_ = false;
}

}  // namespace bobbin
