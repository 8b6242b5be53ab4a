// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <coroutine>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

#include <bobbin/callback.hpp>
#include <bobbin/coroutine.hpp>
#include <bobbin/error.hpp>
#include <bobbin/failure.hpp>
#include <bobbin/pool.hpp>
#include <bobbin/task.hpp>

namespace bobbin {

class CoroutinePool;

// A coroutine that was spawned, as a value that may be copied, kept and forgotten. The default one
// is never active. It must not be used after its pool is gone.
class Spawned {
 public:
  Spawned() = default;

  bool active() const;   // false once its task has ended
  bool cancel() const;   // see Coroutine::cancel; false when it was not active
  bool destroy() const;  // ends it there and then, without a word; not from inside itself

 private:
  friend class CoroutinePool;
  Spawned(CoroutinePool& pool, Handle handle) : pool_(&pool), handle_(handle) {}

  CoroutinePool* pool_ = nullptr;
  Handle handle_;
};

// Where a program's coroutines run. Not sized; see Coroutines.
//
// All calls may be made from any callback and any coroutine, but only from one thread, that of the
// reactor whose operations the coroutines await.
class CoroutinePool {
 public:
  CoroutinePool(const CoroutinePool&) = delete;
  CoroutinePool& operator=(const CoroutinePool&) = delete;

  // Hears how a task ended, after its frame is free again; it may spawn the next one there.
  using Done = InplaceFunction<void(Error)>;

  // Runs a task that nobody awaits, until it first waits; from inside a coroutine, only when that
  // one waits. Without `done` an error it ends with goes to `on_error`. Errors: no_capacity, when
  // the task has no frame or the pool is full; then it has not begun and `done` is not called.
  template <class T>
  Result<Spawned> spawn(Task<T> task, Done done = {}) {
    if (!task.has_frame()) return Errc::no_capacity;
    const std::uint32_t index = slots_.acquire();
    if (index == SlotPool::none) return Errc::no_capacity;
    const Spawned spawned(*this, slots_.handle(index));
    Place& place = places_[index];
    place.pool_ = this;
    place.done_ = done;
    place.outcome_ = &Task<T>::outcome_in;
    place.frame_ = task.begin(place);
    task.release();
    place.start(ready_, place.frame_);
    return spawned;
  }

  // Hears each error of a task that nobody asked after: the Failure, or, if that is what it takes,
  // the Error.
  template <class F>
  void on_error(F observer) {
    if constexpr (std::is_invocable_v<F&, const Failure&>) {
      on_error_ = observer;
    } else {
      on_error_ = [observer](const Failure& failure) mutable { observer(failure.error()); };
    }
  }

  // As if a task that nobody asked after had ended with this error.
  void report(Error error) {
    if (error) report(Failure(error, Origin()));
  }
  void report(const Failure& failure) {
    if (on_error_) on_error_(failure);
  }

  // Cancels every coroutine; they end when they have come to terms with it.
  void cancel_all();

  const PoolUse& use() const { return slots_.use(); }

  // For coroutines that lie elsewhere and take turns with these: in a TaskDeferred, a `when_all`.
  // The pool outlives them.
  ReadyCoroutines& ready() { return ready_; }
  std::uint32_t elsewhere() const { return ready_.active() - use().in_use; }

  // For Coroutines.
  class Place final : public Coroutine {
   public:
    Place() = default;
    ~Place() = default;

   private:
    friend class CoroutinePool;

    void ended() override { pool_->ended(*this); }

    CoroutinePool* pool_ = nullptr;
    std::coroutine_handle<> frame_;
    Outcome<void> (*outcome_)(std::coroutine_handle<>) = nullptr;
    Done done_;
  };
  struct Storage {
    std::span<Place> places;
    std::span<SlotPool::Slot> slots;
  };

 protected:
  explicit CoroutinePool(Storage storage) : places_(storage.places), slots_(storage.slots) {}
  ~CoroutinePool() = default;

  // Destroys what still runs, without a word. Not from inside a coroutine.
  void shut_down();

 private:
  friend class Spawned;

  void ended(Place& place);
  void destroy(Place& place);
  void release(Place& place);

  std::span<Place> places_;
  SlotPool slots_;
  ReadyCoroutines ready_;
  InplaceFunction<void(const Failure&)> on_error_;
};

template <std::size_t N>
struct CoroutineStorage {
  CoroutinePool::Place places[N];
  SlotPool::Slot slots[N];
};

// Room for N coroutines at a time. Their frames are not in it: each names its own.
//
// Destroying it destroys the frames of those that still run, and so ends what they wait for; what
// their variables refer to must still exist. Not from inside a coroutine, a `done` or `on_error`.
template <std::size_t N>
class Coroutines : private CoroutineStorage<N>, public CoroutinePool {
  static_assert(N > 0, "bobbin: a pool of coroutines holds at least one");

 public:
  Coroutines() : CoroutinePool({this->places, this->slots}) {}
  ~Coroutines() { shut_down(); }
};

}  // namespace bobbin
