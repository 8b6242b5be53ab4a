// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <atomic>

#include <bobbin/bobbin.hpp>
#include <bobbin/memory/network.hpp>

namespace bobbin {

// The reactor on a network in memory. Time is the network's: when there is nothing to do, waiting
// moves the clock straight to the next deadline or arrival, so an hour passes in no time and every
// run of the same seed is the same.
//
// When nothing can ever happen again (no timer, nothing on the way) `run` has nothing to wait for:
// the reactor then stops itself.
class MemoryReactorBase : public Reactor {
 public:
  Error listen_tcp(const Address& address, ListeningPort& port, const ListenOptions& options = {});
  Error connect_tcp(const Address& address, Connector& connector,
                    const ConnectOptions& options = {});
  // The interface of a group is of no account: there is only one network.
  Error listen_udp(const Address& address, DatagramPort& port, const UdpOptions& options = {});

  // Turns until `done` says so, `limit` has passed or the reactor has stopped; what `done` said
  // last.
  template <class Done>
  bool run_until(Done done, Duration limit = std::chrono::minutes(1)) {
    const Instant end = after(network_.now(), limit);
    while (!done() && network_.now() < end) {
      turn(end - network_.now());
      if (!running()) break;
    }
    return done();
  }

  // Turns until `length` has passed.
  void run_for(Duration length) {
    run_until([] { return false; }, length);
  }

 protected:
  MemoryReactorBase(Storage storage, memory::Network& network)
      : Reactor(storage), network_(network) {
    set_now(network.now());
  }
  ~MemoryReactorBase() { shut_down(); }

 private:
  Instant read_clock() override { return network_.now(); }
  void wait(Instant until) override;
  void wake() override { woken_.store(true); }
  bool is_own_context() const override { return true; }

  memory::Network& network_;
  std::atomic<bool> woken_{false};
};

template <ReactorSizes sizes = ReactorSizes{}>
class MemoryReactor : private ReactorStorage<sizes>, public MemoryReactorBase {
 public:
  explicit MemoryReactor(memory::Network& network) : MemoryReactorBase(this->spans(), network) {}
};

static_assert(TcpReactor<MemoryReactor<>>);
static_assert(UdpReactor<MemoryReactor<>>);

}  // namespace bobbin
