// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include <bobbin/log.hpp>

namespace bobbin::test {

// Writes down what it hears, as lines of text without their ends, and then does what it is told.
class Recorder final : public LogObserver {
 public:
  Recorder() = default;
  explicit Recorder(std::function<Error(const LogEvent&)> then_in) : then(std::move(then_in)) {}

  std::vector<std::string> heard;
  std::function<Error(const LogEvent&)> then;

 private:
  Error observe(const LogEvent& event) override {
    std::array<char, 200> space{};
    const std::string_view line = render_text(event, space, {});
    heard.emplace_back(line.substr(0, line.size() - 1));
    return then ? then(event) : Error();
  }
};

}  // namespace bobbin::test
