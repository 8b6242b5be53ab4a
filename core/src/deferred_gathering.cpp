// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/deferred_gathering.hpp>

#include <bobbin/assert.hpp>

namespace bobbin {

struct Gathering::Captures {
  Gathering* gathering;
  std::size_t index;
};

// All count as outstanding before the first is looked at: it may be done at once.
void Gathering::gather(std::size_t count, const void* type, bool consume) {
  BOBBIN_ASSERT(outstanding_ == 0 && count <= members_.size());
  count_ = outstanding_ = count;
  bool gone = false;
  bool* const gone_before = gone_;
  gone_ = &gone;
  for (std::size_t index = 0; index < count; ++index) {
    Cell cell;
    cell.put(Failure(Errc::no_capacity, Origin()));
    if (!add_stage(index, type, consume) && !gone) done(index, State::failed, cell);
    if (!gone) continue;
    if (gone_before != nullptr) *gone_before = true;
    return;
  }
  gone_ = gone_before;
}

bool Gathering::add_stage(std::size_t index, const void* type, bool consume) {
  DeferredCore* const member = members_[index];
  if (member == nullptr) return false;
  const void* const new_type = consume ? &detail::type_of<void> : type;
  DeferredCore::Stage* const stage = member->new_stage(type, new_type);
  if (stage == nullptr) return false;
  std::construct_at(reinterpret_cast<Captures*>(stage->captures), Captures{this, index});
  stage->run = consume ? &run<true> : &run<false>;
  member->stage_added();
  return true;
}

// `gathering` may be gone when `done` has returned.
template <bool consume>
Gathering::State Gathering::run(std::byte* captures, Cell& cell, State state) {
  static_assert(sizeof(Captures) <= config::callback_bytes);
  const Captures self = *std::launder(reinterpret_cast<Captures*>(captures));
  if (state == State::ended) {
    Cell cancelled;
    cancelled.put(Failure(Errc::cancelled, Origin()));
    self.gathering->done(self.index, State::failed, cancelled);
    return state;
  }
  self.gathering->done(self.index, state, cell);
  return consume ? State::succeeded : state;
}

void Gathering::done(std::size_t index, State state, const Cell& cell) {
  members_[index] = nullptr;
  --outstanding_;
  member_done(index, state, cell);
}

void Gathering::cancel_members() {
  bool gone = false;
  bool* const gone_before = gone_;
  gone_ = &gone;
  for (std::size_t index = 0; index < count_; ++index) {
    if (members_[index] == nullptr) continue;
    members_[index]->cancel();
    if (!gone) continue;
    if (gone_before != nullptr) *gone_before = true;
    return;
  }
  gone_ = gone_before;
}

void Gathering::forget_members() {
  if (gone_ != nullptr) *gone_ = true;
  gone_ = nullptr;
  for (std::size_t index = 0; index < count_; ++index) {
    if (members_[index] == nullptr) continue;
    members_[index]->forget_stages(&run<true>, this);
    members_[index]->forget_stages(&run<false>, this);
  }
  count_ = outstanding_ = 0;
}

}  // namespace bobbin
