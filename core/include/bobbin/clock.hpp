// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <bobbin/callback.hpp>
#include <bobbin/config.hpp>
#include <bobbin/time.hpp>
#include <bobbin/timer_heap.hpp>

namespace bobbin {

class Clock;

// A call that has been asked for and may still be taken back: Twisted's IDelayedCall, as a value
// that may be copied, kept and forgotten. The default one is never active. It must not be used
// after its clock is gone.
class DelayedCall {
 public:
  DelayedCall() = default;

  bool active() const;            // false once it ran, runs or was cancelled
  bool cancel();                  // false when it was not active
  bool reset(Duration from_now);  // false when it was not active
  bool delay(Duration longer);    // later than its present time; false when not active
  Instant time() const;           // when it is due; `never` when not active

 private:
  friend class Clock;
  DelayedCall(Clock& clock, Handle handle) : clock_(&clock), handle_(handle) {}

  Clock* clock_ = nullptr;
  Handle handle_;
};

// Time and calls that wait for it: Twisted's IReactorTime. A reactor is a clock; `ManualClock` is
// the one for tests. Whatever needs time takes a `Clock&`.
//
// The clock stands still while a callback runs; a reactor reads it before it runs calls and after
// it has waited. All calls may be made from inside callbacks.
class Clock {
 public:
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;

  Instant now() const { return now_; }

  // What time it is this very moment, to measure how long something takes: within a callback too,
  // where `now()` stands still.
  virtual Instant look() { return now_; }

  // What a delay counts from: `now()`, but a reactor that is not in a turn looks at its port's
  // clock first.
  virtual Instant present() { return now_; }

  // Runs `callback` once, not before `delay` has passed; at once in the next turn if `delay` is
  // zero or less. Errors: no_capacity, and nothing has changed.
  Result<DelayedCall> call_later(Duration delay, Callback callback);
  Result<DelayedCall> call_at(Instant when, Callback callback);

  // When the earliest call is due, `never` if there is none.
  Instant next_call() const { return timers_.next_deadline(); }

  const PoolUse& timer_use() const { return timers_.use(); }

#ifdef BOBBIN_CHECK_CONTEXT
  // Whether the caller may call what is not made for other threads and interrupts.
  virtual bool in_own_context() const { return true; }
#endif

 protected:
  explicit Clock(TimerHeap::Storage storage) : timers_(storage) {}
  ~Clock() = default;

  void set_now(Instant now) { now_ = now; }

#if BOBBIN_EVENT_LOOKS
  // `look` is called after each event: a call that was run, and what else a reactor does in a turn.
  // It may only look. It is the caller's and outlives the clock, or null comes first. For ports
  // that simulate.
  using Look = InplaceFunction<void()>;
  void after_each_event(Look* look) { look_ = look; }

  void event_is_over() const {
    if (look_ != nullptr) (*look_)();
  }
#else
  void event_is_over() const {}
#endif

  TimerHeap& timers() { return timers_; }

 private:
  friend class DelayedCall;

  Instant now_{};
#if BOBBIN_EVENT_LOOKS
  Look* look_ = nullptr;
#endif
  TimerHeap timers_;
};

// What a component asks of a source of time; `Clock` offers it, and so must a test's own.
template <class T>
concept ReactorTime = requires(T& clock, Duration delay, Instant when, Callback callback) {
  { clock.now() } -> std::same_as<Instant>;
  { clock.call_later(delay, callback) } -> std::same_as<Result<DelayedCall>>;
  { clock.call_at(when, callback) } -> std::same_as<Result<DelayedCall>>;
};
static_assert(ReactorTime<Clock>);

// A clock that moves only when it is told to: Twisted's `task.Clock`. Not sized; see ManualClock.
class AdvancingClock : public Clock {
 public:
  // Moves time by `length` (zero or more) and then runs, in order, every call that has come due,
  // including those set meanwhile that are due by then. Each of them sees the new time. A call that
  // sets itself again without delay is run at most `rounds_max` times. An Error a call returns is
  // kept in `last_error()`.
  void advance(Duration length);

  // Moves to the next call that is due and runs it; false, and no time passes, if there is none.
  bool advance_to_next();

  Error last_error() const { return last_error_; }

  static constexpr int rounds_max = 1000;

 protected:
  using Clock::Clock;

 private:
  bool run_due();

  Error last_error_;
};

template <std::size_t timers = 16>
class ManualClock : private TimerStorage<timers>, public AdvancingClock {
 public:
  ManualClock() : AdvancingClock(this->spans()) {}
};

}  // namespace bobbin
