// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include <bobbin/assert.hpp>
#include <bobbin/bytes.hpp>
#include <bobbin/callback.hpp>
#include <bobbin/clock.hpp>
#include <bobbin/posted_calls.hpp>
#include <bobbin/selectable.hpp>
#include <bobbin/statistics.hpp>

namespace bobbin {

class Channel;
class Dependent;
class Transport;

// How much of each kind one turn may do, so that its length is bounded and a busy peer cannot
// starve the rest. What is left is done in the next turn, which then does not sleep.
struct Budget {
  std::uint32_t posted_calls = 64;
  std::uint32_t timers = 64;
  std::uint32_t events = 256;       // readable things served in one turn
  std::uint32_t write_rounds = 4;   // times the step that writes follows its own consequences
  std::uint32_t bytes = 64 * 1024;  // after so many a protocol is offered no more in that step
  std::uint32_t datagrams = 32;     // nor, after so many, a UDP port's
};

// When a trigger runs (Twisted's addSystemEventTrigger).
enum class SystemEvent : std::uint8_t { startup, shutdown };
enum class Phase : std::uint8_t { before, during, after };

// Who was called when a callback returned an Error.
enum class CallSource : std::uint8_t { posted_call, timer, trigger };

// The event loop: it owns time and turns. This class is the whole of it except for the port's part,
// how to tell the time, wait and be woken; EpollReactor, LwipReactor and MemoryReactor add that and
// the memory. Everything else takes a `Reactor&`; there is no global one, and several may live in
// one process.
//
// All calls are for the reactor's own thread, from inside callbacks too, but for
// `call_from_thread` and `call_from_isr`.
class Reactor : public Clock {
 public:
  struct Trigger {
    SystemEvent event = SystemEvent::startup;
    Phase phase = Phase::before;
    Callback callback;
  };
  struct Storage {
    TimerHeap::Storage timers;
    std::span<PostedCalls::Place> posted_calls;
    std::span<Trigger> triggers;
  };

  // Runs until `stop`, then ends every connection and returns. With nothing to do it sleeps.
  // Errors: already_running from inside a callback; not_restartable after it has stopped.
  Error run();

  // Ends `run` after this turn. Errors: not_running, also when it was already called.
  Error stop();

  bool running() const { return state_ == State::running; }

  Instant look() final { return read_clock(); }
  Instant present() final;
#ifdef BOBBIN_CHECK_CONTEXT
  bool in_own_context() const final { return state_ == State::stopped || is_own_context(); }
#endif

  // One turn, for loops of somebody else's: does what is ready, waits at most `max_wait` (0: not at
  // all) if nothing is. The first turn starts the reactor, the one after `stop` ends it.
  void turn(Duration max_wait);

  // When `turn` is next needed for time's sake: `now()` if something is ready, `never` if only an
  // event or another posted call can bring work, or the reactor has stopped. Whatever is called on
  // the reactor or what it serves may bring it forward, outside of turns too.
  Instant next_deadline() const;

  // How long a loop of somebody else's may wait until then: zero if not at all, `forever` without
  // a deadline. Outside of turns it looks at the port's clock, as `now()` is as old as the last
  // turn. To be asked just before each wait, when nothing else will be called any more.
  Duration longest_wait();

  // Leaves a call for the reactor's next turn and wakes it. From any thread, and from interrupts;
  // waits for nobody. False when the queue is full: nothing was posted.
  [[nodiscard]] bool call_from_thread(Callback callback);
  [[nodiscard]] bool call_from_isr(Callback callback) { return call_from_thread(callback); }

  // The same, of a call that has a place of its own, so this cannot fail. It runs once, however
  // often it is posted until then, and not in the order of the others.
  void call_from_thread(StandingCall& call);

  // Takes it back if it is posted. For the reactor's own thread, when nobody else posts it any
  // more.
  void take_back(StandingCall& call) { posted_.take_back(call); }

  // Runs once when the reactor has started, in the order of asking; at once if it is running.
  // Errors: no_capacity; not_running when it was stopped.
  Error call_when_running(Callback callback);

  // Runs once at that point. Connections are ended between `before` and `during` of shutdown.
  // Errors: no_capacity.
  Error add_system_event_trigger(SystemEvent event, Phase phase, Callback callback);

  // Hears each Error a callback returned, and what kind of call that was; the loop goes on. Without
  // an observer errors are only counted.
  using ErrorObserver = InplaceFunction<void(Error, CallSource)>;
  void on_error(ErrorObserver observer) { error_observer_ = observer; }

  const Statistics& statistics() const {
    BOBBIN_ASSERT_CONTEXT(*this);
    return statistics_;
  }

  // Whether `Statistics::waited` goes on: for one more look at the port's clock in each turn. It is
  // off at first.
  void measure_waiting(bool measure) { measures_waiting_ = measure; }
  PoolUse posted_use() const { return posted_.use(); }

