// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <bobbin/deferred.hpp>

namespace bobbin {

// What is the same in everything that waits for several Deferreds, its members, whatever comes out
// of them. See deferred_list.hpp.
//
// It adds one stage to each member. A member that goes counts as one that failed with `cancelled`,
// one without room for the stage as one that failed with `no_capacity`.
class Gathering {
 public:
  Gathering(const Gathering&) = delete;
  Gathering& operator=(const Gathering&) = delete;

  std::size_t outstanding() const { return outstanding_; }

 protected:
  using Cell = DeferredCore::Cell;
  using State = DeferredCore::State;

  explicit Gathering(std::span<DeferredCore*> members) : members_(members) {}
  ~Gathering() { forget_members(); }

  // Waits for those in the first `count` places of `members`, in order, each of which gives `type`;
  // some may be done at once. With `consume` nothing comes out of them any more.
  void gather(std::size_t count, const void* type, bool consume);

  // Cancels who has not come to a result. `member_done` may be called from here.
  void cancel_members();

  // Waits for nobody any more.
  void forget_members();

  std::span<DeferredCore*> members() { return members_; }

 private:
  // A member came to a result. It may destroy this object.
  virtual void member_done(std::size_t index, State state, const Cell& cell) = 0;

  struct Captures;
  template <bool consume>
  static State run(std::byte* captures, Cell& cell, State state);
  bool add_stage(std::size_t index, const void* type, bool consume);
  void done(std::size_t index, State state, const Cell& cell);

  std::span<DeferredCore*> members_;  // null: done
  bool* gone_ = nullptr;              // of the call that goes through the members
  std::size_t count_ = 0;
  std::size_t outstanding_ = 0;
};

}  // namespace bobbin
