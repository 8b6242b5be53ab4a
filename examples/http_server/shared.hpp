// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <optional>

#include <bobbin/http.hpp>

#include "ticker.hpp"

#ifndef BOBBIN_BOARD
#include <bobbin/posix/directory.hpp>
#endif

// What the connections of the site have in common. A board knows no time of day, and has no
// directory.
struct Shared {
  explicit Shared(bobbin::Clock& clock) : ticker(clock) {}

#ifdef BOBBIN_BOARD
  static std::optional<bobbin::http::WallTime> now() { return std::nullopt; }
#else
  static std::optional<bobbin::http::WallTime> now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }
  bobbin::Directory root;
#endif

  Ticker ticker;
  bobbin::http::DateClock date{now};
};
