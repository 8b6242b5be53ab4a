// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include "amp_commands.hpp"

namespace bobbin::test {

// What both ends of the tests of AMP answer at once. The rest of the table, and the table, are
// Self's.
template <class Self, amp::PeerLimits limits>
class CalculatorBase : public amp::Peer<Self, limits> {
 public:
  Outcome<Sum::Response> sum(const Sum::Arguments& arguments) {
    ++sums;
    return Sum::Response{.total = arguments.a + arguments.b};
  }

  // By less than nothing is a trouble that the command does not know.
  Outcome<Divide::Response> divide(const Divide::Arguments& arguments) {
    if (arguments.denominator == 0) return Failure(Mistake::zero_division);
    if (arguments.denominator < 0) return Failure(Errc::unreachable);
    return Divide::Response{.result = 1.0 * arguments.numerator / arguments.denominator};
  }

  void everything(const Everything::Arguments& arguments,
                  Deferred<const Everything::Response*>& answer) {
    const Everything::Response response = held(arguments);
    answer.callback(&response);
  }

  Outcome<Records::Response> records(const Records::Arguments& arguments) {
    return held(arguments);
  }

  int sums = 0;
};

}  // namespace bobbin::test
