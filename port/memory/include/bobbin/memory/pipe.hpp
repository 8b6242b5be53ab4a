// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <bobbin/bytes.hpp>
#include <bobbin/time.hpp>

namespace bobbin::memory {

// One direction of a simulated connection: bytes on the way, and bytes that have arrived and not
// been used. Together they never exceed the window.
class Pipe {
 public:
  struct Segment {
    enum class Kind : std::uint8_t { data, end, reset };
    Instant arrival{};
    std::uint32_t bytes = 0;
    Kind kind = Kind::data;
  };

  void use_memory(MutableBytes window, std::span<Segment> segments);
  void clear();

  std::size_t room() const { return window_.size() - size_; }
  bool has_segment() const { return segment_count_ > 0; }
  // Whether there is a place for data, in two pieces if need be: two more are kept, for the end and
  // for a reset.
  bool may_send() const { return segment_count_ + 3 < segments_.size(); }
  Instant next_arrival() const { return has_segment() ? segments_[segment_first_].arrival : never; }
  Instant last_arrival() const { return last_arrival_; }

  // Sends for `length`, once what was sent before has left; returns when that is over.
  Instant occupy(Instant now, Duration length) {
    return busy_until_ = after(std::max(busy_until_, now), length);
  }

  // Whether its end, or a reset, was sent: what follows is dropped.
  bool ended() const { return last_kind_ != Segment::Kind::data; }
  bool reset() const { return last_kind_ == Segment::Kind::reset; }

  // Takes all of `bytes`, for which there is room, as one segment.
  void send(Bytes bytes, Instant arrival);
  // The end, or a reset, once each; nothing follows a reset.
  void send(Segment::Kind mark, Instant arrival);
  Segment arrive();

  // Arrived and neither read nor used.
  std::size_t readable() const { return arrived_ - read_; }
  Bytes first() const;                   // the first contiguous piece of it
  std::size_t read(MutableBytes space);  // copies, without making room
  void used(std::size_t count);          // makes room; what was read comes first

  // Whether its own accounts agree.
  bool sound() const;

 private:
  std::size_t wrap(std::size_t position) const {
    return position >= window_.size() ? position - window_.size() : position;
  }
  void push(const Segment& segment);

  MutableBytes window_;
  std::span<Segment> segments_;
  std::size_t segment_first_ = 0;
  std::size_t segment_count_ = 0;
  Instant last_arrival_{};
  Instant busy_until_{};
  Segment::Kind last_kind_ = Segment::Kind::data;
  std::size_t begin_ = 0;    // the oldest unused byte
  std::size_t read_ = 0;     // from there: read, not used
  std::size_t arrived_ = 0;  // from there: arrived
  std::size_t size_ = 0;     // from there: arrived or on the way
};

}  // namespace bobbin::memory
