// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/coroutine.hpp>

#include <utility>

#include <bobbin/assert.hpp>
#include <bobbin/await.hpp>

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

ReadyCoroutines::~ReadyCoroutines() { BOBBIN_ASSERT(active_ == 0); }

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
  ++ready.active_;
  make_ready();
}

void Coroutine::abandon() {
  BOBBIN_ASSERT(state_ != State::running);
  if (!active()) return;
  if (state_ == State::ready) ready_->remove(*this);
  leave();
  awaited_ = nullptr;
  ending_ = nullptr;
}

void Coroutine::ask_to_end(Deadline* deadline) {
  switch (state_) {
    case State::idle: return;
    case State::ready:
    case State::running:
      if (!asked_ || deadline == nullptr) asks_ = deadline;
      asked_ = true;
      return;
    case State::waiting: return awaited_ != nullptr ? end_operation(deadline) : take_over(deadline);
  }
}

// The operation has been cancelled and has not ended yet.
void Coroutine::take_over(Deadline* deadline) {
  if (ending_ == nullptr) return;
  if (deadline == nullptr) {
    std::exchange(ending_, nullptr)->overruled();
  } else if (!asked_) {
    asked_ = true;
    asks_ = deadline;
  }
}

void Coroutine::end_operation(Deadline* deadline) {
  ending_ = deadline;
  if (deadline != nullptr) deadline->heard();
  std::exchange(awaited_, nullptr)->cancel();
}

void Coroutine::forget(const Deadline& deadline) {
  if (asks_ == &deadline) asked_ = false;
}

void Coroutine::make_ready() {
  awaited_ = nullptr;
  ending_ = nullptr;
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
    leave();
    ended();
  } else if (state_ == State::waiting && asked_) {
    asked_ = false;
    end_operation(asks_);
  }
}

void Coroutine::leave() {
  state_ = State::idle;
  asked_ = false;
  --ready_->active_;
}

}  // namespace bobbin
