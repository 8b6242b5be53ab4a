// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// How much work the worst event can be: counted, as time is not to be had in a test.
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <bobbin/log.hpp>

#include "../support/guarded.hpp"

namespace bobbin {
namespace {

constexpr std::size_t line_size = 128;
// A character is looked at as a whole.
constexpr std::size_t look_ahead = 3;

// As much of a text as may be looked at for one line; it claims to be far longer, and who looks
// farther ends the program.
class EndlessText {
 public:
  explicit EndlessText(std::string_view piece) : readable_(repeated(piece)) {}

  std::string_view text() const { return {text_of(readable_.bytes()).data(), claimed}; }
  Bytes bytes() const { return {readable_.bytes().data(), claimed}; }

 private:
  static constexpr std::size_t claimed = std::size_t{1} << 30;

  static std::string repeated(std::string_view piece) {
    std::string text;
    while (text.size() < line_size + look_ahead) text += piece;
    return text;
  }

  test::Guarded readable_;
};

template <class Log>
struct BoundedLine : testing::Test {
  // Event by event, how long the line was.
  std::size_t size = 0;
  std::size_t lines = 0;
  ManualClock<> clock;
  LogPublisher publisher{clock};
  Log log{[this](std::string_view line) {
    ++lines;
    size = line.size();
    return line.size();
  }};
  BoundedLine() { publisher.add(log); }
};

using Logs = testing::Types<TextLog<line_size>, JsonLog<line_size>>;
TYPED_TEST_SUITE(BoundedLine, Logs);

// Plain, escaped, of several bytes, and none at all.
constexpr std::string_view pieces[] = {
    "x", "\x01", "\n", "\"", "\xc3\xa9", "\xf0\x9f\x90\x8d", "\xff", "\xf0\x9f"};

TYPED_TEST(BoundedLine, looks_at_no_more_of_a_text_than_the_line_has_room_for) {
  for (const std::string_view piece : pieces) {
    const EndlessText endless(piece);
    Logger(this->publisher, "test").info("{text}", endless.text());
    EXPECT_LE(this->size, line_size);
    EXPECT_GT(this->size, 0U);
    Logger(this->publisher, "test").info("{bytes}", endless.bytes());
    EXPECT_LE(this->size, line_size);
  }
  EXPECT_EQ(this->lines, 2 * std::size(pieces)) << "one call of the sink for each";
}

TYPED_TEST(BoundedLine, looks_at_no_more_of_as_many_values_as_there_may_be) {
  const EndlessText endless("x");
  const std::string_view text = endless.text();
  Logger(this->publisher, text)
      .error("{a}{b}{c}{d}{e}{f}{g}{h}", text, text, text, text, text, text, text, text);
  EXPECT_LE(this->size, line_size);
  EXPECT_EQ(this->lines, 1U);
}

// Logs once for each event that it hears, which is as much as an observer can do to others.
class Echoing final : public LogObserver {
 public:
  Echoing() = default;
  Logger logger;
  std::size_t calls = 0;
  inline static std::size_t depth = 0;
  inline static std::size_t deepest = 0;

 private:
  Error observe(const LogEvent&) override {
    ++calls;
    if (++depth > deepest) deepest = depth;
    logger.info("heard");
    --depth;
    return {};
  }
};

// Each of n hears the event, and for each of those the others hear another one.
constexpr std::size_t calls_of(std::size_t n) { return n == 0 ? 0 : n * (1 + calls_of(n - 1)); }

TEST(BoundedObservers, call_each_other_no_deeper_than_there_are_observers) {
  for (std::size_t count = 1; count <= 5; ++count) {
    ManualClock<> clock;
    LogPublisher publisher(clock);
    std::array<Echoing, 5> observers;
    for (std::size_t i = 0; i < count; ++i) {
      observers[i].logger = Logger(publisher, "echo");
      publisher.add(observers[i]);
    }
    Echoing::deepest = 0;
    Logger(publisher, "test").info("one event");
    std::size_t calls = 0;
    for (const Echoing& each : observers) calls += each.calls;
    EXPECT_EQ(Echoing::deepest, count);
    EXPECT_EQ(calls, calls_of(count));
  }
}

// Observers that fail each time: they are reported once, to those that are sound.
class Failing final : public LogObserver {
 public:
  std::size_t calls = 0;

 private:
  Error observe(const LogEvent&) override {
    ++calls;
    return Errc::would_block;
  }
};

TEST(BoundedObservers, that_fail_cost_one_report_each) {
  constexpr std::size_t events = 100;
  ManualClock<> clock;
  LogPublisher publisher(clock);
  std::array<Failing, 4> observers;
  for (Failing& each : observers) publisher.add(each);
  for (std::size_t i = 0; i < events; ++i) Logger(publisher, "test").info("one event");
  for (const Failing& each : observers) {
    EXPECT_LE(each.calls, events + observers.size());
    EXPECT_GE(each.calls, events);
  }
}

TEST(BoundedObservers, have_a_value_that_is_work_made_once) {
  ManualClock<> clock;
  LogPublisher publisher(clock);
  std::array<Failing, 4> observers;
  for (Failing& each : observers) publisher.add(each);
  int made = 0;
  Logger(publisher, "test").info("{value}", [&made] { return ++made; });
  EXPECT_EQ(made, 1);
}

}  // namespace
}  // namespace bobbin
