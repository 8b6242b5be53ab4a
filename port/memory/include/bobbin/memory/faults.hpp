// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <bobbin/time.hpp>

namespace bobbin::memory {

// How a simulated network behaves. The defaults are a perfect one without delay. Whatever is left
// to chance is drawn from `seed`, so that a run can be repeated.
struct Behaviour {
  std::uint64_t seed = 1;

  // One way. A segment takes `latency` and up to `jitter` more; segments of one direction never
  // overtake each other.
  Duration latency{};
  Duration jitter{};

  // Bytes one write puts on the way together, and the most one read returns. 1 makes every message
  // arrive byte by byte.
  std::size_t segment_max = 1460;
  std::size_t read_max = SIZE_MAX;

  // As a network stack that holds received bytes itself and keeps pointing at sent ones until they
  // have arrived (lwIP), or one that copies both ways (a kernel).
  bool lends = false;

  // One in so many, 0 for never: reads that give one byte, writes that take one byte, writes that
  // take nothing although there is room (the port marks again), segments that carry a reset
  // instead, connects that are refused.
  std::uint32_t short_reads = 0;
  std::uint32_t short_writes = 0;
  std::uint32_t refused_writes = 0;
  std::uint32_t resets = 0;
  std::uint32_t refusals = 0;

  // One in so many: datagrams that never arrive, and datagrams that arrive twice. Each takes
  // `latency` and `jitter` of its own, so they may overtake each other.
  std::uint32_t lost_datagrams = 0;
  std::uint32_t doubled_datagrams = 0;

  // So many wait in one UDP port; what comes when there are is dropped.
  std::size_t datagrams_waiting = 16;
};

// What a port does for core, to be failed on purpose.
enum class PortCall : std::uint8_t {
  listen,
  accept,
  connect,
  finish_connect,
  read,
  write,
  listen_udp,
  connect_udp,
  join_group,
  receive,
  send,
};
inline constexpr std::size_t port_calls = 11;

// Fails the n-th use of one port call, once: `fail(PortCall::write, 3)` lets two writes pass.
class FailNth {
 public:
  void fail(PortCall call, std::uint32_t nth) {
    remaining_ = {};
    remaining_[index(call)] = nth;
    fired_ = false;
  }

  // True when this use is to fail.
  bool use(PortCall call) {
    std::uint32_t& remaining = remaining_[index(call)];
    if (remaining == 0 || --remaining > 0) return false;
    fired_ = true;
    return true;
  }

  // Whether there was an n-th use at all: the end of a search over n.
  bool fired() const { return fired_; }

 private:
  static std::size_t index(PortCall call) { return static_cast<std::size_t>(call); }

  std::array<std::uint32_t, port_calls> remaining_{};
  bool fired_ = false;
};

}  // namespace bobbin::memory
