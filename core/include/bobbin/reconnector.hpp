// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

#include <bobbin/backoff.hpp>
#include <bobbin/callback.hpp>
#include <bobbin/clock.hpp>
#include <bobbin/connector.hpp>
#include <bobbin/error.hpp>

namespace bobbin {

struct ReconnectOptions {
  // How long to wait after an attempt that failed, and after a connection that was lost.
  BackoffOptions backoff{};

  // After so many tries in a row it gives up: the first attempt is none of them. In a row means
  // since the back-off began anew.
  std::uint32_t retries_max = unlimited;
  static constexpr std::uint32_t unlimited = std::numeric_limits<std::uint32_t>::max();

  // When a connection that was up for this long is lost, the back-off begins anew. Zero: whenever
  // one was made, as Twisted's ClientService has it; `forever`: only by `reset_delay`, as in its
  // ReconnectingClientFactory.
  Duration reset_after = Duration::zero();

  ConnectOptions connect{};
};

// Keeps one connection: after each attempt that failed, and each connection that was lost, it waits
// and tries again, longer each time (Twisted's ReconnectingClientFactory and ClientService). This
// is what a ReconnectingClient is but for its sizes; for a connector and a factory of one's own,
// that factory tells it what it hears.
//
//              start               connected
//   stopped ─────────▶ connecting ───────────▶ connected
//      ▲               ▲        │ failed       │
//      │         timer │        ▼              │ lost
//      │◀── gave up ───┴── waiting ◀───────────┘
//      │   stop
//      └──────────── stopping ◀── stop, while connecting or connected
//
// It holds one timer from `start` until it has stopped, so what runs cannot fail for want of one;
// an attempt needs another, and if there is none, or no connection, it has failed.
class Reconnector {
 public:
  enum class State : std::uint8_t { stopped, waiting, connecting, connected, stopping };

  enum class Event : std::uint8_t {
    connecting,  // another attempt has begun; the first one is not told
    connected,   // the protocol's `connection_made` has returned
    failed,      // an attempt; `delay` after now there will be another
    lost,        // the connection; `delay` after now there will be an attempt
    gave_up,     // failed or lost, and there will be none: stopped
    stopped,     // what there was when `stop` was called, or the reactor stopped, has ended
  };
  struct Report {
    Event event = Event::connecting;
    Error reason{};    // failed, lost, gave_up, stopped
    Duration delay{};  // failed, lost
  };
  using Observer = InplaceFunction<void(const Report&)>;

  // Has the connector begin an attempt. An Error counts as an attempt that failed.
  using Attempt = Callback;

  // Both are the caller's and outlive this. `random` may be shared.
  Reconnector(Connector& connector, Random& random) : connector_(connector), random_(random) {}
  Reconnector(const Reconnector&) = delete;
  Reconnector& operator=(const Reconnector&) = delete;
  ~Reconnector() { release_timer(); }

  // Makes the first attempt, at once. Errors: already_running, also while it is stopping;
  // invalid_argument (the back-off); no_capacity (no timer); those of the attempt. After an error
  // nothing has begun. It must have stopped before `clock` goes.
  Error start(Clock& clock, const ReconnectOptions& options, Attempt attempt);

  // No attempt any more. An attempt under way is given up; a connection is closed in order, see
  // `lose_connection`. When there was neither it has stopped when this returns; else `stopped`
  // follows from the reactor. Does nothing when it has stopped or is stopping.
  void stop();

  // The next wait is the first again, and the count of tries begins anew: for a protocol that knows
  // that its connection is good.
  void reset_delay();

  // Hears how it goes. Always from the reactor; may call everything here, and not destroy it.
  void on_event(Observer observer) { observer_ = observer; }

  State state() const { return state_; }
  std::uint32_t retries() const { return retries_; }  // since the back-off began anew
  Instant next_attempt() const;                       // `never` but when waiting
  Connector& connector() const { return connector_; }

  // For factories and those who derive from connectors. `connected` is told when the protocol has
  // been made, the others what ClientFactory hears.
  void connected();
  void failed(Error reason);
  void lost(Error reason);
  void reactor_stopped();  // what there is will end

 protected:
  // No attempt and no word any more, whatever comes.
  void abandon();
  const ReconnectOptions& options() const { return options_; }

 private:
  Error hold_timer(Clock& clock);
  void release_timer();
  void try_again();
  void retry(Event event, Error reason);
  void finish(Event event, Error reason);
  void tell(const Report& report);

  Connector& connector_;
  Random& random_;
  Clock* clock_ = nullptr;  // since the first start
  Attempt attempt_;
  Observer observer_;
  ReconnectOptions options_;
  Backoff backoff_{options_.backoff, random_};
  DelayedCall timer_;
  Instant connected_at_{};
  std::uint32_t retries_ = 0;
  State state_ = State::stopped;
};

}  // namespace bobbin
