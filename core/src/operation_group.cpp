// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/operation_group.hpp>

#include <algorithm>

namespace bobbin {

struct OutstandingOperations::Captures {
  OutstandingOperations* group;
  std::size_t index;
};

OutstandingOperations::~OutstandingOperations() {
  if (gone_ != nullptr) *gone_ = true;
  for (DeferredCore* operation : places_) {
    if (operation != nullptr) operation->forget_stages(&run, this);
  }
}

Error OutstandingOperations::add(DeferredCore* operation, const void* type) {
  const auto place = std::find(places_.begin(), places_.end(), nullptr);
  if (operation == nullptr || place == places_.end()) return Errc::no_capacity;
  DeferredCore::Stage* const stage = operation->new_stage(type, type);
  if (stage == nullptr) return Errc::no_capacity;
  const auto index = static_cast<std::size_t>(place - places_.begin());
  std::construct_at(reinterpret_cast<Captures*>(stage->captures), Captures{this, index});
  stage->run = &run;
  *place = operation;
  ++outstanding_;
  operation->stage_added();
  return {};
}

void OutstandingOperations::when_idle(Deferred<void>& idle) {
  if (outstanding_ > 0) return waiters_.add(idle);
  idle.callback();
}

// Each is asked once, whatever the others add meanwhile.
void OutstandingOperations::cancel() {
  bool gone = false;
  bool* const gone_before = gone_;
  gone_ = &gone;
  for (std::size_t index = 0; index < places_.size(); ++index) {
    if (places_[index] == nullptr) continue;
    places_[index]->cancel();
    if (!gone) continue;
    if (gone_before != nullptr) *gone_before = true;
    return;
  }
  gone_ = gone_before;
}

DeferredCore::State OutstandingOperations::run(std::byte* captures, DeferredCore::Cell&,
                                               DeferredCore::State state) {
  static_assert(sizeof(Captures) <= config::callback_bytes);
  const Captures self = *std::launder(reinterpret_cast<Captures*>(captures));
  self.group->done(self.index);
  return state;
}

void OutstandingOperations::done(std::size_t index) {
  places_[index] = nullptr;
  --outstanding_;
  if (outstanding_ > 0) return;
  waiters_.take_all([](DeferredCore& waiter) { static_cast<Deferred<void>&>(waiter).callback(); });
}

}  // namespace bobbin
