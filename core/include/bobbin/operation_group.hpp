// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <span>

#include <bobbin/deferred.hpp>
#include <bobbin/waiters.hpp>

namespace bobbin {

// Operations under way, so that a phase can end when all of them have: a fence. Not sized; see
// OperationGroup.
class OutstandingOperations {
 public:
  OutstandingOperations(const OutstandingOperations&) = delete;
  OutstandingOperations& operator=(const OutstandingOperations&) = delete;

  // Counts the operation until its result comes to this stage, or it goes. What passes, passes on:
  // a failure is its owner's affair. Takes one stage. Errors: no_capacity, when that, or this, is
  // full; then it is not counted.
  template <class T>
  Error add(Chain<T> operation) {
    return add(operation.core(), &detail::type_of<T>);
  }

  // Fires `idle`, which is pending, when none is outstanding: at once if none is.
  void when_idle(Deferred<void>& idle);

  // Cancels all that are outstanding.
  void cancel();

  std::size_t outstanding() const { return outstanding_; }

 protected:
  explicit OutstandingOperations(std::span<DeferredCore*> places) : places_(places) {}

  // Operations go on, and pass on what they get.
  ~OutstandingOperations();

 private:
  struct Captures;
  static DeferredCore::State run(std::byte* captures, DeferredCore::Cell& cell,
                                 DeferredCore::State state);
  Error add(DeferredCore* operation, const void* type);
  void done(std::size_t index);

  std::span<DeferredCore*> places_;  // null: free
  bool* gone_ = nullptr;             // of the call that goes through them
  std::size_t outstanding_ = 0;
  Waiters waiters_;
};

// At most N operations at once.
template <std::size_t N>
class OperationGroup : public OutstandingOperations {
  static_assert(N > 0, "bobbin: an OperationGroup has room for at least one operation");

 public:
  OperationGroup() : OutstandingOperations(places_) {}

 private:
  DeferredCore* places_[N] = {};
};

}  // namespace bobbin
