// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <bobbin/testing.hpp>

#include "support/amp_calculator.hpp"

// What the tests of AMP's peers share.
namespace bobbin::test {

inline constexpr amp::PeerLimits limits{.box = 256, .answer = 300, .questions = 3, .answers = 2};

// Both ends of the tests: asks and answers.
class Calculator final : public CalculatorBase<Calculator, limits> {
 public:
  explicit Calculator(Clock& clock) : clock_(clock) {}

  void wait(const Wait::Arguments& arguments, Deferred<amp::Nothing>& answer) {
    ++waits;
    Deferred<amp::Nothing>* const later = &answer;
    if (arguments.seconds == 0) return (void)answer.callback({});
    if (arguments.seconds == 99) return (void)answer.errback(Failure(Errc::no_capacity));
    if (arguments.seconds == 100) return answer.on_cancel([this] { ++cancelled; });
    const auto call = clock_.call_later(std::chrono::seconds(arguments.seconds),
                                        [later] { later->callback({}); });
    ASSERT_TRUE(call);
  }

  static constexpr amp::Responder responders[] = {
      amp::responder<Sum, &Calculator::sum>, amp::responder<Divide, &Calculator::divide>,
      amp::responder<Wait, &Calculator::wait>, amp::responder<Everything, &Calculator::everything>,
      amp::responder<Records, &Calculator::records>};

  void error_received(std::string_view code, std::string_view description) override {
    words = std::string(code) + ": " + std::string(description);
    if (on_error) (void)on_error();
  }
  void peer_lost(const Failure& reason) override { lost.emplace(reason); }

  int waits = 0;
  int cancelled = 0;
  std::string words;
  std::optional<Failure> lost;
  Callback on_error;

 private:
  Clock& clock_;
};

inline constexpr ConnectionSizes sizes{.connections = 1, .receive = 256, .send = 1400};

inline std::string box(std::initializer_list<std::string_view> strings) {
  std::string made;
  for (const std::string_view string : strings) {
    made += static_cast<char>(string.size() >> 8);
    made += static_cast<char>(string.size() & 0xff);
    made += string;
  }
  return made + std::string(2, '\0');
}

// One peer, and the bytes of the other.
struct AmpPeer : TestCase<> {
  void SetUp() override { ASSERT_FALSE(transport.make_connection(peer)); }

  std::string answer_to(const std::string& question) {
    transport.clear();
    transport.receive(question);
    return std::string(transport.value());
  }

  Calculator peer{reactor};
  StringTransport<sizes> transport{reactor};
};

}  // namespace bobbin::test
