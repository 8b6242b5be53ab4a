// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <string>

#include <gtest/gtest.h>
#include <bobbin/logged_errors.hpp>

namespace bobbin::test {

// A fixture whose tests fail if failures were logged that they did not flush, as trial's do. A
// fixture derives from it and adds `logged_errors` to its publisher.
class LogFixture : public testing::Test {
 protected:
  void TearDown() override {
    for (const FailureObserver::Failure& each : logged_errors.failures_logged()) {
      ADD_FAILURE() << "logged and not flushed: [" << each.log_namespace << "] " << each.format
                    << ": " << describe(each.error);
    }
    if (logged_errors.lost() > 0) ADD_FAILURE() << "and " << logged_errors.lost() << " more";
    logged_errors.flush();
  }

  LoggedErrors<> logged_errors;
};

}  // namespace bobbin::test
