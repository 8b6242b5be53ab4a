// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <bobbin/log_observer.hpp>

namespace bobbin {

// Keeps the failures that were logged, for tests: Twisted's flushLoggedErrors. A test flushes those
// that it expects, and fails if any are left at its end.
class FailureObserver : public LogObserver {
 public:
  struct LoggedError {
    Error error;
    std::string_view log_namespace;
    std::string_view format;
  };

  explicit FailureObserver(std::span<LoggedError> places) : places_(places) {}

  // Those not flushed, in the order in which they were logged.
  std::span<const LoggedError> failures_logged() const { return places_.first(count_); }

  // All there were, those without a place included.
  bool empty() const { return count_ == 0 && lost_ == 0; }
  std::uint32_t lost() const { return lost_; }

  // Forgets all, or those with this error, and returns how many they were. Those without a place
  // are forgotten with all only.
  std::size_t flush();
  std::size_t flush(Errc code);

 private:
  Error observe(const LogEvent& event) override;

  std::span<LoggedError> places_;
  std::size_t count_ = 0;
  std::uint32_t lost_ = 0;
};

template <std::size_t capacity>
struct FailurePlaces {
  static_assert(capacity > 0, "bobbin: LoggedErrors has room for at least one");

  std::array<FailureObserver::LoggedError, capacity> places;
};

template <std::size_t capacity = 16>
class LoggedErrors : private FailurePlaces<capacity>, public FailureObserver {
 public:
  LoggedErrors() : FailureObserver(FailurePlaces<capacity>::places) {}
};

}  // namespace bobbin
