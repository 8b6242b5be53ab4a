// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>

#include <bobbin/callback.hpp>
#include <bobbin/config.hpp>
#include <bobbin/failure.hpp>
#include <bobbin/time.hpp>

namespace bobbin {

class Clock;
template <class T>
class AwaitResult;
template <class T>
class Chain;
namespace detail {
template <class R>
struct Returned;
}

// What is the same in every Deferred, whatever passes through it: the stages, who waits for whom,
// and in which state all of it is. Programs use it as `Deferred<T>`, see deferred.hpp.
class DeferredCore {
 public:
  enum class State : std::uint8_t {
    pending,     // not fired
    cancelling,  // not fired, and its canceller runs
    running,     // fired, and one of its stages runs
    waiting,     // fired, and a stage returned another Deferred, whose result it waits for
    succeeded,   // fired; the result of the last stage that ran is a value,
    failed,      // or a failure
    ended,       // it is being destroyed or reset
  };

  // The result of a stage on its way to the next: a value, a Failure, or who is waited for. The
  // canceller has its place, as it is needed only while there is no result.
  struct alignas(std::uint64_t) Cell {
    std::byte bytes[config::deferred_value_bytes];

    template <class T>
    void put(const T& value) {
      static_assert(std::is_trivially_copyable_v<T> && !std::is_reference_v<T>,
                    "bobbin: a Deferred carries plain values; pass a pointer to what is not");
      static_assert(sizeof(T) <= config::deferred_value_bytes,
                    "bobbin: the value is too large for a Deferred; pass a pointer to it, or raise "
                    "BOBBIN_DEFERRED_VALUE_BYTES");
      static_assert(alignof(T) <= alignof(std::uint64_t), "bobbin: the value is over-aligned");
      std::memcpy(bytes, &value, sizeof(T));
    }

    template <class T>
    T get() const {
      alignas(T) std::byte copy[sizeof(T)];
      std::memcpy(copy, bytes, sizeof(T));
      return *std::launder(reinterpret_cast<T*>(copy));
    }
  };

  // One pair of the chain, as a function over what both its functions captured. `run` takes the
  // result in `cell` (its state is `succeeded` or `failed`), and leaves there what comes out: that
  // state, or `waiting`. Once the Deferred goes before the stage has run, `run` is called with the
  // state `ended`, and what it returns is of no interest. What it needs of its captures it copies
  // before it calls anybody: their place may then be used again, or go.
  struct Stage {
    using Run = State (*)(std::byte* captures, Cell& cell, State state);

    alignas(std::uint64_t) std::byte captures[config::callback_bytes];
    Run run;
  };

  DeferredCore(const DeferredCore&) = delete;
  DeferredCore& operator=(const DeferredCore&) = delete;

  State state() const { return state_; }

  // Whether it was fired, or has been cancelled (Twisted's `called`).
  bool called() const { return state_ != State::pending && state_ != State::cancelling; }

  // Whether a value, or a failure, stands at the end of the chain, so that what is added runs now.
  bool has_result() const { return can_run() && count_ == 0; }

  // While paused it may be fired and added to, and runs nothing. As many `unpause` as `pause`; the
  // last one runs what has gathered.
  void pause();
  void unpause();

  // Says that the result is not wanted. Not fired: the canceller runs, and unless it fired the
  // Deferred, the chain is entered with the failure `cancelled`. Without a canceller, who was to
  // fire it cannot be told: one late firing is then ignored. Waiting for another Deferred: that one
  // is cancelled. Otherwise nothing happens.
  void cancel();

 protected:
  using Canceller = InplaceFunction<void(DeferredCore&), 3 * sizeof(void*)>;

  DeferredCore(const void* type, Stage* more_stages, std::size_t stages);
  ~DeferredCore() { run(end()); }

  // Fires with what is in `cell`, where the chain may leave something else. False when it was
  // already called.
  bool fire(Cell& cell, State state);
  bool fire(const Failure& failure);

  // Whether it may be fired too late, as it was cancelled: once.
  bool forgives();

  // Ends what it does, see `Deferred::reset`; once. What it returns is to be run.
  DeferredCore* end();
  static void run(DeferredCore* deferred);

  // As if newly made, after `end`.
  void begin(const void* type);

  void set_canceller(Canceller canceller);

 private:
  template <class T>
  friend class AwaitResult;
  template <class T>
  friend class Chain;
  template <class R>
  friend struct detail::Returned;
  friend class DeferredSemaphore;
  friend class Gathering;
  friend class OutstandingOperations;
  friend class Waiters;

  // A place for one more stage, that takes `type` and gives `new_type`; null if there is none. Once
  // it is filled, `stage_added`, which may end the Deferred.
  Stage* new_stage(const void* type, const void* new_type);
  void stage_added() {
    if (state_ != State::pending) run(this);
  }

  // Whether there is a place for so many more. If not, a stage counts as lost.
  bool has_room(std::size_t stages);

  // Of the stages that wait to run, those of `function` whose captures begin with a pointer to
  // `owner` run `other` instead; or pass on what they get, as `owner` goes.
  void replace_stages(Stage::Run function, const void* owner, Stage::Run other);
  void forget_stages(Stage::Run function, const void* owner);

  // A stage that cancels this one after `length`; false if there is no place or no timer for it.
  bool add_timeout(const void* type, Clock& clock, Duration length);

  // Whether values of `type` come out of its end, and nobody waits for them.
  bool gives(const void* type) const { return type_ == type && outer_ == nullptr; }

  bool can_run() const {
    return (state_ == State::succeeded || state_ == State::failed) && pauses_ == 0;
  }
  bool waits_for(const DeferredCore& other) const;
  void wait_for(DeferredCore* inner);
  DeferredCore* hand_over();
  DeferredCore* end_under_way();
  DeferredCore* advance();
  bool run_stages(Cell& cell, State state);
  Stage& take_stage();
  void settle(const Cell& cell, State state);
  void settle(const Failure& failure);
  void cancel_pending();
  void drop_stages();
  void leave_inner();
  DeferredCore* leave_outer();

  // The place of the stage that runs when `position` others have.
  Stage& stage(std::size_t position) {
    const std::size_t index = first_ + position;
    return place(index < capacity_ ? index : index - capacity_);
  }
  Stage& place(std::size_t index) {
    return index < config::deferred_stages ? stages_[index]
                                           : more_stages_[index - config::deferred_stages];
  }

  Cell cell_;
  Stage stages_[config::deferred_stages];
  Stage* more_stages_;
  DeferredCore* inner_ = nullptr;  // whom it waits for; while pending, see Waiters
  DeferredCore* outer_ = nullptr;  // who waits for it
  bool* gone_ = nullptr;           // of the call that runs one of its functions
  const void* type_;               // what comes out at the end of the chain
  std::uint8_t capacity_;
  std::uint8_t first_ = 0;
  std::uint8_t count_ = 0;
  std::uint8_t pauses_ = 0;
  State state_ = State::pending;
  Errc lost_ = Errc::ok;  // why a stage found no room
  bool has_canceller_ = false;
  bool ignores_late_firing_ = false;
};

}  // namespace bobbin
