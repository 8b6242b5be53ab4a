// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <bobbin/callback.hpp>
#include <bobbin/failure.hpp>

namespace bobbin {

// Keeps the failures that nobody handled while it exists, for tests. It hears those of its own
// thread, in place of the one made before it there, which hears again when this one has gone. What
// nobody hears is written to standard error.
//
// The kit defines `bobbin_unhandled_failure` for this. A program that uses it defines none of its
// own: keep the product's with the product's `main`.
class UnhandledFailures {
 public:
  UnhandledFailures();
  UnhandledFailures(const UnhandledFailures&) = delete;
  UnhandledFailures& operator=(const UnhandledFailures&) = delete;
  ~UnhandledFailures();

  // Those not flushed, oldest first, as far as there was a place for them.
  std::span<const Failure> all() const;
  std::uint32_t lost() const { return lost_; }
  bool empty() const { return count_ == 0 && lost_ == 0; }

  // Forgets all, or those of this code or kind, and returns how many they were. Those without a
  // place are forgotten with all only.
  std::size_t flush();
  template <class Code>
  std::size_t flush(Code code) {
    return flush_if([code](const Failure& failure) { return failure == code; });
  }

  // If set, it hears each failure at once, and none is kept. As in `bobbin_unhandled_failure`,
  // Deferreds are to be left alone there.
  InplaceFunction<void(const Failure&)> observer;

  void hear(const Failure& failure);

  static constexpr std::size_t capacity = 16;

 private:
  std::size_t flush_if(InplaceFunction<bool(const Failure&)> matches);
  Failure* places() { return reinterpret_cast<Failure*>(places_); }

  alignas(Failure) std::byte places_[capacity * sizeof(Failure)];
  std::size_t count_ = 0;
  std::uint32_t lost_ = 0;
  UnhandledFailures* before_;
};

}  // namespace bobbin
