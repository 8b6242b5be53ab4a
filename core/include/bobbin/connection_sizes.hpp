// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>

namespace bobbin {

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

}  // namespace bobbin
