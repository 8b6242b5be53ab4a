// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/cooperator.hpp>

#include <bobbin/assert.hpp>

namespace bobbin {

void CooperativeTask::pause() {
  if (!running()) return;
  if (pauses_++ == 0) --cooperator_->ready_;
}

void CooperativeTask::resume() {
  if (!running() || !paused()) return;
  if (--pauses_ == 0) cooperator_->one_more_ready();
}

void CooperativeTask::stop() {
  if (running()) end(Errc::cancelled);
}

void CooperativeTask::leave() {
  if (running()) cooperator_->remove(*this);
}

// Whether somebody was told. As a copy, as it may be destroyed from inside.
bool CooperativeTask::end(Error outcome) {
  leave();
  Done done = done_;
  if (!done) return false;
  done(outcome);
  return true;
}

Cooperator::~Cooperator() {
  if (gone_ != nullptr) *gone_ = true;
  while (first_ != nullptr) remove(*first_);
}

Error Cooperator::cooperate(CooperativeTask& task, CooperativeTask::Step step) {
  if (task.running()) return Errc::already_running;
  if (!timer_.active()) {
    if (Error error = hold_timer()) return error;
  }
  task.cooperator_ = this;
  task.step_ = step;
  task.steps_ = 0;
  task.pauses_ = 0;
  if (first_ == nullptr) first_ = task.next_ = task.previous_ = &task;
  // The end of the round is just before whose turn it is.
  task.next_ = first_;
  task.previous_ = first_->previous_;
  task.previous_->next_ = task.next_->previous_ = &task;
  ++tasks_;
  one_more_ready();
  return {};
}

void Cooperator::stop() {
  bool gone = false;
  bool* const outer = gone_;
  gone_ = &gone;
  for (std::size_t left = tasks_; left > 0 && first_ != nullptr; --left) {
    first_->stop();
    if (gone) {
      if (outer != nullptr) *outer = true;
      return;
    }
  }
  gone_ = outer;
}

Error Cooperator::hold_timer() {
  const Result<DelayedCall> timer = clock_.call_at(never, [this] { return run(); });
  if (!timer) return timer.error();
  timer_ = *timer;
  return {};
}

// The place of the timer that just fired is free, and a step might take it.
Error Cooperator::run() {
  [[maybe_unused]] const Error held = hold_timer();
  BOBBIN_ASSERT(!held);
  bool gone = false;
  gone_ = &gone;
  Error first_error;
  const Instant end = after(clock_.look(), options_.slice);
  std::uint32_t steps = 0;
  bool more = ready_ > 0;
  while (more) {
    const Error error = step(take_turn());
    if (!first_error) first_error = error;
    if (gone) return first_error;
    more = ready_ > 0 && ++steps < options_.steps_max && clock_.look() < end;
  }
  gone_ = nullptr;
  if (ready_ > 0) timer_.reset(Duration::zero());
  return first_error;
}

// The error of a task that nobody else hears of.
Error Cooperator::step(CooperativeTask& task) {
  ++task.steps_;
  current_ = &task;
  const Result<CooperativeTask::Progress> progress = task.step_();
  // It has stopped itself, and may be gone.
  if (current_ != &task) return {};
  current_ = nullptr;
  if (progress && *progress == CooperativeTask::Progress::more) return {};
  return task.end(progress.error()) ? Error() : progress.error();
}

// The next one that is not paused; there is one.
CooperativeTask& Cooperator::take_turn() {
  while (first_->paused()) first_ = first_->next_;
  CooperativeTask& task = *first_;
  first_ = task.next_;
  return task;
}

void Cooperator::remove(CooperativeTask& task) {
  if (!task.paused()) --ready_;
  --tasks_;
  task.next_->previous_ = task.previous_;
  task.previous_->next_ = task.next_;
  if (current_ == &task) current_ = nullptr;
  if (first_ == &task) first_ = tasks_ > 0 ? task.next_ : nullptr;
  task.cooperator_ = nullptr;
  task.pauses_ = 0;
  if (tasks_ == 0) timer_.cancel();
}

// While it runs it sees by itself to what is to come.
void Cooperator::one_more_ready() {
  if (++ready_ == 1 && gone_ == nullptr) timer_.reset(Duration::zero());
}

}  // namespace bobbin
