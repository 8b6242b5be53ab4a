// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>

#include <bobbin/clock.hpp>
#include <bobbin/multi_service.hpp>

namespace bobbin {

struct SupervisorOptions {
  // Within so long there are at most as many restarts as the Supervisor's size says; one more, and
  // it gives up. More than zero.
  Duration period = std::chrono::seconds(60);

  // How long the first restart within a period waits, and how long any waits at most; each one
  // waits twice as long as the one before. Zero or more.
  Duration delay = std::chrono::milliseconds(100);
  Duration delay_max = std::chrono::seconds(10);
};

// A MultiService that starts a child again which could not go on, and only that one (Erlang's
// one_for_one); a TaskService makes a child of what is no service. Children that fail to start
// count too, once this runs; when it is started itself, a child's failure is its own, as with every
// MultiService. A child that stops without a failure stays stopped. Not sized; see Supervisor.
//
// When there were too many restarts, the failure of the child that was the last becomes the
// supervisor's own: it stops the others, and its parent hears of it.
//
// It holds one timer of the clock from its start to its stop, so that a restart cannot fail for
// want of one. Children that wait for their restart at the same time are restarted together.
class SupervisorBase : public MultiService {
 public:
  using Options = SupervisorOptions;

  // Of the present period.
  std::size_t restarts() const { return count_; }

 protected:
  SupervisorBase(std::string_view name, Clock& clock, std::span<Instant> restarts, Options options)
      : MultiService(name), clock_(clock), restarts_(restarts), options_(options) {}
  ~SupervisorBase();

 private:
  void start_service(Deferred<void>& started) override;
  void stop_service(Deferred<void>& stopped) override;
  void child_failed(Service& child) override;

  void forget_old_restarts();
  Duration next_delay() const;
  Error wait(Duration delay);
  Error timer_fired();

  Clock& clock_;
  std::span<Instant> restarts_;  // the first `count_` are of this period, the oldest first
  std::size_t count_ = 0;
  Options options_;
  DelayedCall timer_;
};

// At most so many restarts within a period.
template <std::size_t restarts_max>
class Supervisor final : public SupervisorBase {
  static_assert(restarts_max > 0,
                "bobbin: a Supervisor restarts at least once; else use MultiService");

 public:
  explicit Supervisor(std::string_view name, Clock& clock, Options options = {})
      : SupervisorBase(name, clock, places_, options) {}

 private:
  Instant places_[restarts_max];
};

}  // namespace bobbin
