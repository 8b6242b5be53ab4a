// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string_view>

#include <bobbin/memory.hpp>
#include <bobbin/pool.hpp>

namespace bobbin {

struct SimulationSizes {
  std::size_t hosts = 2;  // at most 250
  ReactorSizes reactor{.timers = 32};
  memory::NetworkSizes network{};
  std::size_t trace = 2000;  // the last so many events are remembered
};

// Several hosts, each with a reactor of its own, on one network and one clock, all from one seed:
// what their protocols do is repeated exactly by the same seed, and found out about with others.
//
// The host that runs next is drawn from those that have something to do now; when none has, the
// clock moves on to the next time anything can happen. After each event (an arrival, a call that
// was run, something offered to a protocol, something written) the simulation checks the network's
// accounts and the reactors', and then what you have asked for with `after_each_event`.
//
// Declare it before the servers and clients that run on it. Not sized; see Simulation.
class SimulationBase {
 public:
  using Done = InplaceFunction<bool()>;
  using Check = InplaceFunction<const char*()>;

  SimulationBase(const SimulationBase&) = delete;
  SimulationBase& operator=(const SimulationBase&) = delete;

  memory::Network& network() { return network_; }
  // For your own draws too: they are then repeated with the rest.
  memory::Random& random() { return network_.random(); }

  // `index` counts from 0. Host 0 is 10.0.0.1, host 1 is 10.0.0.2: the last byte is the number that
  // the trace gives it.
  std::size_t hosts() const { return hosts_.size(); }
  MemoryReactorBase& host(std::size_t index) { return *hosts_[index].reactor; }
  Address address(std::size_t index, std::uint16_t port) const {
    return hosts_[index].reactor->address().with_port(port);
  }

  // How connections and datagrams between two hosts behave, whichever of them asks; `behave` sets
  // it for all pairs, `draw_behaviours` draws it for each. What changes holds from then on for
  // connections that exist, but for `lends` and the fate they were given when they were asked for.
  memory::Behaviour& between(std::size_t one, std::size_t other);
  void behave(const memory::Behaviour& behaviour);
  void draw_behaviours();

  // Hosts that are slow: one turn in so many, 0 for never, is followed by a sleep of up to
  // `nap_max`, in which the host does nothing while the world goes on.
  struct HostFaults {
    std::uint32_t naps = 0;
    Duration nap_max = std::chrono::seconds(1);
  };
  HostFaults host_faults;

  // Asked after each event: null, or a sentence (a static string) on what is broken, which ends the
  // run with this turn. It may only look. What is asked after each turn may do as it likes. `fail`
  // does the same from anywhere, and the first one counts.
  void after_each_event(Check check) { check_ = check; }
  void after_each_turn(Check check) { check_turn_ = check; }
  void fail(const char* sentence);
  const char* failure() const { return failure_; }

  // What happened to be worth a line in the trace; `what` is a static string.
  void note(std::size_t host, const char* what, std::size_t bytes = 0);

  struct RunOptions {
    Duration limit = std::chrono::hours(1);  // of virtual time
    Done until{};                            // asked before each turn
    std::uint32_t turns_at_one_instant = 100'000;
  };
  enum class Ending : std::uint8_t {
    done,        // as `until` said
    idle,        // nothing can ever happen again
    limit,       // so much time has passed
    standstill,  // time has stood still for too many turns: somebody is always ready
    broken,      // see `failure`
  };
  Ending run(RunOptions options);
  Ending run() { return run(RunOptions{}); }

  // A sentence on what has not been given back, null if nothing: links, datagrams, timers of the
  // network and of the reactors. For the end, when all should be over.
  const char* left_over() const;

  // The events remembered, oldest first, one line each: the time in seconds, the host, the
  // connection, what, and how many bytes.
  void print_trace(std::FILE* to) const;

  // Prints each event when it happens, so that none is forgotten. Null ends that.
  void trace_to(std::FILE* to) { trace_ = to; }

 protected:
  struct Host {
    MemoryReactorBase* reactor = nullptr;
    Instant asleep_until{};
  };
  struct Storage {
    std::span<Host> hosts;
    std::span<memory::Behaviour> behaviours;  // hosts * hosts
    std::span<memory::Event> events;
  };

  SimulationBase(memory::Network& network, Storage storage, std::uint64_t seed);
  ~SimulationBase() = default;

 private:
  const memory::Behaviour* behaviour_between(const Address& from, const Address& to);
  bool ready(const Host& host) const;
  Host* draw_ready();
  Instant next_event() const;
  Ending run_on(RunOptions& options);
  void turn(Host& host);
  void look_at_events(memory::Network::Look* look);
  void check(Check& asked);
  const char* broken_account() const;
  void remember(const memory::Event& event);
  static void print(std::FILE* to, const memory::Event& event);

  memory::Network& network_;
  std::span<Host> hosts_;
  std::span<memory::Behaviour> behaviours_;
  std::span<memory::Event> events_;
  std::size_t events_seen_ = 0;
  Check check_;
  Check check_turn_;
  const char* failure_ = nullptr;
  std::FILE* trace_ = nullptr;
};

std::string_view describe(SimulationBase::Ending ending);

// The memory of a simulation: a base class placed before it.
template <SimulationSizes sizes>
struct SimulationMemory {
  static_assert(sizes.hosts > 0 && sizes.hosts <= 250, "bobbin: a simulation has 1 to 250 hosts");
  static_assert(sizes.trace > 0, "bobbin: a simulation remembers at least one event");

  MemoryNetwork<sizes.network> wires;
  memory::Behaviour behaviours[sizes.hosts * sizes.hosts];
  memory::Event events[sizes.trace];
};

template <SimulationSizes sizes = SimulationSizes{}>
class Simulation : private SimulationMemory<sizes>, public SimulationBase {
 public:
  explicit Simulation(std::uint64_t seed)
      : SimulationBase(this->wires, {hosts_, this->behaviours, this->events}, seed) {
    for (std::size_t i = 0; i < sizes.hosts; ++i) {
      const auto number = static_cast<std::uint8_t>(i + 1);
      hosts_[i].reactor = reactors_.emplace(this->wires, Address::ip4({10, 0, 0, number}, 0));
    }
  }

 private:
  Host hosts_[sizes.hosts];
  Pool<MemoryReactor<sizes.reactor>, sizes.hosts> reactors_;
};

}  // namespace bobbin
