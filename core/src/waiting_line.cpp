// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/waiting_line.hpp>

#include <bobbin/assert.hpp>

namespace bobbin {

WaitingLine::~WaitingLine() { BOBBIN_ASSERT(empty()); }

void WaitingLine::join(Member& member) {
  Member** last = &first_;
  while (*last != nullptr) last = &(*last)->next_;
  *last = &member;
  member.next_ = nullptr;
}

void WaitingLine::leave(Member& member) {
  Member** link = &first_;
  while (*link != &member) link = &(*link)->next_;
  *link = member.next_;
}

WaitingLine::Member& WaitingLine::take() {
  BOBBIN_ASSERT(!empty());
  Member& first = *first_;
  first_ = first.next_;
  return first;
}

std::size_t WaitingLine::size() const {
  std::size_t count = 0;
  for (const Member* member = first_; member != nullptr; member = member->next_) ++count;
  return count;
}

}  // namespace bobbin
