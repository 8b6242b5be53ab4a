// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include <bobbin/callback.hpp>
#include <bobbin/clock.hpp>
#include <bobbin/deferred.hpp>
#include <bobbin/error.hpp>

namespace bobbin {

class Cooperator;

// Long work cut into steps, each as short as a callback should be (Twisted's CooperativeTask). It
// is the caller's and linked through itself. It may be destroyed wherever its own step does not
// run, and then leaves without a word.
class CooperativeTask {
 public:
  enum class Progress : std::uint8_t { more, done };

  // One step. An Error ends the task.
  using Step = InplaceFunction<Result<Progress>()>;

  // Hears how it ended: no error when it is done, its own, or `cancelled` when it was stopped. May
  // destroy the task and the cooperator, or start it again.
  using Done = InplaceFunction<void(Error)>;

  CooperativeTask() = default;
  CooperativeTask(const CooperativeTask&) = delete;
  CooperativeTask& operator=(const CooperativeTask&) = delete;
  ~CooperativeTask() { leave(); }

  void on_done(Done observer) { done_ = observer; }

  // No step until it was resumed as often as it was paused. May be called from inside its step,
  // which is how it waits for something. Both do nothing unless it is running.
  void pause();
  void resume();

  // Ends it; `Done` is called from in here. Does nothing unless it is running.
  void stop();

  bool running() const { return cooperator_ != nullptr; }  // paused too
  bool paused() const { return pauses_ > 0; }
  std::uint32_t steps() const { return steps_; }  // since it was started

 private:
  friend class Cooperator;

  void leave();
  bool end(Error outcome);

  Cooperator* cooperator_ = nullptr;
  CooperativeTask* next_ = nullptr;  // a ring of all that are running
  CooperativeTask* previous_ = nullptr;
  Step step_;
  Done done_;
  std::uint32_t steps_ = 0;
  std::uint32_t pauses_ = 0;
};

struct CooperatorOptions {
  // In one turn of the clock it goes on until so much time has passed, as the clock of the port
  // tells it, or so many steps are done, whichever is first; but one step in any case. The time is
  // Twisted's.
  Duration slice = std::chrono::milliseconds(10);
  std::uint32_t steps_max = 1000;
};

// Gives a step to each of its tasks in turn, a slice of all of them in one turn of the reactor, and
// lets it see to everything else in between (Twisted's Cooperator). There is no limit to the number
// of tasks. It holds one timer while there are any, and lets the reactor sleep while all of them
// are paused.
class Cooperator {
 public:
  explicit Cooperator(Clock& clock, const CooperatorOptions& options = {})
      : clock_(clock), options_(options) {}
  Cooperator(const Cooperator&) = delete;
  Cooperator& operator=(const Cooperator&) = delete;

  // Tasks leave without a word. Not from inside a step.
  ~Cooperator();

  // Starts a task, whose first step comes from the clock. One that ends with an Error and has no
  // observer gives it to the clock, which reports it. Errors, and nothing has begun:
  // already_running; no_capacity (no timer).
  Error cooperate(CooperativeTask& task, CooperativeTask::Step step);

  // Stops all tasks there are now.
  void stop();

  std::size_t tasks() const { return tasks_; }  // those paused too
  std::size_t ready() const { return ready_; }

 private:
  friend class CooperativeTask;

  Error hold_timer();
  Error run();
  Error step(CooperativeTask& task);
  CooperativeTask& take_turn();
  void remove(CooperativeTask& task);
  void one_more_ready();

  Clock& clock_;
  CooperatorOptions options_;
  DelayedCall timer_;
  CooperativeTask* first_ = nullptr;    // whose turn is next
  CooperativeTask* current_ = nullptr;  // whose step runs
  bool* gone_ = nullptr;                // of the call that runs them
  std::size_t tasks_ = 0;
  std::size_t ready_ = 0;
};

// Has `done`, which is pending, fired when the task ends, in place of its observer. Who cancels
// `done` or lets it go stops the task, which is to be there until then.
inline void fire_when_done(CooperativeTask& task, Deferred<void>& done) {
  task.on_done([&done](Error outcome) {
    if (outcome) {
      done.errback(outcome);
    } else {
      done.callback();
    }
  });
  done.on_cancel([&task] {
    task.on_done({});
    task.stop();
  });
}

}  // namespace bobbin
