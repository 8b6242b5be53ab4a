// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <bobbin/deferred.hpp>
#include <bobbin/testing/left_behind.hpp>
#include <bobbin/testing/results.hpp>
#include <bobbin/testing/unhandled_failures.hpp>

namespace bobbin::test {

using bobbin::failure_result_of;
using bobbin::no_result;
using bobbin::success_result_of;
using bobbin::take_result;

// What the functions of a test have said, in order: one place, so that they need not capture it.
std::vector<std::string>& lines();
inline void say(std::string line) { lines().push_back(std::move(line)); }
inline void say(int number) { say(std::to_string(number)); }

// Errors of a program's own.
enum class Oops { oops = 1, value_error, type_error, zero_division };
std::string_view describe(Oops oops);

// Collects what the functions of a test say, and fails it if it leaves a failure unhandled.
class DeferredTest : public testing::Test {
 protected:
  DeferredTest() { lines().clear(); }
  void TearDown() override {
    LeftBehind left;
    left.note(unhandled);
    if (!left.empty()) ADD_FAILURE() << left.text();
  }

  // What was said since it was last asked.
  static std::vector<std::string> said() { return std::exchange(lines(), {}); }

  // The failures not handled since it was last asked, in words.
  std::vector<std::string> unhandled_errors() {
    std::vector<std::string> words;
    for (const Failure& failure : unhandled.all()) words.emplace_back(describe(failure));
    unhandled.flush();
    return words;
  }

  // From now on such a failure is not kept but said, "unhandled" and its code and number.
  void tells_unhandled() {
    unhandled.observer = [](const Failure& failure) {
      say("unhandled " + std::string(describe(failure)) + " " +
          std::to_string(failure.error().native));
    };
  }

  UnhandledFailures unhandled;
};

using Lines = std::vector<std::string>;

}  // namespace bobbin::test
