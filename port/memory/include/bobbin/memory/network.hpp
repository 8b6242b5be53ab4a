// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <bobbin/channel.hpp>
#include <bobbin/clock.hpp>
#include <bobbin/memory/datagrams.hpp>
#include <bobbin/memory/faults.hpp>
#include <bobbin/memory/pipe.hpp>
#include <bobbin/memory/random.hpp>
#include <bobbin/pool.hpp>
#include <bobbin/selectable.hpp>

namespace bobbin {
class Reactor;
}

namespace bobbin::memory {

class MemoryAcceptor;
class MemoryChannel;
class Network;

// One simulated connection: two ends, and a pipe towards each.
class Link {
 public:
  enum class State : std::uint8_t {
    opening,    // the connect is on its way
    swallowed,  // nobody will answer
    waiting,    // established, in a listener's backlog, which knows only the server's end
    accepted,
  };

  struct End {
    MemoryChannel* channel = nullptr;  // null before it is accepted and after it was closed
    Address address;
    Pipe input;
    std::size_t released = 0;             // of what this end sent: arrived and not reported
    bool ended = false;                   // the peer's end has arrived
    bool reset = false;                   // a reset has arrived, or the end has given up
    bool closed = false;                  // this end is gone
    bool wants_room = false;              // a write took less than it was given
    bool lends_one = false;               // byte only, until more arrives or some is used
    bool put_off = false;                 // its next arrival let others go first
    Errc reason = Errc::connection_lost;  // if reset
    DelayedCall arrival;
  };

  State state = State::opening;
  bool finished = false;  // the connecting end has been told that it is connected
  Error failure;          // why the connect failed
  MemoryAcceptor* listener = nullptr;
  Link* next_waiting = nullptr;
  const Behaviour* behaviour = nullptr;
  bool lends = false;  // as `behaviour` had it at the connect: a channel is one or the other
  std::uint32_t number = 0;
  Fate fate = Fate::none;   // that still lies ahead,
  std::size_t fate_at = 0;  // when so many bytes were carried
  std::size_t carried = 0;  // both ways together
  Instant silent_until{};   // nothing sent arrives before
  DelayedCall pending;      // the connect, or what a keep-alive will find out
  End ends[2];              // 0 connected, 1 was accepted
};

// One thing that happened, as an observer of the network is told of it.
struct Event {
  Instant when{};
  std::uint8_t host = 0;         // the last byte of its address
  std::uint32_t connection = 0;  // counted from 1; 0: none
  const char* what = "";         // a static string
  std::size_t bytes = 0;
};

// What a network has carried since it was made, in connections and datagrams.
struct Traffic {
  std::uint32_t connections = 0;  // asked for
  std::uint64_t bytes_sent = 0;   // counted once
  std::uint64_t bytes_arrived = 0;
  std::array<std::uint32_t, fates> met{};  // how many connections met each Fate
};

struct NetworkSizes {
  std::size_t links = 16;
  std::size_t window = 65536;   // bytes one direction holds, sent and not used
  std::size_t segments = 64;    // on the way in one direction
  std::size_t datagrams = 64;   // on the way and waiting, of all UDP ports
  std::size_t datagram = 1472;  // bytes, at most
};

// A network in memory with a clock of its own, which moves only when a reactor on it has nothing to
// do or a test says so. Addresses are as on a real one: a port nobody listens on refuses;
// 192.0.2.0/24 swallows everything; 198.51.100.0/24 cannot be reached. Reactors that were given an
// address of their own are hosts of that address; the others share 127.0.0.1.
class Network : public AdvancingClock {
 public:
  struct Storage {
    TimerHeap::Storage timers;
    std::span<Link> links;
    std::span<SlotPool::Slot> slots;
    MutableBytes windows;
    std::span<Pipe::Segment> segments;
    Datagrams::Storage datagrams;
  };

  // What holds for every connection, and every datagram, for which `choose_behaviour` names nothing
  // else. It is asked at each connect and for each datagram, with both hosts' addresses; what it
  // returns must stay.
  Behaviour behaviour;
  InplaceFunction<const Behaviour*(const Address& from, const Address& to)> choose_behaviour;
  FailNth fail;

  // Hears of all that happens; it may not use the network.
  InplaceFunction<void(const Event&)> observer;

