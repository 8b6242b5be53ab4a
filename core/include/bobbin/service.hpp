// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <bobbin/deferred.hpp>
#include <bobbin/failure.hpp>
#include <bobbin/waiters.hpp>

namespace bobbin {

class MultiService;

// A part of a program that is started and stopped: Twisted's IService. What it is when it is made
// is configuration; nothing happens before it is prepared or started. Services form a tree, in
// which a MultiService is a parent (see multi_service.hpp) and a TopService the root.
//
//   stopped ──prepare──▶ prepared ──start──▶ starting ──▶ running
//      ▲                    │                   │ stop, or │ stop, or
//      │                    │ stop              │ failure  │ failure
//      │                    │                   ▼          │
//      │                    │               giving_up      │
//      │                    ▼                   ▼          ▼
//      └─────────────────────────── stopping ◀─────────────┘
//
// A derived class says what is done at each step, in up to three functions of its own. Both
// `start_service` and `stop_service` are given a Deferred to fire: at once, or when they are done;
// if it is to be cancelled, `on_cancel` says how. `stop_service` follows each step that was begun,
// whatever became of it: it finds nothing, a half or all of the service up, and takes it down.
//
// It is the caller's, does not move, and is linked into its parent by itself. One that is destroyed
// before it has stopped leaves its parent, and what it has begun ends with its members; those that
// wait for it hear `cancelled`. A derived class whose `on_cancel` or `stop_service` might then
// refer to members that are gone calls `abandon` in its destructor. Its own three functions do not
// destroy it.
//
// All calls are for one thread, from inside any callback.
class Service {
 public:
  enum class State : std::uint8_t {
    stopped,
    prepared,   // what needs privileges is done
    starting,   // until `start_service` has fired
    running,    //
    giving_up,  // it was starting, which is being cancelled
    stopping,   // until `stop_service` has fired
  };

  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  std::string_view name() const { return name_; }
  State state() const { return state_; }
  bool running() const { return state_ == State::running; }

  // Null while it has none.
  MultiService* parent() const { return parent_; }

  // Why it did not start, could not go on or did not stop well, whichever came first since it was
  // last prepared or started; null if all went well. With `culprit` it is known whose failure it
  // was: a descendant's, or its own; null too if all went well.
  const Failure* failure() const { return failure_ ? &*failure_ : nullptr; }
  virtual const Service* culprit() const { return failure_ ? this : nullptr; }

  // Does what `start` must be able to count on and what may need privileges that are given up
  // afterwards, such as to listen at port 80. Without it `start` does it first. Errors:
  // already_running, when it is not stopped, and nothing has changed; its own, and then it stops,
  // see `when_stopped`.
  Error prepare();

  // Starts it. Fires `started`, which is pending, when it runs. Failures: already_running, when it
  // is neither stopped nor prepared; `cancelled`, when it was stopped meanwhile; its own, once it
  // has stopped again. Cancelling `started` means not to be told.
  void start(Deferred<void>& started);

  // Stops it, also while it is starting. Fires `stopped`, which is pending, when it has stopped: at
  // once if it is. Whatever fails, it is stopped then; the failure is that of `failure`.
  void stop(Deferred<void>& stopped);

  // Fires when it runs: at once if it does; for what it offers and who asks for it too early. Fails
  // as `start` does.
  void when_running(Deferred<void>& running);

  // Fires when it has stopped, at once if it is not running, and fails as `stop` does.
  void when_stopped(Deferred<void>& stopped);

 protected:
  // `name` outlives the service; without one it cannot be looked up.
  explicit Service(std::string_view name = {}) : name_(name) {}
  ~Service() { abandon(); }

  // It cannot go on: it is stopped, and its parent hears of it. While it is starting, that fails;
  // while it stops, this is what came of it; otherwise nothing happens.
  void fail(const Failure& failure);

  // It has done all it was there for: it stops, without a failure.
  void end() { begin_stop(); }

  // Ends it there and then, as destroying it does, while members of the derived class still exist.
  void abandon();

  // Whether it was destroyed or abandoned during a call. They nest.
  class Watch {
   public:
    explicit Watch(Service& service);
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch();
    bool gone() const { return gone_; }

   private:
    Service& service_;
    bool* outer_;
    bool gone_ = false;
  };

 private:
  friend class MultiService;

  // Not called unless it was stopped. What it does is done when it returns.
  virtual Error privileged_start_service() { return {}; }
  virtual void start_service(Deferred<void>& started) { started.callback(); }
  virtual void stop_service(Deferred<void>& stopped) { stopped.callback(); }

  // It, or one of its descendants, runs or has stopped: before anybody else hears of that. Only to
  // take note of.
  virtual void note(const Service&) {}

  void begin_start();
  void begin_stop();
  void clean_up();
  void start_ended(const Outcome<void>& outcome);
  void stop_ended(const Outcome<void>& outcome);
  void keep(const Failure& failure);
  void settle();
  void tell_waiters();
  bool tell(Waiters& waiters, const Outcome<void>& outcome);

  std::string_view name_;
  MultiService* parent_ = nullptr;
  Service* next_ = nullptr;
  Service* previous_ = nullptr;
  bool* gone_ = nullptr;  // of the innermost Watch
  std::optional<Failure> failure_;
  State state_ = State::stopped;
  bool failure_is_news_ = false;  // to the parent
  bool leaves_ = false;           // its parent, once it has stopped
  bool awaits_restart_ = false;   // by its parent
  Waiters when_running_;
  Waiters when_stopped_;
  Deferred<void> step_;  // what `start_service` or `stop_service` fires; goes first
};

// "stopped", "prepared", "starting", "running", "giving up", "stopping".
std::string_view describe(Service::State state);

}  // namespace bobbin
