// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/log_lines.hpp>

#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "log_recorder.hpp"
#include "support/seed.hpp"

// What a line looks like, whole and cut. That JSON is JSON is shown by log_json_test.py.

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using test::Random;

struct Rendered : testing::Test {
  template <class... Values>
  std::string text(LogFormat<std::type_identity_t<Values>...> format, const Values&... values) {
    return line(render_text, format.text(), {to_log_value(values)..., LogValue()});
  }
  template <class... Values>
  std::string json(LogFormat<std::type_identity_t<Values>...> format, const Values&... values) {
    return line(render_json, format.text(), {to_log_value(values)..., LogValue()});
  }

  std::string line(LogRenderer render, std::string_view format, std::vector<LogValue> values) {
    values.pop_back();
    event.format = format;
    event.values = values;
    std::vector<char> space(size);
    return std::string(render(event, space, epoch));
  }

  LogEvent event{.level = LogLevel::warn, .time = Instant(1s), .log_namespace = "n"};
  Duration epoch{};
  std::size_t size = 500;
};

TEST_F(Rendered, text_has_each_kind_of_value) {
  EXPECT_EQ(text("{a} {b}", true, false), "1.000000 [n#warn] true false\n");
  EXPECT_EQ(text("{a} {b} {c}", 0, -1, std::uint8_t{200}), "1.000000 [n#warn] 0 -1 200\n");
  EXPECT_EQ(text("{a}", std::numeric_limits<std::int64_t>::min()),
            "1.000000 [n#warn] -9223372036854775808\n");
  EXPECT_EQ(text("{a}", std::numeric_limits<std::uint64_t>::max()),
            "1.000000 [n#warn] 18446744073709551615\n");
  EXPECT_EQ(text("{a} {b} {c}", 1s, 1500ms, -1us), "1.000000 [n#warn] 1s 1.500s -0.000001s\n");
  EXPECT_EQ(text("{a}", forever), "1.000000 [n#warn] 9223372036854.775807s\n");
  EXPECT_EQ(text("{a} {b} {c} {d}", Decimal{2150, 2}, Decimal{-5, 3}, Decimal{0, 1}, Decimal{7, 0}),
            "1.000000 [n#warn] 21.50 -0.005 0.0 7\n");
  EXPECT_EQ(text("{a}{b}", "x", std::string("y")), "1.000000 [n#warn] xy\n");
  EXPECT_EQ(text("{a}", bytes_of("\x01\xff")), "1.000000 [n#warn] 01ff\n");
  EXPECT_EQ(text("{a}", Address::loopback(80)), "1.000000 [n#warn] 127.0.0.1:80\n");
  EXPECT_EQ(text("{a} {b}", Error(Errc::connection_lost, 104), Errc::timed_out),
            "1.000000 [n#warn] connection lost (104) timed out\n");
}

TEST_F(Rendered, text_lays_integers_out) {
  EXPECT_EQ(text("{a:4}|{b:04}|{c:x}|{d:08x}|{e:1}", 42, 42, 255, 0xbeef, 123),
            "1.000000 [n#warn]   42|0042|ff|0000beef|123\n");
  EXPECT_EQ(text("{a:4}|{b:04}|{c:x}", -42, -42, -255), "1.000000 [n#warn]  -42|-042|-ff\n");
  EXPECT_EQ(text("{a:020}", std::numeric_limits<std::int64_t>::min()),
            "1.000000 [n#warn] -9223372036854775808\n");
}

TEST_F(Rendered, text_has_braces_and_leaves_silent_values_out) {
  EXPECT_EQ(text("{{{a}}} {b:-}.", 1, 2), "1.000000 [n#warn] {1} .\n");
}

TEST_F(Rendered, text_has_source_and_failure_and_epoch) {
  event.source = 7;
  event.failure = Error(Errc::unreachable, 3);
  epoch = 1'700'000'000s;
  EXPECT_EQ(text("x"), "1700000001.000000 [n#warn 7] x: destination unreachable (3)\n");
}

