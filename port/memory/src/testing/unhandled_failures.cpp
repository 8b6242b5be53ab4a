// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/testing/unhandled_failures.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string_view>
#include <utility>

#include <bobbin/assert.hpp>

namespace bobbin {

namespace {

// The hook has no other way to its test.
thread_local UnhandledFailures* listening = nullptr;

void print(const Failure& failure) {
  const std::string_view what = describe(failure);
  const Origin origin = failure.origin();
  const std::string_view place = origin.place();
  std::fprintf(stderr, "bobbin: nobody handled a failure: %.*s, from %.*s:%u\n",
               static_cast<int>(what.size()), what.data(), static_cast<int>(place.size()),
               place.data(), unsigned{origin.line});
}

}  // namespace

UnhandledFailures::UnhandledFailures() : before_(std::exchange(listening, this)) {}

UnhandledFailures::~UnhandledFailures() {
  BOBBIN_ASSERT(listening == this);
  listening = before_;
}

std::span<const Failure> UnhandledFailures::all() const {
  return {reinterpret_cast<const Failure*>(places_), count_};
}

std::size_t UnhandledFailures::flush() {
  return std::exchange(count_, 0) + std::exchange(lost_, 0);
}

std::size_t UnhandledFailures::flush_if(InplaceFunction<bool(const Failure&)> matches) {
  Failure* const end = places() + count_;
  Failure* const left = std::remove_if(places(), end, matches);
  count_ = static_cast<std::size_t>(left - places());
  return static_cast<std::size_t>(end - left);
}

void UnhandledFailures::hear(const Failure& failure) {
  if (observer) return observer(failure);
  if (count_ == capacity) {
    ++lost_;
    return;
  }
  std::construct_at(places() + count_++, failure);
}

}  // namespace bobbin

// In the file with the class, so that a program that uses the class gets this one and not core's.
extern "C" void bobbin_unhandled_failure(const bobbin::Failure& failure) {
  using namespace bobbin;
  if (listening == nullptr) return print(failure);
  listening->hear(failure);
}
