// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <coroutine>
#include <cstdint>

#include <bobbin/error.hpp>

namespace bobbin {

class Coroutine;
class Deadline;
class ReadyCoroutines;

// What a coroutine waits for: a time, bytes, other coroutines. It lies in the frame of who awaits
// it and may be destroyed while it waits; its destructor then takes back what it asked for.
class Operation {
 public:
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  // Gives up: the await ends with `Errc::cancelled`, at once or when what it stands for has ended
  // too. Called at most once for each wait.
  virtual void cancel() = 0;

 protected:
  Operation() = default;
  ~Operation() = default;

  // From `await_suspend`: the coroutine waits, until `finish`.
  void wait(Coroutine& coroutine);

  // The result is there. The coroutine goes on from inside this call, or, if it is made by a
  // coroutine, as soon as that one waits.
  void finish();

  bool waiting() const { return coroutine_ != nullptr; }

  // Of the coroutine that waits.
  ReadyCoroutines& ready() const;

 private:
  Coroutine* coroutine_ = nullptr;
};

// The coroutines that are ready to go on. While one of them runs the others wait for it to wait, so
// coroutines that wake each other do not pile up on the stack, and nobody is interrupted in a call
// that wakes another. It outlives its coroutines.
class ReadyCoroutines {
 public:
  ReadyCoroutines() = default;
  ReadyCoroutines(const ReadyCoroutines&) = delete;
  ReadyCoroutines& operator=(const ReadyCoroutines&) = delete;
  ~ReadyCoroutines();

  bool running() const { return running_; }

  // How many there are, ready or not.
  std::uint32_t active() const { return active_; }

  // While it exists they become ready, and none goes on: for who wakes several, one after the
  // other, and would not survive what the first of them does.
  class Hold {
   public:
    explicit Hold(ReadyCoroutines& ready) : ready_(ready), ran_(ready.running_) {
      ready.running_ = true;
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold() {
      ready_.running_ = ran_;
      ready_.run();
    }

   private:
    ReadyCoroutines& ready_;
    bool ran_;
  };

 private:
  friend class Coroutine;

  void add(Coroutine& coroutine);
  void remove(Coroutine& coroutine);
  void run();

  Coroutine* first_ = nullptr;
  Coroutine* last_ = nullptr;
  std::uint32_t active_ = 0;
  bool running_ = false;
};

// One line of execution: a task, the task that it awaits, and so on down to the innermost, which
// alone runs or waits for an operation. Tasks call each other and return in a loop here, not on the
// stack, so however many awaits end at once the stack does not grow.
class Coroutine {
 public:
  Coroutine(const Coroutine&) = delete;
  Coroutine& operator=(const Coroutine&) = delete;

  // Cancels the operation that the innermost task waits for: its await gives `Errc::cancelled`, and
  // the tasks decide what follows from that. If none waits at this moment, the next that is about
  // to is cancelled. Does nothing if the coroutine has ended.
  void cancel() { ask_to_end(nullptr); }

  bool active() const { return state_ != State::idle; }

  // For tasks and for what they await.
  ReadyCoroutines& ready() const { return *ready_; }
  void call(std::coroutine_handle<> inner) { innermost_ = inner; }
  void return_to(std::coroutine_handle<> outer) { innermost_ = outer; }
  // As `cancel`, for a time-out. Somebody else's cancelling comes first: what is being cancelled by
  // one is left to that, and one that comes later takes this over.
  void time_out(Deadline& deadline) { ask_to_end(&deadline); }
  // The deadline has passed out of sight, and what it asked for with it.
  void forget(const Deadline& deadline);

 protected:
  Coroutine() = default;
  ~Coroutine();

  // Runs `outermost`, which has not begun, until it first waits; if another coroutine runs, after
  // that one.
  void start(ReadyCoroutines& ready, std::coroutine_handle<> outermost);

  // The frames are about to be destroyed, wherever they are. Not from inside this coroutine.
  void abandon();

  // The outermost task has ended. From here the coroutine may be started again, or destroyed.
  virtual void ended() = 0;

 private:
  friend class Operation;
  friend class ReadyCoroutines;

  enum class State : std::uint8_t { idle, ready, running, waiting };

  void ask_to_end(Deadline* deadline);
  void take_over(Deadline* deadline);
  void end_operation(Deadline* deadline);
  void make_ready();
  void resume();
  void leave();

  State state_ = State::idle;
  bool asked_ = false;          // to end the next operation
  Deadline* asks_ = nullptr;    // by whom; null: somebody else than a deadline
  Deadline* ending_ = nullptr;  // who ends the present one, as with `asks_`
  std::coroutine_handle<> innermost_;
  Operation* awaited_ = nullptr;
  ReadyCoroutines* ready_ = nullptr;
  Coroutine* next_ = nullptr;
};

}  // namespace bobbin
