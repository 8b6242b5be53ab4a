// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <cstdlib>
#include <ctime>
#include <string>

#include <bobbin/posix/application.hpp>

#include "posix_support.hpp"
#include "system_calls.hpp"

namespace bobbin::test {
namespace {

// What goes to standard error meanwhile.
template <class F>
std::string told(F function) {
  testing::internal::CaptureStderr();
  function();
  return testing::internal::GetCapturedStderr();
}

TEST(ApplicationLog, tells_the_time_of_day_however_long_the_program_took_to_begin) {
  constexpr long took_s = 3600;
  TestedReactor<> reactor;
  Application application(reactor, {.name = "test", .version = "1", .summary = "a test"});
  char name[] = "test";
  char format[] = "--log-format=json";
  char* words[] = {name, format};
  system_calls::seconds_slept = took_s;
  EXPECT_FALSE(application.parse(2, words));
  const std::string line = told([&] { application.log().info("now"); });
  system_calls::seconds_slept = 0;
  const std::string key = "\"log_time\":";
  const std::size_t place = line.find(key);
  ASSERT_NE(place, std::string::npos) << line;
  const double time = std::strtod(line.c_str() + place + key.size(), nullptr);
  EXPECT_NEAR(time, static_cast<double>(std::time(nullptr)), took_s / 2.0);
}

}  // namespace
}  // namespace bobbin::test
