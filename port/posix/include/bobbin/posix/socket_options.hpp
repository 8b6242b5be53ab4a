// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <bobbin/config.hpp>

namespace bobbin {

// How a peer that vanished is found: after `idle` of silence it is asked for a sign of life, then
// each `interval` again; `count` unanswered end the connection with `timed_out`. 1 to 32767
// seconds, 1 to 127 questions.
struct KeepAlive {
  std::chrono::seconds idle{config::keepalive_idle_s};
  std::chrono::seconds interval{config::keepalive_interval_s};
  int count = config::keepalive_count;
};

// What a socket is told beyond what every port does. A listening socket hands it on to what it
// accepts. What is TCP's means nothing to other sockets.
struct SocketOptions {
  // TCP sends at once (TCP_NODELAY). Else small pieces wait for the acknowledgement of those before
  // (Nagle), which seldom helps: the writes of a turn leave as one anyway.
  bool no_delay = true;

  // TCP's. Without a value nobody is asked, and who vanished while nothing was sent is never found.
  std::optional<KeepAlive> keep_alive = KeepAlive{};

  // Bytes that the system holds for one connection, at least 1, beside the ring and the receive
  // buffer; without a value, as many as it sees fit, which it then goes on to adapt.
  std::optional<std::uint32_t> send_buffer{};
  std::optional<std::uint32_t> receive_buffer{};
};

}  // namespace bobbin