// Nothing that was logged can begin a line, or speak to the terminal.
TEST_F(Rendered, text_has_no_controls_and_no_broken_characters) {
  EXPECT_EQ(text("{a}", std::string_view("a\nb\r\t\0\x1b[1m\x7f\\", 12)),
            "1.000000 [n#warn] a\\nb\\r\\t\\x00\\x1b[1m\\x7f\\\\\n");
  EXPECT_EQ(text("{a}", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
            "1.000000 [n#warn] \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\n");
  // Overlong, a surrogate, too large, C1, alone, cut off.
  EXPECT_EQ(text("{a}", "\xc0\x80|\xed\xa0\x80|\xf4\x90\x80\x80|\xc2\x9b|\xff|\xe2\x82"),
            "1.000000 [n#warn] \\xc0\\x80|\\xed\\xa0\\x80|\\xf4\\x90\\x80\\x80|\\xc2\\x9b|\\xff|"
            "\\xe2\\x82\n");
}

TEST_F(Rendered, json_has_fields_by_their_names) {
  event.source = "me";
  EXPECT_EQ(json("{a} {b:08x} {c:-}", "x\"", 255, 1500ms),
            "{\"log_time\":1.000000,\"log_level\":\"warn\",\"log_namespace\":\"n\","
            "\"log_source\":\"me\",\"log_format\":\"{a} {b:08x} {c:-}\",\"a\":\"x\\\"\",\"b\":255,"
            "\"c\":1.500}\n");
  event.failure = Error(Errc::timed_out, 110);
  EXPECT_NE(json("x").find("\"log_failure\":{\"error\":\"timed out\",\"native\":110}}"),
            std::string::npos);
}

// At every size: a line is whole, or it is the beginning of the whole one, as much of it as fits
// and cut between characters, and says so.
TEST_F(Rendered, text_is_cut_as_late_as_it_may_be_at_every_size) {
  const auto render = [this] {
    return text("\xc3\xa9\xe2\x82\xac {a}{b} {c} {d}", "\n\xff\xf0\x9f\x98\x80", 123456,
                bytes_of("abc"), Errc::cancelled);
  };
  const std::string whole = render();
  // The longest piece that is not cut: the sentence of the error.
  constexpr std::size_t longest = 12;
  for (size = text_line_min; size <= whole.size() + 5; ++size) {
    const std::string line = render();
    ASSERT_LE(line.size(), size);
    if (size >= whole.size()) {
      EXPECT_EQ(line, whole);
      continue;
    }
    ASSERT_TRUE(line.ends_with("...\n")) << line;
    const std::string kept = line.substr(0, line.size() - 4);
    EXPECT_TRUE(whole.starts_with(kept));
    EXPECT_NE(static_cast<unsigned char>(whole[kept.size()]) & 0xc0, 0x80);
    EXPECT_GT(line.size() + longest, size);
  }
}

TEST_F(Rendered, text_of_small_pieces_fills_the_line_to_its_last_byte) {
  const std::string value(100, 'x');
  for (size = 30; size < 110; ++size) EXPECT_EQ(text("{a}", value).size(), size);
}

TEST_F(Rendered, text_never_ends_in_half_a_number) {
  for (size = text_line_min; size < 60; ++size) {
    const std::string line = text("{a}", 1234567890123456789);
    if (!line.ends_with("...\n")) continue;
    EXPECT_EQ(line.find("] 1"), std::string::npos) << line;
  }
}

// The fields that are there are the first ones, as they are in the whole line.
TEST_F(Rendered, json_is_cut_between_fields_at_every_size) {
  const auto render = [this] {
    return json("{a} {b} {c}", "some text", 12, Error(Errc::timed_out, 5));
  };
  const std::string whole = render();
  const std::string mark = ",\"log_truncated\":true}\n";
  for (size = json_line_min; size <= whole.size() + 5; ++size) {
    const std::string line = render();
    ASSERT_LE(line.size(), size);
    if (size >= whole.size()) {
      EXPECT_EQ(line, whole);
      continue;
    }
    ASSERT_TRUE(line.ends_with(mark)) << line;
    const std::string kept = line.substr(0, line.size() - mark.size());
    EXPECT_TRUE(whole.starts_with(kept));
    EXPECT_TRUE(whole.substr(kept.size()).starts_with(",\"")) << line;
  }
}

TEST_F(Rendered, lines_take_any_event_made_by_hand) {
  for (const std::uint64_t seed : test::seeds()) {
    SCOPED_TRACE(seed);
    Random random(seed);
    for (int round = 0; round < 2000; ++round) {
      std::string format;
      for (std::size_t i = random.below<std::size_t>(20); i > 0; --i)
        format += "{}:-x09a\n\xff"[random.below(9)];
      std::vector<LogValue> values(random.below<std::size_t>(4), LogValue(Decimal{1, 9}));
      values.emplace_back();
      size = json_line_min + random.below<std::size_t>(80);
      for (const LogRenderer render : {render_text, render_json}) {
        const std::string out = line(render, format, values);
        ASSERT_LE(out.size(), size);
        ASSERT_EQ(out.find('\n'), out.size() - 1);
      }
    }
  }
}

// Observers of lines.

struct Sink : testing::Test {
  std::size_t take(std::string_view text) {
    const std::size_t count = std::min(text.size(), room);
    taken += text.substr(0, count);
    room -= count;
    return count;
  }

  ManualClock<1> clock;
  LogPublisher publisher{clock};
  Logger log{publisher, "n"};
  TextLog<64> observer{[this](std::string_view text) { return take(text); }};
  std::string taken;
  std::size_t room = 0;
};

// However much the sink takes of a line: the next one is on a line of its own.
TEST_F(Sink, that_takes_less_is_a_failure_and_the_next_line_begins_anew) {
  publisher.add(observer);
  const std::string first = "0.000000 [n#info] first\n";
  for (std::size_t size = 0; size < first.size(); ++size) {
    taken.clear();
    room = size;
    const std::uint32_t failures = observer.failures();
    log.info("first");
    EXPECT_EQ(observer.failures(), failures + 1);
    room = 1000;
    log.info("second");
    EXPECT_EQ(observer.failures(), failures + 1);
    EXPECT_EQ(taken, first.substr(0, size) + (size > 0 ? "\n" : "") + "0.000000 [n#info] second\n");
  }
}

TEST_F(Sink, that_takes_nothing_for_long_gets_one_end_of_line_at_last) {
  publisher.add(observer);
  room = 3;
  for (int i = 0; i < 4; ++i) log.info("x");
  room = 1000;
  log.info("y");
  EXPECT_EQ(taken, "0.0\n0.000000 [n#info] y\n");
}

TEST_F(Sink, hears_the_time_since_the_epoch_it_was_told) {
  publisher.add(observer);
  room = 1000;
  observer.set_epoch(100s);
  clock.advance(1s);
  log.info("x");
  EXPECT_EQ(taken, "101.000000 [n#info] x\n");
}

}  // namespace
}  // namespace bobbin
