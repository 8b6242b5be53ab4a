// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/coroutine.hpp>

#include <utility>

#include <bobbin/assert.hpp>

namespace bobbin {

void Operation::wait(Coroutine& coroutine) {
  BOBBIN_ASSERT(coroutine.state_ == Coroutine::State::running);
  coroutine_ = &coroutine;
  coroutine.awaited_ = this;
  coroutine.state_ = Coroutine::State::waiting;
}

void Operation::finish() {
  BOBBIN_ASSERT(waiting());
  std::exchange(coroutine_, nullptr)->make_ready();
}

ReadyCoroutines& Operation::ready() const {
  BOBBIN_ASSERT(waiting());
  return coroutine_->ready();
}

void ReadyCoroutines::add(Coroutine& coroutine) {
  coroutine.next_ = nullptr;
  (first_ == nullptr ? first_ : last_->next_) = &coroutine;
  last_ = &coroutine;
}

void ReadyCoroutines::remove(Coroutine& coroutine) {
  Coroutine* before = nullptr;
  for (Coroutine* item = first_; item != &coroutine; item = item->next_) before = item;
  (before == nullptr ? first_ : before->next_) = coroutine.next_;
  if (last_ == &coroutine) last_ = before;
}

void ReadyCoroutines::run() {
  if (running_) return;
  running_ = true;
  while (first_ != nullptr) {
    Coroutine& coroutine = *first_;
    first_ = coroutine.next_;
    coroutine.resume();
  }
  running_ = false;
}

Coroutine::~Coroutine() { BOBBIN_ASSERT(state_ == State::idle); }

void Coroutine::start(ReadyCoroutines& ready, std::coroutine_handle<> outermost) {
  BOBBIN_ASSERT(state_ == State::idle);
  ready_ = &ready;
  innermost_ = outermost;
  make_ready();
}

void Coroutine::abandon() {
  BOBBIN_ASSERT(state_ != State::running);
  if (state_ == State::ready) ready_->remove(*this);
  state_ = State::idle;
  cancelling_ = false;
  awaited_ = nullptr;
}

void Coroutine::cancel() {
  switch (state_) {
    case State::idle: return;
    case State::ready:
    case State::running: cancelling_ = true; return;
    case State::waiting: break;
  }
  if (awaited_ != nullptr) std::exchange(awaited_, nullptr)->cancel();
}

void Coroutine::make_ready() {
  awaited_ = nullptr;
  state_ = State::ready;
  ready_->add(*this);
  ready_->run();
}

// Whoever awaits a task only names it here, and returns.
void Coroutine::resume() {
  state_ = State::running;
  do {
    innermost_.resume();
  } while (state_ == State::running && innermost_ != nullptr);
  if (innermost_ == nullptr) {
    state_ = State::idle;
    cancelling_ = false;
    ended();
  } else if (state_ == State::waiting && cancelling_) {
    cancelling_ = false;
    cancel();
  }
}

}  // namespace bobbin
