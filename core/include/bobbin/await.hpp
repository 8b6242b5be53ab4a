// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <concepts>
#include <coroutine>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <bobbin/clock.hpp>
#include <bobbin/coroutine.hpp>
#include <bobbin/error.hpp>
#include <bobbin/operation_for.hpp>
#include <bobbin/reactor.hpp>
#include <bobbin/task.hpp>

namespace bobbin {

// `co_await sleep(clock, 10ms)`: goes on when that time has passed since the call, at once in the
// next turn if it is zero or less. `co_await sleep_until(clock, then)`: goes on at that moment, in
// the next turn if it has passed. Gives an Error: no_capacity (no timer was free), cancelled.
class [[nodiscard]] Sleep final : public OperationFor<Error> {
 public:
  Sleep(Clock& clock, Instant end) : clock_(clock), end_(end) {}
  ~Sleep() { timer_.cancel(); }

  void cancel() override;

  bool await_ready() const { return false; }

 private:
  bool begin(Coroutine& coroutine) override;

  Clock& clock_;
  Instant end_;
  DelayedCall timer_;
};

inline Sleep sleep_until(Clock& clock, Instant end) { return {clock, end}; }
Sleep sleep(Clock& clock, Duration length);

// The timer of `within` and `before`.
class Deadline {
 public:
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

 protected:
  Deadline(Clock& clock, Duration length);
  Deadline(Clock& clock, Instant end) : clock_(clock), end_(end) {}
  ~Deadline() { timer_.cancel(); }

  // Errors: no_capacity.
  Error start(Coroutine& coroutine);
  void stop();

  // Whether it ended what has this outcome.
  bool ended(Error outcome) const { return expired_ && outcome == Errc::cancelled; }
  Error trouble() const { return trouble_; }

 private:
  friend class Coroutine;

  // What ended, ended because of it; then somebody else asked for the same.
  void heard() { expired_ = true; }
  void overruled() { expired_ = false; }

  Clock& clock_;
  Instant end_;
  DelayedCall timer_;
  Coroutine* coroutine_ = nullptr;
  Error trouble_;
  bool expired_ = false;
};

// What is awaited by awaiting this, for as long as that takes: the thing itself, where it lies, or
// what its `operator co_await` makes.
template <class Awaited>
struct AwaiterOf {
  using type = Awaited&&;
  static type of(Awaited&& awaited) { return std::forward<Awaited>(awaited); }
};
template <class Awaited>
requires requires(Awaited&& awaited) { operator co_await(std::forward<Awaited>(awaited)); }
struct AwaiterOf<Awaited> {
  using type = decltype(operator co_await(std::declval<Awaited>()));
  static type of(Awaited&& awaited) { return operator co_await(std::forward<Awaited>(awaited)); }
};

// `co_await within(clock, 5s, read_line(frame, stream))`: what is awaited is cancelled when it has
// not ended in time, counted from the call, and `cancelled` then becomes `timed_out`; if it ends
// otherwise all the same, that is its outcome. Whatever it takes to come to terms with its end is
// not limited. Awaits a task or an operation, whose outcome is an Error, a Result or an Outcome, or
// a Deferred or the end of its chain. Errors of its own: timed_out, no_capacity (no timer was free,
// nothing has begun). May be nested.
template <class Awaited>
class [[nodiscard]] Within final : private Deadline {
  using Awaiter = typename AwaiterOf<Awaited>::type;
  using Ending = decltype(std::declval<std::remove_reference_t<Awaiter>&>().await_resume());

 public:
  template <class Time>
  Within(Clock& clock, Time limit, Awaited&& awaited)
      : Deadline(clock, limit), awaited_(AwaiterOf<Awaited>::of(std::forward<Awaited>(awaited))) {}

  bool await_ready() { return awaited_.await_ready(); }
  template <std::derived_from<TaskPromise> P>
  bool await_suspend(std::coroutine_handle<P> caller) {
    if (start(caller.promise().coroutine())) return false;
    if constexpr (std::is_void_v<decltype(awaited_.await_suspend(caller))>) {
      awaited_.await_suspend(caller);
      return true;
    } else {
      return awaited_.await_suspend(caller);
    }
  }
  Ending await_resume() {
    stop();
    if (trouble()) return failed_with<Ending>(trouble().code);
    const Ending ending = awaited_.await_resume();
    return ended(error_of(ending)) ? failed_with<Ending>(Errc::timed_out) : ending;
  }

 private:
  Awaiter awaited_;
};

// What is awaited may be a temporary: it lives until the await is over.
template <class Awaited>
Within<Awaited> within(Clock& clock, Duration length, Awaited&& awaited) {
  return {clock, length, std::forward<Awaited>(awaited)};
}

// The same with a moment for a limit, which several awaits, one after the other, may have in
// common:
//
//   const Instant end = after(clock.now(), 5s);
//   Result<Bytes> name = co_await before(clock, end, stream.read_until("\n"));
//   ...
//   Result<Bytes> word = co_await before(clock, end, stream.read_until("\n"));
//
// When it has passed already, what is awaited begins, and has until the next turn.
template <class Awaited>
Within<Awaited> before(Clock& clock, Instant end, Awaited&& awaited) {
  return {clock, end, std::forward<Awaited>(awaited)};
}

// Something that happened, for one coroutine to wait for: set by a callback, a thread or an
// interrupt. Set before anybody waits it is remembered, once; set again it is still one. It is the
// caller's and outlives the wait; what was posted from a thread must have come before it goes.
class Signal {
 public:
  explicit Signal(Reactor& reactor) : reactor_(reactor) {}
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  // From the reactor's own thread.
  void set();

  // From any thread, and from interrupts; see Reactor::call_from_thread. False when the queue of
  // posted calls is full: then nothing was signalled.
  [[nodiscard]] bool set_from_thread();
  [[nodiscard]] bool set_from_isr() { return set_from_thread(); }

  class [[nodiscard]] Wait final : public OperationFor<Error> {
   public:
    explicit Wait(Signal& signal) : signal_(signal) {}
    ~Wait();

    void cancel() override;

    bool await_ready();

   private:
    friend class Signal;

    bool begin(Coroutine& coroutine) override;

    Signal& signal_;
  };

  // Goes on when it was set. Gives an Error: already_running when somebody waits already,
  // cancelled.
  Wait wait() { return Wait(*this); }

 private:
  Reactor& reactor_;
  Wait* waiting_ = nullptr;
  bool set_ = false;
};

}  // namespace bobbin
