// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <string_view>

#include <bobbin/callback.hpp>
#include <bobbin/logger.hpp>
#include <bobbin/multi_service.hpp>
#include <bobbin/reactor.hpp>

namespace bobbin {

struct TopServiceOptions {
  // Whoever has not stopped within so long is not waited for any longer. More than zero; `forever`
  // waits for all. It takes a timer all the same.
  Duration stop_within = std::chrono::seconds(10);
};

// The root of a program's services, and its `main`: what Twisted calls an Application. It starts
// its children in a reactor that runs, logs how they fare, and stops the reactor when they have
// stopped. The same tree runs on a host (see Application) and on a board.
//
//   static TopService all(reactor, log);
//   static Error error = all.add(echo);
//   return all.run() ? 0 : 1;
class TopService final : public MultiService {
 public:
  using Options = TopServiceOptions;

  TopService(Reactor& reactor, const Logger& log, Options options = {})
      : reactor_(reactor), log_(log), options_(options) {}
  ~TopService();

  // As in the options; before `run`.
  void set_stop_within(Duration length) { options_.stop_within = length; }

  // Called once all children are prepared, before the first one starts: where privileges are given
  // up. An Error is the failure of all.
  void on_prepared(Callback function) { prepared_ = function; }

  // Runs the reactor until all children have stopped again: because `end` was called, or because
  // of a failure, which is then the outcome. `timed_out`: somebody had not stopped in time;
  // `cancelled`: somebody else stopped the reactor. Its end aborts their connections. Once.
  Outcome<void> run();

  // Stops all in order. From inside callbacks, and before `run`, which then does not start
  // anything. Nothing happens while they stop already.
  void end();

  Reactor& reactor() { return reactor_; }
  const Logger& log() const { return log_; }

 private:
  void begin();
  void give_up();
  void stop_reactor();
  void log_failure(const Failure& failure, std::string_view name);

  void start_service(Deferred<void>& started) override;
  void stop_service(Deferred<void>& stopped) override;
  void note(const Service& service) override;

  Reactor& reactor_;
  Logger log_;
  Options options_;
  Callback prepared_;
  DelayedCall deadline_;
  Error trouble_;
  bool wanted_ = true;
  Deferred<void> started_;
};

}  // namespace bobbin
