// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <atomic>

#include <bobbin/bobbin.hpp>
#include <bobbin/memory/network.hpp>

namespace bobbin::memory {

// Notices when a network's clock stands still: something is always ready, and no test would ever
// end.
class Standstill {
 public:
  explicit Standstill(std::uint32_t turns_max) : turns_max_(turns_max) {}

  // To be asked after each turn: whether so many of them have passed at one instant.
  bool after_turn_at(Instant now) {
    turns_ = now == last_ ? turns_ + 1 : 0;
    last_ = now;
    return turns_ >= turns_max_;
  }

 private:
  std::uint32_t turns_max_;
  std::uint32_t turns_ = 0;
  Instant last_{};
};

}  // namespace bobbin::memory

namespace bobbin {

// The reactor on a network in memory. Time is the network's: when there is nothing to do, waiting
// moves the clock straight to the next deadline or arrival, so an hour passes in no time and every
// run of the same seed is the same.
//
// When nothing can ever happen again (no timer, nothing on the way) `run` has nothing to wait for:
// the reactor then stops itself.
//
// One that waits moves the clock for all. Several that are to run side by side belong into a
// Simulation, which never lets one of them wait.
class MemoryReactorBase : public Reactor {
 public:
  Error listen_tcp(const Address& address, ListeningPort& port, const ListenOptions& options = {});
  Error connect_tcp(const Address& address, Connector& connector,
                    const ConnectOptions& options = {});
  // The interface of a group is of no account: there is only one network.
  Error listen_udp(const Address& address, DatagramPort& port, const UdpOptions& options = {});

  // Turns until `done` says so, `limit` has passed, the reactor has stopped or time has stood still
  // for too many turns; what `done` said last.
  template <class Done>
  bool run_until(Done done, Duration limit = std::chrono::minutes(1)) {
    const Instant end = after(network_.now(), limit);
    memory::Standstill standstill(turns_at_one_instant_);
    while (!done() && network_.now() < end) {
      turn(end - network_.now());
      if (!running() || standstill.after_turn_at(network_.now())) break;
    }
    return done();
  }

  // Turns until `length` has passed. That it can pass is asserted.
  void run_for(Duration length) {
    const Instant end = after(network_.now(), length);
    run_until([] { return false; }, length);
    BOBBIN_ASSERT(!running() || network_.now() >= end);
  }

  // How many turns are too many. On a network without delay a lot may happen at one instant; this
  // many take seconds.
  void give_up_after(std::uint32_t turns_at_one_instant) {
    turns_at_one_instant_ = turns_at_one_instant;
  }

  // When, by the network's clock, this reactor needs its next turn: now if something is ready.
  Instant due() const;

  // `look` is called after each event of a turn: a call that was run, something offered to a
  // protocol, something read from or written to. It may only look. Null ends that.
  using Clock::after_each_event;

  // Sets this reactor's own clock forward, or, against its contract, back. The network's clock does
  // not move, nor do other reactors'.
  void step_clock(Duration step) { ahead_ += step; }

  // The address of this host, with port 0.
  const Address& address() const { return address_; }

  // What is meant by an address that is used on this host: 0.0.0.0 and 127.0.0.1 are its own.
  Address on_this_host(const Address& address) const;

 protected:
  MemoryReactorBase(Storage storage, memory::Network& network, const Address& address)
      : Reactor(storage), network_(network), address_(address.with_port(0)) {
    set_now(network.now());
    share_input_place(input_);
  }
  ~MemoryReactorBase() { shut_down(); }

 private:
  Instant read_clock() override { return network_.now() + ahead_; }
  void wait(Instant mine) override;
  void wake() override { woken_.store(true); }
#ifdef BOBBIN_CHECK_CONTEXT
  bool is_own_context() const override { return true; }
#endif

  Instant on_network(Instant mine) const { return mine == never ? never : mine - ahead_; }

  // Small, so that connections with larger receive buffers go the long way.
  static constexpr std::size_t input_bytes = 512;

  memory::Network& network_;
  Address address_;
  Duration ahead_{};
  std::uint32_t turns_at_one_instant_ = 50'000'000;
  std::atomic<bool> woken_{false};
  std::byte input_[input_bytes];
};

// With an IPv4 address of its own it is a host apart: 0.0.0.0 and 127.0.0.1 are that address, its
// ports are its own, and its connections and datagrams come from there.
template <ReactorSizes sizes = ReactorSizes{}>
class MemoryReactor : private ReactorStorage<sizes>, public MemoryReactorBase {
 public:
  explicit MemoryReactor(memory::Network& network, const Address& address = Address::loopback(0))
      : MemoryReactorBase(this->spans(), network, address) {}
};

static_assert(TcpReactor<MemoryReactor<>>);
static_assert(UdpReactor<MemoryReactor<>>);

}  // namespace bobbin
