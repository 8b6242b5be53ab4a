// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <bobbin/deferred.hpp>

namespace bobbin::test {

// The failures that nobody handled, as `bobbin_unhandled_failure` heard of them.
std::vector<Failure>& unhandled();

// From now on such a failure is not kept but said, "unhandled" and its code and number.
void tells_unhandled(bool tells);

// What the functions of a test have said, in order: one place, so that they need not capture it.
std::vector<std::string>& lines();
inline void say(std::string line) { lines().push_back(std::move(line)); }
inline void say(int number) { say(std::to_string(number)); }

// Errors of a program's own.
enum class Oops { oops = 1, value_error, type_error, zero_division };
std::string_view describe(Oops oops);

// What a Deferred has come to, now; nothing if it has no result. It is taken out: a failure counts
// as handled, and no value is left.
template <class T>
std::optional<Outcome<T>> take_result(Chain<T> chain) {
  std::optional<Outcome<T>> taken;
  if (!chain.core()->has_result()) return taken;
  chain.add_both([&taken](Outcome<T> outcome) { taken.emplace(outcome); });
  return taken;
}
template <class T>
std::optional<Outcome<T>> take_result(Deferred<T>& deferred) {
  return take_result(deferred.chain());
}

// Of what has no result yet, and is left as it is.
inline bool no_result(const DeferredCore& deferred) { return !deferred.has_result(); }

// The value it has; a test fails if there is none, or a failure.
template <class D>
auto success_result_of(D& deferred) {
  const auto taken = take_result(deferred);
  if (!taken) throw std::runtime_error("no result");
  if (!*taken) throw std::runtime_error(std::string(describe(taken->failure())));
  if constexpr (!std::is_void_v<typename D::Value>) return taken->value();
}

template <class D>
Failure failure_result_of(D& deferred) {
  const auto taken = take_result(deferred);
  if (!taken) throw std::runtime_error("no result");
  if (*taken) throw std::runtime_error("a value, not a failure");
  return taken->failure();
}

// Collects what the functions of a test say, and fails it if it leaves a failure unhandled.
class DeferredTest : public testing::Test {
 protected:
  DeferredTest() {
    unhandled().clear();
    lines().clear();
  }
  void TearDown() override {
    for (const Failure& failure : unhandled()) {
      ADD_FAILURE() << "unhandled: " << describe(failure) << ", line " << failure.origin().line;
    }
  }

  // What was said since it was last asked.
  static std::vector<std::string> said() { return std::exchange(lines(), {}); }

  // The failures not handled since it was last asked, in words.
  std::vector<std::string> unhandled_errors() {
    std::vector<std::string> words;
    for (const Failure& failure : std::exchange(unhandled(), {})) {
      words.emplace_back(describe(failure));
    }
    return words;
  }
};

using Lines = std::vector<std::string>;

}  // namespace bobbin::test
