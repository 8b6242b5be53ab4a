// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/connection_owner.hpp>

#include <bobbin/assert.hpp>
#include <bobbin/connection_pool.hpp>
#include <bobbin/reactor.hpp>

namespace bobbin {

ConnectionOwner::~ConnectionOwner() { BOBBIN_ASSERT(reactor_ == nullptr); }

Error ConnectionOwner::attach(Reactor& reactor) {
  if (reactor_ == &reactor) return {};
  if (reactor_ != nullptr) return Errc::already_registered;
  if (reactor.state_ == Reactor::State::stopped) return Errc::not_running;
  reactor_ = &reactor;
  next_ = reactor.owners_;
  reactor.owners_ = this;
  return {};
}

void ConnectionOwner::shut_down() {
  if (reactor_ == nullptr) return;
  stop_opening();
  pool_.close_all(*this);
  ConnectionOwner** link = &reactor_->owners_;
  while (*link != this) link = &(*link)->next_;
  *link = next_;
  next_ = nullptr;
  reactor_ = nullptr;
}

}  // namespace bobbin
