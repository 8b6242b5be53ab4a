// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>
#include <string_view>

#include <bobbin/clock.hpp>
#include <bobbin/error.hpp>
#include <bobbin/log_event.hpp>

namespace bobbin {

class LogPublisher;

// Who hears events: Twisted's ILogObserver. It is pinned while a publisher has it, which its
// destructor ends; it may remove itself from inside `observe`, but not be destroyed there.
class LogObserver {
 public:
  LogObserver(const LogObserver&) = delete;
  LogObserver& operator=(const LogObserver&) = delete;

  // Whether an event of this level and namespace would be of use. Called to spare the making of
  // values; `observe` may be called all the same.
  virtual bool wants(LogLevel, std::string_view) const { return true; }

  // Has the event observed, unless that is what it is doing already: what is logged while it
  // observes, by itself or by those it calls, it does not hear. So logging from inside an observer
  // is never deeper than there are observers. Returns what `observe` did.
  Error hear(const LogEvent& event);

  std::uint32_t failures() const { return failures_; }  // errors that `observe` returned
  Error last_failure() const { return last_failure_; }
  std::uint32_t missed() const { return missed_; }  // events it was too busy observing to hear

 protected:
  LogObserver() = default;
  ~LogObserver();

 private:
  friend class LogPublisher;

  enum class Health : std::uint8_t { sound, failed, reported };

  // It does not wait for long, and it does not fail for good: an Error is counted, and the next
  // event comes all the same.
  virtual Error observe(const LogEvent& event) = 0;

  LogPublisher* publisher_ = nullptr;
  LogObserver* next_ = nullptr;
  Error last_failure_;
  std::uint32_t failures_ = 0;
  std::uint32_t missed_ = 0;
  Health health_ = Health::sound;
  bool observing_ = false;
};

// Passes each event on to all of its observers, in the order in which they were added: Twisted's
// LogPublisher. It is the program's, one or several, and an observer itself.
//
// An observer that fails does not stop the others. Its first failure is reported to them, as a
// critical event of the namespace "bobbin.log"; the later ones are only counted.
//
// All calls are for the clock's own context, from inside callbacks and observers too. A thread or
// an interrupt logs by posting a call that does (`call_from_thread`, `call_from_isr`).
class LogPublisher final : public LogObserver {
 public:
  // `clock`, usually the reactor, gives events their time.
  explicit LogPublisher(Clock& clock) : clock_(clock) {}
  ~LogPublisher();

  // Added while an event is on its way, an observer hears that one too. It has no publisher yet.
  void add(LogObserver& observer);

  // Nothing happens if it is not one of this publisher's. It hears no more, also of an event that
  // is on its way.
  void remove(LogObserver& observer);

  bool wants(LogLevel level, std::string_view log_namespace) const override;

  // Gives the event the present time and has it heard.
  void publish(LogEvent& event);

 private:
  // A delivery under way; there is one for each event that is being heard.
  struct Round {
    LogObserver* next = nullptr;
    Round* outer = nullptr;
  };

  Error observe(const LogEvent& event) override;
  void deliver(const LogEvent& event, const LogObserver* without);
  void report_failures(Instant time);
  void report(LogObserver& broken, std::uint32_t position, Instant time);

  Clock& clock_;
  LogObserver* first_ = nullptr;
  Round* rounds_ = nullptr;
};

}  // namespace bobbin
