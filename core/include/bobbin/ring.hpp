// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <bobbin/assert.hpp>
#include <bobbin/bytes.hpp>

namespace bobbin {

// Up to two pieces, in order; the second is empty unless the bytes wrap around the ring's end.
struct TwoSpans {
  Bytes first;
  Bytes second;

  std::size_t size() const { return first.size() + second.size(); }
};

// A byte ring with three cursors, in this order around the ring:
//
//   released ── handed over ── appended
//            held by        still
//            the channel    ours
//
// Bytes are appended by the writer, handed over to whoever carries them, and released when the
// carrier no longer needs them. Only released bytes make room. Bytes never move while they are in
// the ring, so a carrier may keep pointing at them until they are released.
class Ring {
 public:
  // `storage` is the caller's, 1 byte to 2 GiB, and outlives the ring.
  explicit Ring(MutableBytes storage)
      : data_(storage.data()), capacity_(static_cast<std::uint32_t>(storage.size())) {}

  std::size_t capacity() const { return capacity_; }
  std::size_t size() const { return size_; }              // appended and not yet released
  std::size_t unsent() const { return size_ - handed_; }  // appended and not yet handed over
  std::size_t room() const { return capacity_ - size_; }
  bool empty() const { return size_ == 0; }

  // Copies as much of `bytes` as fits while at least `keep_free` bytes stay free, and returns how
  // much that was.
  std::size_t append(Bytes bytes, std::size_t keep_free = 0) {
    if (room() <= keep_free) return 0;
    const std::size_t count = std::min(bytes.size(), room() - keep_free);
    if (count == 0) return 0;
    if (in_one_piece(size_ + count)) {
      std::memcpy(data_ + begin_ + size_, bytes.data(), count);
    } else {
      copy_around(bytes.first(count));
    }
    size_ += static_cast<std::uint32_t>(count);
    return count;
  }

  // The contiguous free piece behind what was appended, at most `room() - keep_free` bytes, empty
  // only if there is no such room. `commit(n)` appends its first n bytes; no other call may lie
  // between.
  MutableBytes reserve(std::size_t keep_free = 0) {
    if (room() <= keep_free) return {};
    const std::uint32_t start = wrap(begin_ + size_);
    const std::size_t to_edge = capacity_ - start;
    return {data_ + start, std::min(to_edge, room() - keep_free)};
  }
  void commit(std::size_t count) {
    BOBBIN_ASSERT(count <= room());
    size_ += static_cast<std::uint32_t>(count);
  }

  TwoSpans unsent_spans() const {
    if (in_one_piece(size_)) return {.first = {data_ + begin_ + handed_, unsent()}, .second = {}};
    const std::uint32_t start = wrap(begin_ + handed_);
    const std::size_t first = std::min<std::size_t>(unsent(), capacity_ - start);
    return {.first = {data_ + start, first}, .second = {data_, unsent() - first}};
  }

  // count <= unsent()
  void hand_over(std::size_t count) {
    BOBBIN_ASSERT(count <= unsent());
    handed_ += static_cast<std::uint32_t>(count);
  }

  // count <= size() - unsent()
  void release(std::size_t count) {
    BOBBIN_ASSERT(count <= handed_);
    // An empty ring starts over at its edge, so that the next writes lie in one piece.
    if (count == size_) return clear();
    begin_ = wrap(begin_ + static_cast<std::uint32_t>(count));
    size_ -= static_cast<std::uint32_t>(count);
    handed_ -= static_cast<std::uint32_t>(count);
  }

  void clear() { begin_ = size_ = handed_ = 0; }

 private:
  // Whether the first `length` bytes from the oldest on do not wrap around the edge.
  bool in_one_piece(std::size_t length) const { return begin_ + length <= capacity_; }

  // Copies what may have to wrap around the edge behind the youngest.
  void copy_around(Bytes bytes);

  std::uint32_t wrap(std::uint32_t position) const {
    return position >= capacity_ ? position - capacity_ : position;
  }

  std::byte* data_;
  std::uint32_t capacity_;
  std::uint32_t begin_ = 0;   // where the oldest byte lies
  std::uint32_t size_ = 0;    // from there: bytes appended
  std::uint32_t handed_ = 0;  // from there: bytes handed over
};

}  // namespace bobbin
