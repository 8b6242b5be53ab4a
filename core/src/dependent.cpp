// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/dependent.hpp>

#include <bobbin/assert.hpp>
#include <bobbin/reactor.hpp>

namespace bobbin {

Dependent::~Dependent() { BOBBIN_ASSERT(reactor_ == nullptr); }

Error Dependent::attach(Reactor& reactor) {
  if (leaving_ || reactor.state_ > Reactor::State::running) return Errc::not_running;
  if (reactor_ == &reactor) return {};
  if (reactor_ != nullptr) return Errc::already_registered;
  reactor_ = &reactor;
  next_ = reactor.dependents_;
  reactor.dependents_ = this;
  return {};
}

void Dependent::shut_down() {
  if (reactor_ == nullptr || leaving_) return;
  // Who is told of the end may want to go on: it would never be ended.
  leaving_ = true;
  reactor_->adopt_context();
  end();
  Dependent** link = &reactor_->dependents_;
  while (*link != this) link = &(*link)->next_;
  *link = next_;
  next_ = nullptr;
  reactor_ = nullptr;
  leaving_ = false;
}

}  // namespace bobbin
