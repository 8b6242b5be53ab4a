// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "deferred.hpp"

namespace bobbin::test {
namespace {

bool is_telling = false;

}  // namespace

void tells_unhandled(bool tells) { is_telling = tells; }

static void heard(const Failure& failure) {
  if (!is_telling) return unhandled().push_back(failure);
  say("unhandled " + std::string(describe(failure)) + " " + std::to_string(failure.error().native));
}

std::vector<Failure>& unhandled() {
  static std::vector<Failure> failures;
  return failures;
}

std::vector<std::string>& lines() {
  static std::vector<std::string> said;
  return said;
}

std::string_view describe(Oops oops) {
  switch (oops) {
    case Oops::oops: return "oops";
    case Oops::value_error: return "value error";
    case Oops::type_error: return "type error";
    case Oops::zero_division: return "division by zero";
  }
  return "?";
}

}  // namespace bobbin::test

extern "C" void bobbin_unhandled_failure(const bobbin::Failure& failure) {
  bobbin::test::heard(failure);
}
