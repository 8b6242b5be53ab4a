// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <string_view>

#include <bobbin/bobbin.hpp>
#include <bobbin/http.hpp>

// Counts, once a second, for all who listen, and for nobody else. So often that no other heartbeat
// is needed.
class Ticker {
 public:
  explicit Ticker(bobbin::Clock& clock)
      : listeners_(clock, bobbin::Duration::zero()), seconds_(clock, [this] { tick(); }) {}

  bobbin::Error join(bobbin::http::EventStream& stream) {
    if (bobbin::Error error = stream.begin()) return error;
    if (!stream.open()) return {};
    if (bobbin::Error error = listeners_.join(stream)) return error;
    return seconds_.running() ? bobbin::Error() : seconds_.start(std::chrono::seconds(1));
  }

 private:
  void tick() {
    if (listeners_.streams() == 0) return seconds_.stop();
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), ++count_).ptr;
    const std::string_view number(digits.begin(), end);
    listeners_.send({.event = "tick", .data = number, .id = number});
  }

  bobbin::http::EventBroadcaster listeners_;
  bobbin::LoopingCall seconds_;
  std::uint64_t count_ = 0;
};
