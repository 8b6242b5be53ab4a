// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <bobbin/bobbin.hpp>
#include <bobbin/net/json_writer.hpp>

// A fixed capacity: what it takes of RAM, and how it is used.
struct PoolFigures {
  std::string_view name{};
  std::size_t bytes = 0;
  bobbin::InplaceFunction<bobbin::PoolUse(), 8> use{};
  // Whether the pool itself keeps its high-water mark and counts refusals. Of others it is the most
  // that was seen so far.
  bool counts = true;
  std::uint32_t most = 0;
};

// How many streams of the page's button there are, and how many of them wait for their readers.
class StressFigures {
 public:
  explicit StressFigures(bobbin::Clock& clock) : clock_(clock), since_(clock.now()) {}

  void open() { ++open_; }
  void close() { --open_; }
  void pause() {
    note();
    ++paused_;
  }
  void resume() {
    note();
    --paused_;
  }

  std::uint32_t opened() const { return open_; }
  std::uint32_t paused() const { return paused_; }

  // How long they were paused so far, all together.
  bobbin::Duration paused_for() {
    note();
    return paused_for_;
  }

 private:
  void note() {
    const bobbin::Instant now = clock_.look();
    paused_for_ += (now - since_) * paused_;
    since_ = now;
  }

  bobbin::Clock& clock_;
  bobbin::Instant since_;
  bobbin::Duration paused_for_{};
  std::uint32_t open_ = 0;
  std::uint32_t paused_ = 0;
};

// Everything the page draws, as JSON: what stays as it is ("about"), and what changes ("sample").
// Counts are since the start; the page makes rates of them by the time that each sample has.
class Figures {
 public:
  // `platform` is the name of the board, or of the system.
  Figures(bobbin::Reactor& reactor, std::string_view platform, bool firmware)
      : reactor_(reactor), platform_(platform), firmware_(firmware), stress_(reactor) {}

  // Errors: no_capacity.
  bobbin::Error add(const PoolFigures& pool) {
    if (pools_ == pool_places_.size()) return bobbin::Errc::no_capacity;
    pool_places_[pools_++] = pool;
    return {};
  }

  // Where a sleep ends more often than the reactor has a turn for it.
  void count_wakeups(bobbin::InplaceFunction<std::uint32_t(), 8> wakeups) { wakeups_ = wakeups; }

  StressFigures& stress() { return stress_; }

  void write_about(bobbin::JsonWriter& json) const;
  // `streams`: of events; `missed`: events that one of them had no room for.
  void write_sample(bobbin::JsonWriter& json, std::size_t streams, std::uint32_t missed);

 private:
  void write_pools(bobbin::JsonWriter& json);
  std::span<const PoolFigures> pools() const { return {pool_places_.data(), pools_}; }

  bobbin::Reactor& reactor_;
  std::string_view platform_;
  bool firmware_;
  bobbin::InplaceFunction<std::uint32_t(), 8> wakeups_;
  std::array<PoolFigures, 16> pool_places_{};
  std::size_t pools_ = 0;
  StressFigures stress_;
};
