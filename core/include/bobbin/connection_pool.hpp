// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <bobbin/bytes.hpp>
#include <bobbin/connection_sizes.hpp>
#include <bobbin/pool.hpp>
#include <bobbin/time.hpp>
#include <bobbin/transport.hpp>

namespace bobbin {

class ConnectionOwner;
class ListeningPort;

// Connections and their buffers, in memory somebody else supplies. A listening port or connector
// takes its connections from one pool and gives them back when `connection_lost` has returned.
class ConnectionPool {
 public:
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  // A handle to a connection that outlives it: null from `find` once that connection is over, also
  // when its slot is used by another.
  Handle handle(const Transport& transport) const { return slots_.handle(index_of(transport)); }
  Transport* find(Handle handle) { return slots_.holds(handle) ? at(handle.index) : nullptr; }

  bool has_room() const { return slots_.has_room(); }
  // `refused` counts the times a listening port stopped accepting because the pool was full,
  // whether or not somebody waited, and the connects that found it full.
  const PoolUse& use() const { return slots_.use(); }
  const ConnectionLimits& limits() const { return limits_; }

 protected:
  // For each connection one transport, one slot, and `receive + send` bytes of buffers.
  struct Memory {
    std::byte* transports = nullptr;  // aligned for Transport
    std::byte* buffers = nullptr;
    std::span<SlotPool::Slot> slots;
  };

  ConnectionPool(Memory memory, const ConnectionLimits& limits);
  ~ConnectionPool() = default;

 private:
  friend class ConnectionOwner;
  friend class Connector;
  friend class ListeningPort;
  friend class Transport;
  friend struct WhenFull;

  struct Idle {
    Transport* transport = nullptr;
    Duration length{};  // a millisecond more or less; wrong from 50 days on
  };

  Transport* acquire(ConnectionOwner& owner);
  void release(Transport& transport);
  void put_back(Transport& transport);  // taken in vain: as if it had not been
  void count_refusal() { slots_.count_refusal(); }
  void close_all(ConnectionOwner& owner);
  void lose_all(const ConnectionOwner& owner);  // in order, so that they are still there afterwards

  void note_activity(const Transport& transport, Instant now);
  void note_activity(const ConnectionOwner& owner, Instant now);  // of all that are its
  // Of the owner's connections the one whose last activity is the longest ago; one that is marked
  // is active now. None if it has none, or if a connection of the pool is about to be given back
  // anyway.
  Idle idlest(const ConnectionOwner& owner, Instant now) const;

  Transport* at(std::uint32_t index) const;
  std::uint32_t index_of(const Transport& transport) const;

  std::byte* transports_;
  std::byte* buffers_;
  SlotPool slots_;
  ConnectionLimits limits_;
  ListeningPort* waiting_ = nullptr;  // first of those that could not accept for want of one
};

// The memory of a pool of these sizes: a base class placed before the pool, which sets up the slots
// in its constructor.
template <ConnectionSizes sizes>
struct ConnectionMemory {
  static_assert(sizes.connections > 0, "bobbin: ConnectionSizes::connections must be at least 1");
  static_assert(sizes.receive >= connection_buffer_min,
                "bobbin: ConnectionSizes::receive is too small; the least is 16 bytes");
  static_assert(
      sizes.send >= sizes.control + connection_buffer_min,
      "bobbin: ConnectionSizes::send is too small; the least is 16 bytes beside `control`");
  static_assert(limits_of(sizes).high_water <= sizes.send - sizes.control,
                "bobbin: ConnectionSizes::high_water lies above what ordinary writes may use");
  static_assert(limits_of(sizes).low_water < limits_of(sizes).high_water,
                "bobbin: ConnectionSizes::low_water must lie below high_water");
  static_assert(valid(sizes), "bobbin: ConnectionSizes is out of range");

  alignas(Transport) std::byte transports[sizes.connections * sizeof(Transport)];
  std::byte buffers[sizes.connections * (sizes.receive + sizes.send)];
  SlotPool::Slot slots[sizes.connections];
};

// A pool whose memory is part of it: `sizeof` is the RAM it takes.
template <ConnectionSizes sizes>
class Connections : private ConnectionMemory<sizes>, public ConnectionPool {
 public:
  // Not constexpr, so that a static pool is zeroes in .bss and not an image of zeroes in flash.
  Connections()
      : ConnectionPool({this->transports, this->buffers, this->slots}, limits_of(sizes)) {}
};

// A pool in a region that was mapped at start, for hosts where the sizes come from the command
// line. `region` is the caller's, at least `bytes_needed(sizes)` long, aligned for any object, and
// outlives the pool. `sizes` must be `valid`.
class ConnectionRegion : public ConnectionPool {
 public:
  static std::size_t bytes_needed(const ConnectionSizes& sizes);

  ConnectionRegion(MutableBytes region, const ConnectionSizes& sizes);

 private:
  static Memory divide(MutableBytes region, const ConnectionSizes& sizes);
};

}  // namespace bobbin
