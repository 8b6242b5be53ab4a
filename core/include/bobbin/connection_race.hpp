// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include <bobbin/callback.hpp>
#include <bobbin/clock.hpp>
#include <bobbin/connector.hpp>
#include <bobbin/dependent.hpp>
#include <bobbin/error.hpp>
#include <bobbin/protocol.hpp>

namespace bobbin {

class ConnectionRace;

// One of the addresses by which the same may be reached.
struct ConnectionHint {
  Address address{};
  // It is not tried before so long after the start, whatever becomes of others: what costs more,
  // such as a relay, is so tried only if nothing else has led there by then.
  Duration delay{};
};

struct RaceOptions {
  // The next attempt begins so long after each that is still under way: 250 ms by RFC 8305,
  // section 8. Zero or more.
  Duration stagger = std::chrono::milliseconds(250);

  // Each attempt that has no answer after this long has failed, and the whole race when nobody has
  // won by then. More than zero.
  Duration attempt_timeout = std::chrono::seconds(30);
  Duration timeout = std::chrono::seconds(60);

  // A connection has not won when it is there, but when its protocol has called `win`, after a
  // handshake or whatever it wants to see first.
  bool negotiates = false;
};

// An attempt of a race.
class RaceLane final : private ClientFactory, private Connector {
 public:
  RaceLane(ConnectionRace& race, ConnectionPool& pool)
      : Connector(static_cast<ClientFactory&>(*this), pool), race_(race) {}
  ~RaceLane() { shut_down(); }

 private:
  friend class ConnectionRace;

  Protocol* build_protocol(const Address& peer) override;
  void protocol_done(Protocol& protocol) override;
  bool has_room() const override;
  void client_connection_failed(Error reason) override;
  void client_connection_lost(Error reason) override;

  ConnectionRace& race_;
  Instant begun_{};
  bool takes_part_ = false;
};

// Tries several addresses, the next while the ones before it have not answered yet, and keeps the
// first connection there is; the others are given up (Twisted's HostnameEndpoint, "happy
// eyeballs"). What a RacingClient is but for its sizes.
//
// It holds one timer while it runs, and each attempt one more.
class ConnectionRace : private Dependent {
 public:
  enum class State : std::uint8_t { idle, racing, ending, won };

  // Has the connector connect there.
  using Connect = InplaceFunction<Error(const Address&, Connector&)>;

  // Both are the caller's and outlive this. As many attempts are under way at a time as there are
  // lanes. `factory` builds the winner's protocol, all of those that negotiate, and hears how it
  // went: `client_connection_failed` once nobody can win any more and all attempts have ended,
  // `client_connection_lost` when the winner is gone.
  ConnectionRace(ClientFactory& factory, std::span<RaceLane> lanes)
      : factory_(factory), lanes_(lanes) {}

  // Tries the hints in this order, that of preference; they stay where they are until somebody has
  // won or nobody can. The race fails with the error of the attempt that got farthest, the first of
  // these if there are several: one that was answered before one that was not, that before one that
  // found no way, and last those that could not begin. Or else with `timed_out`, `cancelled`,
  // `connection_aborted` (the reactor stopped). Errors, and nothing has begun: already_running;
  // invalid_argument (no hints, the options); no_capacity (no timer); already_registered and
  // not_running, see Dependent; that with which it fails when no attempt can begin.
  Error start(Reactor& reactor, std::span<const ConnectionHint> hints, const RaceOptions& options,
              Connect connect);

  // Ends the race, or the winner's connection in order. What follows comes from the reactor:
  // `client_connection_failed(cancelled)` or `client_connection_lost`.
  void cancel();

  // Of those that negotiate, this one has won: the others are aborted. False, and nothing happens,
  // when another has won, the race is over or the transport is none of its.
  bool win(const Transport& transport);

  State state() const { return state_; }
  // By which address it is connected; null but when somebody has won.
  const Address* winner() const { return winner_ ? &winner_->destination() : nullptr; }
  std::size_t under_way() const;

 protected:
  ~ConnectionRace() = default;

  // Whatever it does ends now, and nobody is told. To be called by the destructor.
  void abandon();

  const RaceOptions& options() const { return options_; }

 private:
  friend class RaceLane;

  void end() override;
  Protocol* build(RaceLane& lane, const Address& peer);
  void over(RaceLane& lane, Error reason);

  Error hold_timer();
  void release_timer();
  void on_timer();
  void go_on();
  void begin_what_is_due();
  void note(Error error);
  Instant next_start();
  Duration until_next();
  RaceLane* free_lane();
  void keep(RaceLane& winner);
  void give_up(Error outcome);
  void fail(Error reason);

  ClientFactory& factory_;
  std::span<RaceLane> lanes_;
  std::span<const ConnectionHint> hints_;  // those not begun yet
  Connect connect_;
  RaceOptions options_;
  DelayedCall timer_;
  Instant started_{};
  RaceLane* winner_ = nullptr;
  Error outcome_{};  // of the attempt that got farthest, or why it ends
  State state_ = State::idle;
};

}  // namespace bobbin
