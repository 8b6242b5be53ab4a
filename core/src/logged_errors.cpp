// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/logged_errors.hpp>

#include <algorithm>
#include <utility>

namespace bobbin {

std::size_t FailureObserver::flush() {
  lost_ = 0;
  return std::exchange(count_, 0);
}

std::size_t FailureObserver::flush(Errc code) {
  const auto listed = places_.first(count_);
  const auto left = std::remove_if(listed.begin(), listed.end(),
                                   [code](const LoggedError& each) { return each.error == code; });
  const auto flushed = static_cast<std::size_t>(listed.end() - left);
  count_ -= flushed;
  return flushed;
}

Error FailureObserver::observe(const LogEvent& event) {
  if (!event.failure) return {};
  if (count_ == places_.size()) {
    ++lost_;
    return Errc::no_capacity;
  }
  places_[count_++] = {
      .error = event.failure, .log_namespace = event.log_namespace, .format = event.format};
  return {};
}

}  // namespace bobbin
