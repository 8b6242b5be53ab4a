// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/deferred.hpp>

#include <utility>

#include <bobbin/assert.hpp>

namespace bobbin {

DeferredCore::DeferredCore(const void* type, Stage* more_stages, std::size_t stages)
    : more_stages_(more_stages), type_(type), capacity_(static_cast<std::uint8_t>(stages)) {}

void DeferredCore::pause() {
  BOBBIN_ASSERT(pauses_ < 0xff);
  ++pauses_;
}

void DeferredCore::unpause() {
  BOBBIN_ASSERT(pauses_ > 0);
  --pauses_;
  run(this);
}

bool DeferredCore::fire(Cell& cell, State state) {
  if (called()) return forgives();
  // What has stages to run is not put down first.
  if (count_ == 0 || pauses_ > 0) {
    settle(cell, state);
  } else if (!run_stages(cell, state)) {
    return true;
  }
  run(this);
  return true;
}

bool DeferredCore::forgives() { return std::exchange(ignores_late_firing_, false); }

bool DeferredCore::fire(const Failure& failure) {
  Cell cell;
  cell.put(failure);
  return fire(cell, State::failed);
}

void DeferredCore::cancel() {
  DeferredCore* innermost = this;
  while (innermost->state_ == State::waiting) innermost = innermost->inner_;
  innermost->cancel_pending();
}

// A canceller may fire this Deferred, and then the chain runs inside of it; it may end it, too.
void DeferredCore::cancel_pending() {
  if (state_ != State::pending) return;
  if (!has_canceller_) {
    ignores_late_firing_ = true;
    fire(Failure(Errc::cancelled, Origin()));
    return;
  }
  bool gone = false;
  gone_ = &gone;
  state_ = State::cancelling;
  cell_.get<Canceller>()(*this);
  if (gone) return;
  gone_ = nullptr;
  if (state_ == State::cancelling) fire(Failure(Errc::cancelled, Origin()));
}

void DeferredCore::set_canceller(Canceller canceller) {
  if (state_ != State::pending) return;
  cell_.put(canceller);
  has_canceller_ = true;
}

// Goes on outwards, from the Deferred whose result is known to the one that waits for it: a loop,
// so that the stack does not grow with the length of a chain of Deferreds.
void DeferredCore::run(DeferredCore* deferred) {
  while (deferred != nullptr) deferred = deferred->advance();
}

// Runs what can be run; then the one to go on with, if any.
DeferredCore* DeferredCore::advance() {
  while (can_run()) {
    if (count_ == 0) return outer_ == nullptr && lost_ == Errc::ok ? nullptr : hand_over();
    Cell cell = cell_;
    if (!run_stages(cell, state_)) return nullptr;
  }
  return nullptr;
}

// The result is kept in `cell`, on the stack, from stage to stage: the place for it here may go
// while one runs. False if the Deferred went.
bool DeferredCore::run_stages(Cell& cell, State result) {
  bool gone = false;
  bool* const gone_before = gone_;
  gone_ = &gone;
  state_ = State::running;
  while (count_ > 0 && pauses_ == 0 && result != State::waiting) {
    Stage& next = take_stage();
    result = next.run(next.captures, cell, result);
    if (!gone) continue;
    if (gone_before != nullptr) *gone_before = true;
    if (result == State::failed) bobbin_unhandled_failure(cell.get<Failure>());
    return false;
  }
  gone_ = gone_before;
  settle(cell, result);
  return true;
}

void DeferredCore::settle(const Cell& cell, State state) {
  if (state == State::waiting) return wait_for(cell.get<DeferredCore*>());
  cell_ = cell;
  state_ = state;
}

void DeferredCore::settle(const Failure& failure) {
  cell_.put(failure);
  state_ = State::failed;
}

void DeferredCore::wait_for(DeferredCore* inner) {
  if (inner == nullptr) return settle(Failure(Errc::no_capacity, Origin()));
  if (inner->waits_for(*this)) return settle(Failure(Errc::invalid_argument, Origin()));
  if (inner->outer_ != nullptr) return settle(Failure(Errc::already_registered, Origin()));
  inner->outer_ = this;
  inner_ = inner;
  state_ = State::waiting;
  if (inner->has_result()) static_cast<void>(inner->hand_over());
}

// Whether `other` is this one or one that this one, or whom it waits for, waits for.
bool DeferredCore::waits_for(const DeferredCore& other) const {
  const DeferredCore* waited = this;
  while (waited != &other && waited->state_ == State::waiting) waited = waited->inner_;
  return waited == &other;
}

// All stages have run. The result goes to who waits for it, and none stays here.
DeferredCore* DeferredCore::hand_over() {
  if (lost_ != Errc::ok && state_ == State::succeeded) settle(Failure(lost_, Origin()));
  lost_ = Errc::ok;
  DeferredCore* const outer = outer_;
  if (outer == nullptr) return nullptr;
  const bool wanted = outer->state_ == State::waiting;
  if (wanted) outer->settle(cell_, state_);
  outer_ = nullptr;
  outer->inner_ = nullptr;
  state_ = State::succeeded;
  type_ = &detail::type_of<void>;
  return wanted ? outer : nullptr;
}

// A chain takes stages while nobody waits for it and until one was lost.
DeferredCore::Stage* DeferredCore::new_stage(const void* type, const void* new_type) {
  const bool right = gives(type) && state_ != State::ended;
  BOBBIN_ASSERT(right);
  if (!right || !has_room(1)) return nullptr;
  type_ = new_type;
  return &stage(count_++);
}

bool DeferredCore::has_room(std::size_t stages) {
  if (lost_ == Errc::ok && count_ + stages > capacity_) lost_ = Errc::no_capacity;
  return lost_ == Errc::ok;
}

void DeferredCore::begin(const void* type) {
  type_ = type;
  pauses_ = 0;
  state_ = State::pending;
  lost_ = Errc::ok;
  has_canceller_ = false;
  ignores_late_firing_ = false;
}

// Most have come to their end already.
DeferredCore* DeferredCore::end() {
  const bool done = state_ == State::succeeded && count_ == 0;
  if (!done || outer_ != nullptr || gone_ != nullptr) return end_under_way();
  state_ = State::ended;
  return nullptr;
}

// No function of its own is called: what they refer to may have gone already. What it waited for is
// over when others are told.
DeferredCore* DeferredCore::end_under_way() {
  if (state_ == State::ended) return nullptr;
  if (gone_ != nullptr) *gone_ = true;
  gone_ = nullptr;
  const State state = state_;
  state_ = State::ended;
  if (state == State::pending && has_canceller_) cell_.get<Canceller>()(*this);
  if (state == State::waiting) leave_inner();
  drop_stages();
  if (state == State::failed) bobbin_unhandled_failure(cell_.get<Failure>());
  return leave_outer();
}

void DeferredCore::drop_stages() {
  while (count_ > 0) {
    Stage& dropped = take_stage();
    static_cast<void>(dropped.run(dropped.captures, cell_, State::ended));
  }
}

// What comes of it nobody wants any more, an unhandled failure neither.
void DeferredCore::leave_inner() {
  inner_->cancel();
  if (inner_ == nullptr) return;
  inner_->outer_ = nullptr;
  inner_ = nullptr;
}

DeferredCore* DeferredCore::leave_outer() {
  DeferredCore* const outer = outer_;
  if (outer == nullptr) return nullptr;
  outer_ = nullptr;
  outer->inner_ = nullptr;
  if (outer->state_ != State::waiting) return nullptr;
  outer->settle(Failure(Errc::cancelled, Origin()));
  return outer;
}

void DeferredCore::replace_stages(Stage::Run function, const void* owner, Stage::Run other) {
  for (std::size_t position = 0; position < count_; ++position) {
    Stage& waiting = stage(position);
    if (waiting.run != function) continue;
    const void* captured = nullptr;
    std::memcpy(&captured, waiting.captures, sizeof captured);
    if (captured == owner) waiting.run = other;
  }
}

void DeferredCore::forget_stages(Stage::Run function, const void* owner) {
  replace_stages(function, owner, [](std::byte*, Cell&, State state) { return state; });
}

DeferredCore::Stage& DeferredCore::take_stage() {
  Stage& taken = place(first_);
  first_ = static_cast<std::uint8_t>(first_ + 1 == capacity_ ? 0 : first_ + 1);
  --count_;
  return taken;
}

}  // namespace bobbin
