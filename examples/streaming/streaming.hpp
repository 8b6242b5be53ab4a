// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <array>

#include <bobbin/bobbin.hpp>

// Hears what the stream does.
class StreamLog {
 public:
  virtual void writing(std::size_t bytes) = 0;
  virtual void pausing() = 0;
  virtual void resuming() = 0;

 protected:
  ~StreamLog() = default;
};

// A push producer that writes every millisecond, and each time twice as much as the time before,
// until the consumer pauses it. Then it waits to be resumed and starts again from one byte.
template <bobbin::Consumer C>
class StreamingProducer final : public bobbin::PushProducer {
 public:
  StreamingProducer(bobbin::Clock& clock, C& consumer, StreamLog& log)
      : consumer_(consumer), log_(log), ticks_(clock, [this] { tick(); }) {}

  [[nodiscard]] bobbin::Error start() {
    count_ = 1;
    return ticks_.start(std::chrono::milliseconds(1));
  }

  void resume_producing() override {
    if (ticks_.running()) return;
    log_.resuming();
    // The timer it had is free again, or nobody else could have paused it.
    if (start()) consumer_.unregister_producer();
  }

  void pause_producing() override {
    log_.pausing();
    ticks_.stop();
  }

  void stop_producing() override { ticks_.stop(); }

  bool producing() const { return ticks_.running(); }

 private:
  void tick() {
    log_.writing(count_);
    std::array<std::byte, 256> stars;
    stars.fill(std::byte{'*'});
    std::size_t left = count_;
    count_ = std::min(count_ * 2, count_max);
    while (left > 0) {
      const std::size_t taken =
          consumer_.write(bobbin::Bytes(stars).first(std::min(left, stars.size())));
      if (taken == 0) return;
      left -= taken;
    }
  }

  static constexpr std::size_t count_max = 1 << 20;

  C& consumer_;
  StreamLog& log_;
  bobbin::LoopingCall ticks_;
  std::size_t count_ = 1;
};
