// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/lock.hpp>

namespace bobbin {

void Semaphore::Place::release() {
  if (!held()) return;
  state_ = State::empty;
  semaphore_->give_back();
}

Semaphore::Acquire::~Acquire() {
  if (waiting()) place_.state_ = Place::State::empty;
}

void Semaphore::Acquire::cancel() {
  place_.state_ = Place::State::empty;
  InLine::cancel();
}

bool Semaphore::Acquire::await_ready() {
  if (place_.state_ != Place::State::empty) {
    outcome_ = Errc::already_running;
    return true;
  }
  if (semaphore_.free_ == 0) return false;
  --semaphore_.free_;
  semaphore_.give_to(place_);
  outcome_ = {};
  return true;
}

// Not before: who limits the wait may have to give it up before it begins.
bool Semaphore::Acquire::begin(Coroutine& coroutine) {
  place_.state_ = Place::State::wanted;
  return InLine::begin(coroutine);
}

void Semaphore::give_to(Place& place) {
  place.semaphore_ = this;
  place.state_ = Place::State::held;
}

// Whoever goes on may destroy this.
void Semaphore::give_back() {
  if (line_.empty()) {
    ++free_;
    return;
  }
  auto& next = static_cast<Acquire&>(line_.take());
  give_to(next.place_);
  next.finish_with({});
}

}  // namespace bobbin
