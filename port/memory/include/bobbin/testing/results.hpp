// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>

#include <gtest/gtest.h>

#include <bobbin/deferred.hpp>
#include <bobbin/error.hpp>
#include <bobbin/failure.hpp>

namespace bobbin {

// Twisted's successResultOf, failureResultOf and assertNoResult: they look at what a Deferred has
// come to now and wait for nothing. A test that expects something else fails at the line of the
// call, and goes on.

// Where a test asked: the default of a parameter.
struct TestPlace {
  const char* file;
  int line;

  static TestPlace here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {file, line};
  }
};

// What it has come to; nothing if it has no result. It is taken out: a failure counts as handled,
// and no value is left.
template <class T>
std::optional<Outcome<T>> take_result(Chain<T> chain) {
  std::optional<Outcome<T>> taken;
  if (!chain || !chain.core()->has_result()) return taken;
  chain.add_both([&taken](Outcome<T> outcome) { taken.emplace(outcome); });
  return taken;
}
template <class T>
std::optional<Outcome<T>> take_result(Deferred<T>& deferred) {
  return take_result(deferred.chain());
}

// A Deferred, or the end of its chain, or a reference to one.
template <class D>
concept ResultLater = requires(std::remove_cvref_t<D>& deferred) {
  typename std::remove_cvref_t<D>::Value;
  take_result(deferred);
};

// Of what has no result yet, and is left as it is: EXPECT_TRUE(no_result(deferred)).
inline ::testing::AssertionResult no_result(const DeferredCore& deferred) {
  if (!deferred.has_result()) return ::testing::AssertionSuccess();
  const bool failed = deferred.state() == DeferredCore::State::failed;
  return ::testing::AssertionFailure() << "it has " << (failed ? "a failure" : "a value");
}

namespace detail {

// What stands for a value that a test did not get. Values are plain, but need not have a default.
template <class T>
T zeroes() {
  if constexpr (!std::is_void_v<T>) return std::bit_cast<T>(std::array<std::byte, sizeof(T)>{});
}

inline void fail_test(TestPlace place, std::string_view what) {
  ADD_FAILURE_AT(place.file, place.line) << what;
}

inline void fail_test(TestPlace place, Error error) {
  ADD_FAILURE_AT(place.file, place.line) << "an error, not a value: " << describe(error);
}

inline void fail_test(TestPlace place, const Failure& failure) {
  const Origin origin = failure.origin();
  ADD_FAILURE_AT(place.file, place.line) << "a failure, not a value: " << describe(failure)
                                         << ", from " << origin.place() << ":" << origin.line;
}

}  // namespace detail

// The value it has, which is taken out. Without one the test fails, and this is all zeroes.
template <ResultLater D>
auto success_result_of(D&& deferred, TestPlace place = TestPlace::here()) {
  using T = typename std::remove_cvref_t<D>::Value;
  const auto taken = take_result(deferred);
  if (!taken) {
    detail::fail_test(place, "no result");
  } else if (!*taken) {
    detail::fail_test(place, taken->failure());
  } else if constexpr (!std::is_void_v<T>) {
    return taken->value();
  } else {
    return;
  }
  return detail::zeroes<T>();
}

// The failure it has, which counts as handled. Without one the test fails.
template <ResultLater D>
Failure failure_result_of(D&& deferred, TestPlace place = TestPlace::here()) {
  const auto taken = take_result(deferred);
  if (taken && !*taken) return taken->failure();
  detail::fail_test(place, taken ? "a value, not a failure" : "no result");
  return Failure(Errc::application_error, Origin());
}

// The same of what a task has come to.
template <class T>
T success_result_of(const Result<T>& result, TestPlace place = TestPlace::here()) {
  if (result) return *result;
  detail::fail_test(place, result.error());
  return detail::zeroes<T>();
}
template <class T>
T success_result_of(const Outcome<T>& outcome, TestPlace place = TestPlace::here()) {
  if (!outcome) {
    detail::fail_test(place, outcome.failure());
  } else if constexpr (!std::is_void_v<T>) {
    return *outcome;
  }
  return detail::zeroes<T>();
}
template <class T>
Failure failure_result_of(const Outcome<T>& outcome, TestPlace place = TestPlace::here()) {
  if (!outcome) return outcome.failure();
  detail::fail_test(place, "a value, not a failure");
  return Failure(Errc::application_error, Origin());
}

}  // namespace bobbin
