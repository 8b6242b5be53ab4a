// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/waiters.hpp>

#include <bobbin/assert.hpp>

// While a Deferred is pending it waits for no other, so its link to one names who is behind it
// here.
namespace bobbin {

Waiters::~Waiters() { tell_all_of_the_end(); }

void Waiters::tell_all_of_the_end() {
  const Watch last(*this);
  for (Watch* watch = watch_; watch != nullptr; watch = watch->outer_) watch->waiters_ = nullptr;
  while (!empty()) take_first()->fire(Failure(Errc::cancelled, Origin()));
  watch_ = nullptr;
}

void Waiters::add(DeferredCore& deferred) {
  BOBBIN_ASSERT(deferred.state_ == DeferredCore::State::pending && deferred.inner_ == nullptr);
  if (going()) return static_cast<void>(deferred.fire(Failure(Errc::cancelled, Origin())));
  DeferredCore** last = &first_;
  while (*last != nullptr) last = &(*last)->inner_;
  *last = &deferred;
  deferred.set_canceller([this](DeferredCore& cancelled) { remove(cancelled); });
}

DeferredCore* Waiters::take() { return empty() || going() ? nullptr : take_first(); }

DeferredCore* Waiters::take_first() {
  DeferredCore* const first = first_;
  remove(*first);
  first->has_canceller_ = false;
  return first;
}

std::size_t Waiters::size() const {
  std::size_t count = 0;
  for (DeferredCore* waiter = first_; waiter != nullptr; waiter = waiter->inner_) ++count;
  return count;
}

void Waiters::remove(DeferredCore& deferred) {
  DeferredCore* before = nullptr;
  DeferredCore** link = &first_;
  while (*link != &deferred) {
    before = *link;
    link = &before->inner_;
  }
  *link = deferred.inner_;
  deferred.inner_ = nullptr;
  for (Watch* watch = watch_; watch != nullptr; watch = watch->outer_) {
    if (watch->last_ == &deferred) watch->last_ = before;
  }
}

Waiters::Watch::Watch(Waiters& waiters) : waiters_(&waiters), outer_(waiters.watch_) {
  waiters.watch_ = this;
}

Waiters::Watch::~Watch() {
  if (waiters_ != nullptr) waiters_->watch_ = outer_;
}

Waiters::Round::Round(Waiters& waiters) : Watch(waiters) {
  last_ = waiters.first_;
  while (last_ != nullptr && last_->inner_ != nullptr) last_ = last_->inner_;
}

DeferredCore* Waiters::Round::take() {
  return waiters_ != nullptr && last_ != nullptr ? waiters_->take() : nullptr;
}

}  // namespace bobbin
