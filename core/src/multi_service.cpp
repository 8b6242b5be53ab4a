// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/multi_service.hpp>

#include <utility>

namespace bobbin {

MultiService::~MultiService() { abandon_children(); }

void MultiService::abandon_children() {
  abandon();
  while (first_ != nullptr) drop(*first_);
}

bool MultiService::may_add(const Service& child) const {
  const bool name_taken = !child.name().empty() && child_named(child.name()) != nullptr;
  return child.parent_ == nullptr && !name_taken;
}

Error MultiService::add(Service& child) {
  if (!may_add(child)) return Errc::already_registered;
  append(child);
  start_added(child);
  return {};
}

void MultiService::add(Service& child, Deferred<void>& added) {
  if (!may_add(child)) {
    added.errback(Errc::already_registered);
    return;
  }
  append(child);
  const bool starts = state() == State::running || state() == State::starting;
  if (!starts || child.running()) {
    added.callback();
    return;
  }
  child.when_running_.add(added);
  start_added(child);
}

// While this starts, the child's turn comes; it may be now.
void MultiService::start_added(Service& child) {
  if (!running()) return advance();
  if (child.state() == State::stopped) child.begin_start();
}

void MultiService::remove(Service& child, Deferred<void>& removed) {
  if (child.parent_ != this) {
    removed.errback(Errc::invalid_argument);
    return;
  }
  if (child.state() == State::stopped) {
    drop(child);
    removed.callback();
    return;
  }
  child.leaves_ = true;
  child.when_stopped_.add(removed);
  child.begin_stop();
}

Service* MultiService::child_named(std::string_view name) const {
  Service* child = first_;
  while (child != nullptr && child->name() != name) child = child->next_;
  return child;
}

std::size_t MultiService::size() const {
  std::size_t count = 0;
  for (const Service* child = first_; child != nullptr; child = child->next_) ++count;
  return count;
}

const Service* MultiService::culprit() const {
  if (failure() == nullptr) return nullptr;
  if (culprit_ == nullptr) return this;
  const Service* const whose = culprit_->culprit();
  return whose != nullptr ? whose : culprit_;
}

void MultiService::append(Service& child) {
  child.parent_ = this;
  child.next_ = nullptr;
  child.previous_ = last_;
  (last_ != nullptr ? last_->next_ : first_) = &child;
  last_ = &child;
  if (starting_ != nullptr && to_start_ == nullptr) to_start_ = &child;
}

// It has left, and what this waits for may have been just that.
void MultiService::drop(Service& child) {
  if (to_start_ == &child) to_start_ = child.next_;
  if (culprit_ == &child) culprit_ = nullptr;
  (child.previous_ != nullptr ? child.previous_->next_ : first_) = child.next_;
  (child.next_ != nullptr ? child.next_->previous_ : last_) = child.previous_;
  child.next_ = child.previous_ = nullptr;
  child.parent_ = nullptr;
  child.leaves_ = child.failure_is_news_ = child.awaits_restart_ = false;
  advance();
}

// In order. What a child adds meanwhile is prepared too, or when it is started.
Error MultiService::privileged_start_service() {
  culprit_ = nullptr;
  to_start_ = first_;
  while (to_start_ != nullptr) {
    Service& child = *std::exchange(to_start_, to_start_->next_);
    if (child.state() != State::stopped) continue;
    const Error error = child.prepare();
    if (!error) continue;
    culprit_ = &child;
    to_start_ = nullptr;
    return error;
  }
  return {};
}

void MultiService::start_service(Deferred<void>& started) {
  to_start_ = first_;
  starting_ = &started;
  started.on_cancel([this] {
    starting_ = nullptr;
    to_start_ = nullptr;
  });
  advance();
}

void MultiService::stop_service(Deferred<void>& stopped) {
  stopping_ = &stopped;
  advance();
}

void MultiService::child_changed(Service& child) {
  Watch watch(*this);
  if (std::exchange(child.failure_is_news_, false)) child_has_news(child);
  if (!watch.gone()) advance();
}

void MultiService::child_has_news(Service& child) {
  switch (state()) {
    case State::stopped:
    case State::prepared: return;
    case State::running: return child_failed(child);
    case State::starting:
      if (options_.when_child_fails == WhenChildFails::stop) fail_for(child);
      return;
    case State::giving_up:
    case State::stopping: return fail_for(child);
  }
}

void MultiService::child_failed(Service& child) {
  if (options_.when_child_fails == WhenChildFails::stop) fail_for(child);
}

void MultiService::fail_for(Service& child) {
  if (failure() == nullptr) culprit_ = &child;
  fail(*child.failure());
}

void MultiService::restart_those_that_wait() {
  Watch watch(*this);
  to_start_ = first_;
  while (!watch.gone() && running() && to_start_ != nullptr) {
    Service& child = *std::exchange(to_start_, to_start_->next_);
    if (child.awaits_restart_) child.begin_start();
  }
}

// One thing after the other, until somebody has to be waited for. Children that come to their ends
// meanwhile only change what the next step is, so depth does not grow with their number.
void MultiService::advance() {
  if (advancing_) return;
  Watch watch(*this);
  advancing_ = true;
  while (step()) {
    if (watch.gone()) return;
  }
  advancing_ = false;
}

// True when something was done, by which this may be gone.
bool MultiService::step() {
  if (state() == State::starting && starting_ != nullptr) return start_next();
  if (state() == State::stopping && stopping_ != nullptr) return stop_next();
  return false;
}

bool MultiService::start_next() {
  if (to_start_ == nullptr) return !in_transition() && finish(starting_);
  if (options_.order == ServiceOrder::one_by_one && in_transition()) return false;
  Service& child = *std::exchange(to_start_, to_start_->next_);
  const State found = child.state();
  if (found == State::stopped || found == State::prepared) child.begin_start();
  return true;
}

bool MultiService::stop_next() {
  bool all_stopped = true;
  for (Service* child = last_; child != nullptr; child = child->previous_) {
    const State found = child->state();
    if (found == State::stopped) continue;
    if (found != State::stopping && found != State::giving_up) {
      child->begin_stop();
      return true;
    }
    if (options_.order == ServiceOrder::one_by_one) return false;
    all_stopped = false;
  }
  return all_stopped && finish(stopping_);
}

bool MultiService::finish(Deferred<void>*& what) {
  std::exchange(what, nullptr)->callback();
  return true;
}

bool MultiService::in_transition() const {
  for (const Service* child = first_; child != nullptr; child = child->next_) {
    const State found = child->state();
    if (found != State::stopped && found != State::prepared && found != State::running) return true;
  }
  return false;
}

}  // namespace bobbin
