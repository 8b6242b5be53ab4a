// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "deferred.hpp"

namespace bobbin::test {

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
