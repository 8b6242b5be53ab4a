// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>

#include <bobbin/assert.hpp>
#include <bobbin/bytes.hpp>

namespace bobbin {

// Received bytes that have not been used, always contiguous: what a protocol is offered. New bytes
// are added behind, used ones leave in front; bytes are moved only when room is short behind and
// at least half of the buffer lies free in front, or when nothing else makes room.
class ReceiveBuffer {
 public:
  // `storage` is the caller's and outlives the buffer.
  explicit ReceiveBuffer(MutableBytes storage)
      : data_(storage.data()), capacity_(static_cast<std::uint32_t>(storage.size())) {}

  std::size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == capacity_; }
  Bytes bytes() const { return {data_ + begin_, size_}; }

  // The free space behind the bytes; empty only if the buffer is full.
  MutableBytes space() {
    if (begin_ > 0) make_room();
    return {data_ + begin_ + size_, behind()};
  }

  // The first `count` bytes of `space()` have been filled.
  void add(std::size_t count) {
    BOBBIN_ASSERT(count <= behind());
    size_ += static_cast<std::uint32_t>(count);
  }

  // count <= bytes().size()
  void drop(std::size_t count) {
    BOBBIN_ASSERT(count <= size_);
    size_ -= static_cast<std::uint32_t>(count);
    begin_ = size_ == 0 ? 0 : begin_ + static_cast<std::uint32_t>(count);
  }

 private:
  std::uint32_t behind() const { return capacity_ - begin_ - size_; }
  void make_room();

  std::byte* data_;
  std::uint32_t capacity_;
  std::uint32_t begin_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace bobbin
