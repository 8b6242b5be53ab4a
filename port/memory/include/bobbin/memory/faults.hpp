// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <bobbin/memory/random.hpp>
#include <bobbin/time.hpp>

namespace bobbin::memory {

// What befalls one connection as a whole.
enum class Fate : std::uint8_t {
  none,
  reset,       // both ends are reset
  black_hole,  // nothing arrives any more, either way, until each end's keep-alive finds out
  half_open,   // one end is reset; the other hears of it when it sends, or by its keep-alive
  stall,       // nothing arrives for a while, and then all of it
};
inline constexpr std::size_t fates = 5;

// How a simulated network behaves, or one path in it. The defaults are a perfect one without delay.
// Whatever is left to chance is drawn from `seed`, so that a run can be repeated.
struct Behaviour {
  std::uint64_t seed = 1;

  // One way. A segment takes `latency` and up to `jitter` more; segments of one direction never
  // overtake each other.
  Duration latency{};
  Duration jitter{};

  // Bytes a second that one direction carries; 0: any number.
  std::uint64_t bandwidth = 0;

  // Bytes one write puts on the way together, and the most one read returns. 1 makes every message
  // arrive byte by byte.
  std::size_t segment_max = 1460;
  std::size_t read_max = SIZE_MAX;

  // As a network stack that holds received bytes itself and keeps pointing at sent ones until they
  // have arrived (lwIP), or one that copies both ways (a kernel).
  bool lends = false;

  // One in so many, 0 for never: reads that give one byte, writes that take one byte, writes that
  // take nothing although there is room (the port marks again), segments that carry a reset
  // instead, connects that are refused, connects that nobody answers, and arrivals that let those
  // of other connections due at the same instant go first.
  std::uint32_t short_reads = 0;
  std::uint32_t short_writes = 0;
  std::uint32_t refused_writes = 0;
  std::uint32_t resets = 0;
  std::uint32_t refusals = 0;
  std::uint32_t unanswered = 0;
  std::uint32_t reorders = 0;

  // One connection in so many, 0 for never, that meets this fate. It does so at a byte, which may
  // be any: once both directions together have carried 0 to `fate_within` - 1 of them.
  std::uint32_t cuts = 0;  // Fate::reset
  std::uint32_t black_holes = 0;
  std::uint32_t half_opens = 0;
  std::uint32_t stalls = 0;
  std::size_t fate_within = 2000;
  Duration stall_max = std::chrono::seconds(10);

  // One in so many: datagrams that never arrive, and datagrams that arrive twice. Each takes
  // `latency` and `jitter` of its own, so they may overtake each other; `bandwidth` is not theirs.
  std::uint32_t lost_datagrams = 0;
  std::uint32_t doubled_datagrams = 0;

  // So many wait in one UDP port; what comes when there are is dropped.
  std::size_t datagrams_waiting = 16;

  // Whether every connect to somebody who listens succeeds and every byte of a connection arrives,
  // late as it may.
  bool faithful() const {
    return resets == 0 && refusals == 0 && unanswered == 0 && cuts == 0 && black_holes == 0 &&
           half_opens == 0;
  }
};

// Any kind of network there is: each property is there or not, and more or less of it. Half of them
// are faithful. What befalls datagrams alone is left as it is by default.
Behaviour draw_behaviour(Random& random);

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

// Fails the n-th use of one port call, once: `fail(PortCall::write, 3)` lets two writes pass. Or
// one use in so many, every time: what a system does that is short of memory or descriptors.
class FailNth {
 public:
  void fail(PortCall call, std::uint32_t nth) {
    remaining_ = {};
    remaining_[index(call)] = nth;
    fired_ = false;
  }

  // 0: never. Accepts, which are tried again, and connects may be failed without losing anything.
  void fail_one_in(PortCall call, std::uint32_t times) { odds_[index(call)] = times; }
  void seed(std::uint64_t seed) { random_ = Random(seed); }

  // True when this use is to fail.
  bool use(PortCall call) {
    if (random_.one_in(odds_[index(call)])) return true;
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
  std::array<std::uint32_t, port_calls> odds_{};
  Random random_{1};
  bool fired_ = false;
};

}  // namespace bobbin::memory