  Budget& budget() { return budget_; }

  // For ports and for what they serve: "come by in this turn's step 4 (5), or the next turn's".
  // Asking twice is asking once.
  void mark_readable(Selectable& item) {
    if (!ReadyList::linked(item)) {
      reads_.push_back(item);
    } else if (!past_reading_ && (item.wanted_ & Selectable::reading) == 0) {
      // It waits for its turn to write, but reading comes first.
      ReadyList::remove(item);
      reads_.push_back(item);
    }
    item.wanted_ |= Selectable::reading;
  }
  void mark_writable(Selectable& item) {
    if (!ReadyList::linked(item)) writes_.push_back(item);
    item.wanted_ |= Selectable::writing;
  }
  // The first of these, but not before there is a timer to be had: for who wanted one and found
  // none. What the port marks readable in its wait is not kept waiting by that.
  void mark_readable_with_a_timer(Selectable& item) {
    if (!ReadyList::linked(item)) timerless_.push_back(item);
  }
  // The object goes away, or wants nothing any more.
  static void forget(Selectable& item);

 protected:
  explicit Reactor(Storage storage);
  ~Reactor();

  // The port's part. `read_clock` is monotonic. `wait` returns at `until`, at an event, or after
  // `wake`, whichever is first; it marks what became ready; `until <= now()` means not to block.
  // `wake` may be called from any thread or interrupt, also before `wait`, which then returns soon.
  virtual Instant read_clock() = 0;
  virtual void wait(Instant until) = 0;
  virtual void wake() = 0;

  // When the port itself wants a turn though no event comes: for what it tries again, and for time
  // that somebody below it keeps. Only a loop of somebody else's asks; `wait` sees to it by itself.
  virtual Instant port_deadline() const { return never; }

#ifdef BOBBIN_CHECK_CONTEXT
  // A reactor belongs to nobody until it starts, then to the thread that runs it, and to the one
  // that destroys it or what it serves: from this call on to the caller's.
  virtual void adopt_context() {}
  // Whether the call comes from there, and not from an interrupt.
  virtual bool is_own_context() const = 0;
#else
  void adopt_context() {}
#endif

  // Whether a turn would have nothing to do but wait; calls that are being posted come with a wake.
  bool nothing_ready() const;

  // For a port's own settings of a connection. Errors: connection_lost when it has no channel any
  // more; not_supported when it has one that was not built in its slot.
  static Result<Channel*> channel_in_slot(Transport& transport);

  // Where input that a channel copies may lie while it is offered, instead of in each connection's
  // receive buffer, if it is as long as that. Outlives the reactor.
  void share_input_place(MutableBytes place) { input_place_ = place; }

  // Ends everything, as `run` does when it returns. The most derived class calls it from its
  // destructor, while the port still works.
  void shut_down();

 private:
  friend class DatagramPort;
  friend class Dependent;
  friend class Transport;
  friend class ListeningPort;
  friend class Connector;
  friend struct WhenFull;

  enum class State : std::uint8_t { made, running, stopping, stopped };

  void start();
  void run_posted_calls();
  void run_due_timers();
  bool timer_came_free() const;
  void wait_for_events(Duration max_wait);
  void do_reads();
  void do_writes();
  void run_triggers(SystemEvent event, Phase phase);
  void run_call(Callback& callback, CallSource source);

  PostedCalls posted_;
  std::span<Trigger> triggers_;
  std::size_t trigger_count_ = 0;
  ReadyList reads_;
  ReadyList writes_;
  ReadyList timerless_;
  Dependent* dependents_ = nullptr;
  MutableBytes input_place_;
  Budget budget_;
  Statistics statistics_;
  ErrorObserver error_observer_;
  State state_ = State::made;
  bool in_turn_ = false;
  bool past_reading_ = false;  // this turn has come to step 4
  bool posted_left_ = false;
  bool measures_waiting_ = false;
};

// The capacities of a reactor itself; connections bring their own.
struct ReactorSizes {
  std::size_t timers = 16;
  std::size_t posted_calls = 16;  // a power of two
  std::size_t triggers = 8;
};

// The memory of a reactor of these sizes: a base class for a port's sized reactor, placed before
// the reactor itself.
template <ReactorSizes sizes>
struct ReactorStorage {
  static_assert(std::has_single_bit(sizes.posted_calls),
                "bobbin: ReactorSizes::posted_calls must be a power of two");
  static_assert(sizes.triggers > 0, "bobbin: ReactorSizes::triggers must be at least 1");

  Reactor::Storage spans() { return {timers.spans(), posted_calls, triggers}; }

  TimerStorage<sizes.timers> timers;
  PostedCalls::Place posted_calls[sizes.posted_calls];
  Reactor::Trigger triggers[sizes.triggers];
};

}  // namespace bobbin
