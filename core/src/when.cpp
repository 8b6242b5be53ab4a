// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/when.hpp>

namespace bobbin {

void TaskGroup::Member::begin(TaskGroup& group, ReadyCoroutines& ready) {
  group_ = &group;
  if (const std::coroutine_handle<> task = outermost()) {
    start(ready, task);
  } else {
    ended();
  }
}

// They run after this one has come to wait: it still runs.
bool TaskGroup::begin(Coroutine& coroutine, std::span<Member* const> members) {
  members_ = members;
  running_ = members.size();
  wait(coroutine);
  for (Member* member : members) {
    member->begin(*this, coroutine.ready());
    // One before it may have ended without beginning, for want of a frame.
    if (decided()) member->cancel();
  }
  return true;
}

// None of them goes on before all have been told: the last one to end ends the wait, and with that
// this group.
void TaskGroup::cancel() {
  const ReadyCoroutines::Hold hold(ready());
  cancelled_ = true;
  for (Member* member : members_) member->cancel();
}

bool TaskGroup::decided() const { return first_ == First::ends_all && running_ < members_.size(); }

void TaskGroup::ended(Member& member) {
  if (running_-- == members_.size()) {
    while (members_[first_ended_] != &member) ++first_ended_;
    if (decided() && !cancelled_) cancel();
  }
  if (running_ == 0) finish();
}

}  // namespace bobbin
