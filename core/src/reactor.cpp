// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/reactor.hpp>

#include <algorithm>

#include <bobbin/assert.hpp>
#include <bobbin/channel.hpp>
#include <bobbin/dependent.hpp>
#include <bobbin/transport.hpp>

namespace bobbin {

Reactor::Reactor(Storage storage)
    : Clock(storage.timers), posted_(storage.posted_calls), triggers_(storage.triggers) {}

Reactor::~Reactor() { BOBBIN_ASSERT(dependents_ == nullptr); }

Error Reactor::run() {
  BOBBIN_ASSERT_CONTEXT(*this);
  if (in_turn_) return Errc::already_running;
  if (state_ == State::stopped) return Errc::not_restartable;
  while (state_ != State::stopped) turn(forever);
  return {};
}

Error Reactor::stop() {
  BOBBIN_ASSERT_CONTEXT(*this);
  if (state_ != State::running) return Errc::not_running;
  state_ = State::stopping;
  return {};
}

// ARCHITECTURE.md, "A turn of the reactor", has these lines with the same numbers.
void Reactor::turn(Duration max_wait) {
  BOBBIN_ASSERT_CONTEXT(*this);
  if (state_ == State::stopped || in_turn_) return;
  in_turn_ = true;
  if (state_ == State::made) start();
  ++statistics_.turns;
  run_posted_calls();         // 1
  run_due_timers();           // 2
  wait_for_events(max_wait);  // 3
  do_reads();                 // 4
  do_writes();                // 5
  in_turn_ = false;
  if (state_ == State::stopping) shut_down();
}

Instant Reactor::present() {
  if (!in_turn_) set_now(read_clock());
  return now();
}

void Reactor::start() {
  adopt_context();
  state_ = State::running;
  set_now(read_clock());
  run_triggers(SystemEvent::startup, Phase::before);
  run_triggers(SystemEvent::startup, Phase::during);
  run_triggers(SystemEvent::startup, Phase::after);
}

void Reactor::run_posted_calls() {
  posted_left_ = false;
  // Even if all were run before in the round in which they were posted: the next one wakes anew.
  posted_.begin();
  if (posted_.empty()) return;
  set_now(read_clock());
  Callback callback;
  posted_.begin_standing();
  while (posted_.take_standing(callback)) run_call(callback, CallSource::posted_call);
  for (std::uint32_t count = 0; posted_.take(callback); ++count) {
    run_call(callback, CallSource::posted_call);
    if (count + 1 < budget_.posted_calls) continue;
    posted_left_ = true;
    return;
  }
}

void Reactor::run_due_timers() {
  if (next_call() == never) return;
  set_now(read_clock());
  const std::uint32_t mark = timers().mark();
  Callback callback;
  for (std::uint32_t count = 0; count < budget_.timers; ++count) {
    if (!timers().pop_due(now(), mark, callback)) return;
    run_call(callback, CallSource::timer);
  }
}

// For somebody who wants one.
bool Reactor::timer_came_free() const {
  return !timerless_.empty() && timer_use().in_use < timer_use().capacity;
}

void Reactor::wait_for_events(Duration max_wait) {
  if (timer_came_free()) reads_.append(timerless_);
  const bool may_sleep = nothing_ready() && max_wait > Duration::zero();
  // In a loop of somebody else's the last turn, and its `now()`, may be long ago.
  if (may_sleep && max_wait != forever) set_now(read_clock());
  const Instant until = may_sleep ? std::min(next_call(), after(now(), max_wait)) : now();
  if (until > now()) ++statistics_.sleeps;
  const Instant begun = measures_waiting_ ? read_clock() : now();
  wait(until);
  set_now(read_clock());
  if (measures_waiting_) statistics_.waited += now() - begun;
}

// Each in the order in which it was marked, and only those marked so far: what is marked again
// meanwhile waits for the next turn.
void Reactor::do_reads() {
  past_reading_ = true;
  ReadyList batch;
  batch.append(reads_);
  for (std::uint32_t count = 0; count < budget_.events && !batch.empty(); ++count) {
    Selectable& item = batch.pop_front();
    item.wanted_ &= static_cast<std::uint8_t>(~Selectable::reading);
    if (item.wanted_ != Selectable::nothing) writes_.push_back(item);
    item.do_read();
    event_is_over();
  }
  batch.append(reads_);
  reads_.append(batch);
}

// What is written in answer to room that a write made goes out in the same turn, for a few rounds.
void Reactor::do_writes() {
  for (std::uint32_t round = 0; round < budget_.write_rounds && !writes_.empty(); ++round) {
    ReadyList batch;
    batch.append(writes_);
    while (!batch.empty()) {
      Selectable& item = batch.pop_front();
      item.wanted_ &= static_cast<std::uint8_t>(~Selectable::writing);
      if (item.wanted_ != Selectable::nothing) reads_.push_back(item);
      item.do_write();
      event_is_over();
    }
  }
  past_reading_ = false;
}

bool Reactor::nothing_ready() const {
  return state_ == State::running && !posted_left_ && reads_.empty() && writes_.empty() &&
         !timer_came_free();
}

Instant Reactor::next_deadline() const {
  BOBBIN_ASSERT_CONTEXT(*this);
  if (state_ == State::stopped) return never;
  if (!nothing_ready() || !posted_.empty()) return now();
  return std::min(next_call(), port_deadline());
}

Duration Reactor::longest_wait() {
  const Instant deadline = next_deadline();
  if (deadline == never) return forever;
  return std::max(deadline - present(), Duration::zero());
}

void Reactor::forget(Selectable& item) {
  if (ReadyList::linked(item)) ReadyList::remove(item);
  item.wanted_ = Selectable::nothing;
}

bool Reactor::call_from_thread(Callback callback) {
  switch (posted_.post(callback)) {
    case PostedCalls::Posted::full: return false;
    case PostedCalls::Posted::queued: return true;
    case PostedCalls::Posted::wake: wake(); return true;
  }
  return false;
}

void Reactor::call_from_thread(StandingCall& call) {
  if (posted_.post(call) == PostedCalls::Posted::wake) wake();
}

Error Reactor::call_when_running(Callback callback) {
  BOBBIN_ASSERT_CONTEXT(*this);
  if (running()) {
    run_call(callback, CallSource::trigger);
    return {};
  }
  return add_system_event_trigger(SystemEvent::startup, Phase::after, callback);
}

Error Reactor::add_system_event_trigger(SystemEvent event, Phase phase, Callback callback) {
  BOBBIN_ASSERT_CONTEXT(*this);
  if (state_ > State::running) return Errc::not_running;
  if (trigger_count_ == triggers_.size()) return Errc::no_capacity;
  triggers_[trigger_count_++] = Trigger{.event = event, .phase = phase, .callback = callback};
  return {};
}

void Reactor::run_triggers(SystemEvent event, Phase phase) {
  for (std::size_t i = 0; i < trigger_count_; ++i) {
    Trigger& trigger = triggers_[i];
    if (trigger.event == event && trigger.phase == phase)
      run_call(trigger.callback, CallSource::trigger);
  }
}

void Reactor::run_call(Callback& callback, CallSource source) {
  ++statistics_.calls;
  if (const Error error = callback()) {
    ++statistics_.errors;
    if (error_observer_) error_observer_(error, source);
  }
  event_is_over();
}

Result<Channel*> Reactor::channel_in_slot(Transport& transport) {
  Channel* const channel = transport.channel_;
  if (channel == nullptr) return Errc::connection_lost;
  if (!transport.slot_.holds(*channel)) return Errc::not_supported;
  return channel;
}

void Reactor::shut_down() {
  if (state_ == State::stopped) return;
  const bool started = state_ != State::made;
  adopt_context();
  state_ = State::stopping;
  in_turn_ = true;
  if (started) run_triggers(SystemEvent::shutdown, Phase::before);
  while (dependents_ != nullptr) dependents_->shut_down();
  if (started) run_triggers(SystemEvent::shutdown, Phase::during);
  if (started) run_triggers(SystemEvent::shutdown, Phase::after);
  in_turn_ = false;
  state_ = State::stopped;
}

}  // namespace bobbin
