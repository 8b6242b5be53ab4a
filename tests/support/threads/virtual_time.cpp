// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "virtual_time.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace bobbin::test {

VirtualTime& VirtualTime::only() {
  // Never destroyed: lwIP's thread waits in it to the end of the program.
  static VirtualTime& time = *new VirtualTime;
  return time;
}

std::uint64_t VirtualTime::now_us() {
  const Lock held(mutex_);
  return now_us_;
}

void VirtualTime::advance(std::uint64_t length_us) {
  const Lock held(mutex_);
  now_us_ += length_us;
  changed();
}

void VirtualTime::join() {
  const Lock held(mutex_);
  ++participants_;
}

void VirtualTime::leave() {
  const Lock held(mutex_);
  --participants_;
  pass_time();
}

bool VirtualTime::wait_for(Lock& lock, Waiter waiter) {
  waiters_.push_back(&waiter);
  pass_time();
  changed_.wait(lock, [&] { return is_due(waiter); });
  std::erase(waiters_, &waiter);
  return waiter.ready(waiter.what);
}

bool VirtualTime::is_due(const Waiter& waiter) const {
  return waiter.ready(waiter.what) || waiter.deadline_us <= now_us_;
}

void VirtualTime::pass_time() {
  if (participants_ == 0 || waiters_.size() < participants_) return;
  std::uint64_t earliest = never;
  for (const Waiter* const waiter : waiters_) {
    if (is_due(*waiter)) return;
    earliest = std::min(earliest, waiter->deadline_us);
  }
  if (earliest == never) {
    std::fputs("VirtualTime: nothing will ever end this sleep\n", stderr);
    std::abort();
  }
  now_us_ = earliest;
  changed();
}

}  // namespace bobbin::test
