// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/connection_race.hpp>

#include <algorithm>

#include <bobbin/assert.hpp>
#include <bobbin/reactor.hpp>

namespace bobbin {

namespace {

// How far an attempt got that failed with this.
int distance(Error error) {
  switch (error.code) {
    case Errc::connection_refused:
    case Errc::connection_lost:
    case Errc::connection_done:
    case Errc::connection_aborted:
    case Errc::message_too_long: return 3;
    case Errc::timed_out: return 2;
    case Errc::unreachable: return 1;
    default: return 0;
  }
}

}  // namespace

Protocol* RaceLane::build_protocol(const Address& peer) { return race_.build(*this, peer); }

void RaceLane::protocol_done(Protocol& protocol) { race_.factory_.protocol_done(protocol); }

bool RaceLane::has_room() const { return race_.factory_.has_room(); }

void RaceLane::client_connection_failed(Error reason) { race_.over(*this, reason); }

void RaceLane::client_connection_lost(Error reason) { race_.over(*this, reason); }

Error ConnectionRace::start(Reactor& reactor, std::span<const ConnectionHint> hints,
                            const RaceOptions& options, Connect connect) {
  if (state_ != State::idle) return Errc::already_running;
  const bool valid = !hints.empty() && options.stagger >= Duration::zero() &&
                     options.attempt_timeout > Duration::zero() &&
                     options.timeout > Duration::zero();
  if (!valid) return Errc::invalid_argument;
  if (Error error = attach(reactor)) return error;
  options_ = options;
  hints_ = hints;
  connect_ = connect;
  if (Error error = hold_timer()) return error;
  // Zero, and so now, as the clock may be old outside of a turn.
  timer_.reset(Duration::zero());
  started_ = timer_.time();
  outcome_ = {};
  state_ = State::racing;
  begin_what_is_due();
  if (under_way() == 0 && hints_.empty()) {
    release_timer();
    state_ = State::idle;
    return outcome_;
  }
  timer_.reset(until_next());
  return {};
}

void ConnectionRace::cancel() {
  if (state_ == State::won) return winner_->disconnect();
  if (state_ != State::racing) return;
  give_up(Errc::cancelled);
  // Nobody is told from inside this call.
  if (under_way() == 0) timer_.reset(Duration::zero());
}

bool ConnectionRace::win(const Transport& transport) {
  if (state_ != State::racing) return false;
  for (RaceLane& lane : lanes_) {
    if (!lane.takes_part_ || !lane.carries(transport)) continue;
    keep(lane);
    return true;
  }
  return false;
}

std::size_t ConnectionRace::under_way() const {
  return static_cast<std::size_t>(std::ranges::count_if(lanes_, &RaceLane::takes_part_));
}

void ConnectionRace::abandon() {
  release_timer();
  state_ = State::idle;
  winner_ = nullptr;
  for (RaceLane& lane : lanes_) {
    lane.takes_part_ = false;
    lane.shut_down();
  }
  shut_down();
}

// The lanes end too, each for itself.
void ConnectionRace::end() {
  const bool was_racing = state_ == State::racing;
  if (was_racing) give_up(Errc::connection_aborted);
  release_timer();
  if (was_racing && under_way() == 0) fail(outcome_);
}

Protocol* ConnectionRace::build(RaceLane& lane, const Address& peer) {
  Protocol* const protocol = factory_.build_protocol(peer);
  // Which may have cancelled the race.
  if (protocol != nullptr && state_ == State::racing && !options_.negotiates) keep(lane);
  return protocol;
}

void ConnectionRace::over(RaceLane& lane, Error reason) {
  if (&lane == winner_) {
    winner_ = nullptr;
    state_ = State::idle;
    return factory_.client_connection_lost(reason);
  }
  if (!lane.takes_part_) return;
  lane.takes_part_ = false;
  if (state_ == State::racing) note(reason);
  go_on();
}

Error ConnectionRace::hold_timer() {
  const Result<DelayedCall> timer = reactor()->call_at(never, [this] { on_timer(); });
  if (!timer) return timer.error();
  timer_ = *timer;
  return {};
}

// And forgets it: the reactor may go now.
void ConnectionRace::release_timer() {
  timer_.cancel();
  timer_ = {};
}

void ConnectionRace::on_timer() {
  // The place of the timer that just fired is free, and the next attempt might take it.
  [[maybe_unused]] const Error held = hold_timer();
  BOBBIN_ASSERT(!held);
  const bool too_late = reactor()->now() >= after(started_, options_.timeout);
  if (state_ == State::racing && too_late) give_up(Errc::timed_out);
  go_on();
}

void ConnectionRace::go_on() {
  if (state_ == State::racing) begin_what_is_due();
  if (hints_.empty() && under_way() == 0) return fail(outcome_);
  if (state_ == State::racing) timer_.reset(until_next());
}

void ConnectionRace::begin_what_is_due() {
  const Instant now = std::max(reactor()->now(), started_);
  while (next_start() <= now) {
    RaceLane& lane = *free_lane();
    const Error error = connect_(hints_.front().address, lane);
    hints_ = hints_.subspan(1);
    lane.takes_part_ = !error;
    lane.begun_ = now;
    if (error) note(error);
  }
}

void ConnectionRace::note(Error error) {
  if (!outcome_ || distance(error) > distance(outcome_)) outcome_ = error;
}

// When the next attempt begins; `never` if there is none, or no lane.
Instant ConnectionRace::next_start() {
  if (hints_.empty() || free_lane() == nullptr) return never;
  Instant start = after(started_, hints_.front().delay);
  for (const RaceLane& lane : lanes_) {
    if (lane.takes_part_) start = std::max(start, after(lane.begun_, options_.stagger));
  }
  return start;
}

Duration ConnectionRace::until_next() {
  const Instant next = std::min(next_start(), after(started_, options_.timeout));
  return next - std::max(reactor()->now(), started_);
}

RaceLane* ConnectionRace::free_lane() {
  for (RaceLane& lane : lanes_) {
    if (lane.state() == Connector::State::disconnected) return &lane;
  }
  return nullptr;
}

void ConnectionRace::keep(RaceLane& winner) {
  release_timer();
  hints_ = {};
  winner_ = &winner;
  state_ = State::won;
  for (RaceLane& lane : lanes_) {
    lane.takes_part_ = false;
    if (&lane != winner_) lane.abort();
  }
}

void ConnectionRace::give_up(Error outcome) {
  hints_ = {};
  outcome_ = outcome;
  state_ = State::ending;
  timer_.reset(forever);
  for (RaceLane& lane : lanes_) {
    if (lane.takes_part_) lane.abort();
  }
}

void ConnectionRace::fail(Error reason) {
  release_timer();
  state_ = State::idle;
  factory_.client_connection_failed(reason);
}

}  // namespace bobbin
