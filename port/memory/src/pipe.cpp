// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/memory/pipe.hpp>

#include <algorithm>
#include <cstring>

#include <bobbin/assert.hpp>

namespace bobbin::memory {

void Pipe::use_memory(MutableBytes window, std::span<Segment> segments) {
  window_ = window;
  segments_ = segments;
}

void Pipe::clear() {
  segment_first_ = segment_count_ = 0;
  begin_ = read_ = arrived_ = size_ = 0;
  last_arrival_ = {};
  last_kind_ = Segment::Kind::data;
}

void Pipe::send(Bytes bytes, Instant arrival) {
  BOBBIN_ASSERT(bytes.size() <= room());
  if (ended()) return;
  for (const std::byte byte : bytes) window_[wrap(begin_ + size_++)] = byte;
  const auto length = static_cast<std::uint32_t>(bytes.size());
  push({.arrival = arrival, .bytes = length, .kind = Segment::Kind::data});
}

void Pipe::send(Segment::Kind mark, Instant arrival) {
  if (mark <= last_kind_) return;
  push({.arrival = arrival, .bytes = 0, .kind = mark});
}

void Pipe::push(const Segment& segment) {
  BOBBIN_ASSERT(segment_count_ < segments_.size());
  last_arrival_ = segment.arrival;
  last_kind_ = segment.kind;
  segments_[(segment_first_ + segment_count_++) % segments_.size()] = segment;
}

Pipe::Segment Pipe::arrive() {
  BOBBIN_ASSERT(has_segment());
  const Segment segment = segments_[segment_first_];
  segment_first_ = (segment_first_ + 1) % segments_.size();
  --segment_count_;
  arrived_ += segment.bytes;
  return segment;
}

Bytes Pipe::first() const {
  const std::size_t start = wrap(begin_ + read_);
  return window_.subspan(start, std::min(readable(), window_.size() - start));
}

std::size_t Pipe::read(MutableBytes space) {
  std::size_t count = 0;
  while (count < space.size() && readable() > 0) {
    const Bytes piece = first();
    const std::size_t length = std::min(piece.size(), space.size() - count);
    std::memcpy(space.data() + count, piece.data(), length);
    read_ += length;
    count += length;
  }
  return count;
}

void Pipe::used(std::size_t count) {
  BOBBIN_ASSERT(count <= arrived_);
  begin_ = wrap(begin_ + count);
  read_ -= std::min(read_, count);
  arrived_ -= count;
  size_ -= count;
}

bool Pipe::sound() const {
  std::size_t on_the_way = 0;
  Instant before{};
  for (std::size_t i = 0; i < segment_count_; ++i) {
    const Segment& segment = segments_[(segment_first_ + i) % segments_.size()];
    if (segment.arrival < before) return false;
    before = segment.arrival;
    on_the_way += segment.bytes;
  }
  return read_ <= arrived_ && arrived_ + on_the_way == size_ && size_ <= window_.size();
}

}  // namespace bobbin::memory