  // `look` is called after each thing that the network does by itself, as something arrives; not
  // from inside a call. It may only look. Null ends that.
  using Clock::after_each_event;
  using Clock::Look;

  Random& random() { return random_; }
  void seed(std::uint64_t seed) {
    random_ = Random(behaviour.seed = seed);
    fail.seed(~seed);
  }

  const PoolUse& links_in_use() const { return slots_.use(); }
  const PoolUse& datagrams_in_use() const { return datagrams_.use(); }
  const Traffic& traffic() const { return traffic_; }

  // Calls `look` for each connection of which an end is still somebody's, and each connect that is
  // under way. It may not use the network.
  void for_each_link(InplaceFunction<void(const Link&)> look) const;

  // A sentence on what is wrong with the network's own accounts; null if nothing is. Takes time for
  // each link.
  const char* fault() const;

  // For the port's own classes.
  Datagrams& datagrams() { return datagrams_; }
  const Behaviour& path(const Address& from, const Address& to);
  void datagram_sent(const Datagram& datagram);
  void datagram_arrived(const Datagram& datagram, const Address& host);
  void tell(const Datagram& datagram, const Address& host, const char* what) {
    if (observer) report({.what = what, .bytes = datagram.size}, host);
  }
  Error listen(MemoryAcceptor& acceptor);
  void stop_listening(MemoryAcceptor& acceptor);
  Link* open(const Address& from, const Address& destination);  // null: all links are in use
  std::uint16_t free_port();
  void send(Link& link, int from, Bytes bytes);
  void send(Link& link, int from, Pipe::Segment::Kind mark);
  void room_made(Link& link, int reader);
  void draw_lending(Link& link, int end) {
    link.ends[end].lends_one = random_.one_in(link.behaviour->short_reads);
  }
  void close(Link& link, int end);
  Link* take_waiting(MemoryAcceptor& acceptor);

 protected:
  explicit Network(Storage storage);

 private:
  void tell(const Link& link, int end, const char* what, std::size_t bytes = 0) {
    if (!observer) return;
    report({.connection = link.number, .what = what, .bytes = bytes}, link.ends[end].address);
  }
  void report(Event event, const Address& host);

  void draw_fate(Link& link);
  void put(Link& link, int from, Bytes bytes);
  void befall(Link& link);
  void break_end(Link& link, int end, Errc reason);
  void break_one_end(Link& link);
  void silence(Link& link);

  void establish(Link& link);
  void answer(Link& link, Error failure);
  MemoryAcceptor* listener_at(const Address& address) const;
  bool is_listened_at(std::uint16_t port) const;
  Instant arrival_time(Link& link, int to, std::size_t bytes);
  void arm(Link& link, int to);
  void arrive(Link& link, int to);
  void release_if_over(Link& link);

  std::span<Link> links_;
  SlotPool slots_;
  std::size_t window_;
  MutableBytes windows_;
  std::span<Pipe::Segment> segments_;
  MemoryAcceptor* listeners_ = nullptr;
  Datagrams datagrams_;
  // Those to be picked go on from there to the last, which are many more than anyone listens at.
  static constexpr std::uint16_t first_free_port = 49152;
  std::uint16_t next_port_ = first_free_port;
  Random random_{1};
  Traffic traffic_;
};

// Storage for a network of these sizes; three timers for each link, one for each datagram.
template <NetworkSizes sizes>
struct NetworkStorage {
  Network::Storage spans() {
    return {timers.spans(), links,    slots,
            windows,        segments, {datagrams, datagram_slots, datagram_bytes}};
  }

  TimerStorage<3 * sizes.links + sizes.datagrams> timers;
  Link links[sizes.links];
  SlotPool::Slot slots[sizes.links];
  std::byte windows[2 * sizes.links * sizes.window];
  Pipe::Segment segments[2 * sizes.links * sizes.segments];
  Datagram datagrams[sizes.datagrams];
  SlotPool::Slot datagram_slots[sizes.datagrams];
  std::byte datagram_bytes[sizes.datagrams * sizes.datagram];
};

}  // namespace bobbin::memory

namespace bobbin {

template <memory::NetworkSizes sizes = memory::NetworkSizes{}>
class MemoryNetwork : private memory::NetworkStorage<sizes>, public memory::Network {
 public:
  MemoryNetwork() : Network(this->spans()) {}
};

}  // namespace bobbin
