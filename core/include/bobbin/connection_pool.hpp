// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <bobbin/bytes.hpp>
#include <bobbin/pool.hpp>
#include <bobbin/transport.hpp>

namespace bobbin {

class ConnectionOwner;
class ListeningPort;

// How many connections, and how large each is. In firmware a template argument; on a host it may
// also be a value known at start.
struct ConnectionSizes {
  std::size_t connections = 1;
  // Bytes of the receive buffer: the longest message a protocol can be sure to be offered whole.
  std::size_t receive = 512;
  // Bytes of the send ring. On lwIP it is the TCP send buffer itself.
  std::size_t send = 1024;
  // A producer is paused when the ring holds this much, and resumed when it has drained to
  // `low_water`. 0 stands for three quarters, and one quarter, of what ordinary writes may use.
  std::size_t high_water = 0;
  std::size_t low_water = 0;
  // Bytes of the send ring that only `write_control` may use.
  std::size_t control = 0;
};

// The smallest receive buffer, and the smallest send ring without its control part.
inline constexpr std::size_t connection_buffer_min = 16;

// The sizes of one connection with the defaults filled in.
struct ConnectionLimits {
  std::uint32_t receive = 0;
  std::uint32_t send = 0;
  std::uint32_t high_water = 0;
  std::uint32_t low_water = 0;
  std::uint32_t control = 0;
};

constexpr ConnectionLimits limits_of(const ConnectionSizes& sizes) {
  const std::size_t ordinary = sizes.send > sizes.control ? sizes.send - sizes.control : 0;
  const std::size_t high = sizes.high_water != 0 ? sizes.high_water : ordinary - ordinary / 4;
  const std::size_t low = sizes.low_water != 0 ? sizes.low_water : ordinary / 4;
  return {.receive = static_cast<std::uint32_t>(sizes.receive),
          .send = static_cast<std::uint32_t>(sizes.send),
          .high_water = static_cast<std::uint32_t>(high),
          .low_water = static_cast<std::uint32_t>(low),
          .control = static_cast<std::uint32_t>(sizes.control)};
}

// Whether a pool of these sizes can work; the compile-time pools assert each part with a message.
constexpr bool valid(const ConnectionSizes& sizes) {
  const ConnectionLimits limits = limits_of(sizes);
  return sizes.connections > 0 && sizes.receive >= connection_buffer_min &&
         sizes.send >= sizes.control + connection_buffer_min &&
         limits.high_water <= sizes.send - sizes.control && limits.low_water < limits.high_water &&
         sizes.send < (1U << 31) && sizes.receive < (1U << 31);
}

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

  Transport* acquire(ConnectionOwner& owner);
  void release(Transport& transport);
  void put_back(Transport& transport);  // taken in vain: as if it had not been
  void count_refusal() { slots_.count_refusal(); }
  void close_all(ConnectionOwner& owner);

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
