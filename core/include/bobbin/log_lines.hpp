// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include <bobbin/callback.hpp>
#include <bobbin/log_observer.hpp>
#include <bobbin/time.hpp>

namespace bobbin {

// Writes an event as one line into `line`, its end included, and returns what it wrote. `epoch` is
// added to the event's time, which counts from the port's own start.
using LogRenderer = std::string_view (*)(const LogEvent& event, std::span<char> line,
                                         Duration epoch);

inline constexpr std::size_t text_line_min = 16;
inline constexpr std::size_t json_line_min = 64;

// For people: `12.345678 [net.http#info] listening on 127.0.0.1:80`; the source stands behind the
// level. Control characters, backslashes and what is not UTF-8 are written as \n, \\ and \xff, so
// that nothing that was logged can begin a line or reach the terminal's controls. A line that is
// too long is cut between two characters or values, and ends in "...". `line` has at least
// `text_line_min` bytes.
std::string_view render_text(const LogEvent& event, std::span<char> line, Duration epoch);

// For programs: an object with log_time (seconds), log_level, log_namespace, log_source if there is
// one, log_format, each field by its name, and log_failure if it is one. Numbers, durations
// (seconds) and bools are such, an Error is {"error":"connection lost","native":104}, bytes are
// hexadecimal. What is not UTF-8 is U+FFFD, one for each byte. A field that no longer fits is left
// out with all that follow it, and log_truncated is true: it is a whole object in any case. `line`
// has at least `json_line_min` bytes, in which log_time fits.
std::string_view render_json(const LogEvent& event, std::span<char> line, Duration epoch);

// Takes as much of the text as it can without waiting for long, and returns how much that was.
using LogSink = InplaceFunction<std::size_t(std::string_view)>;

// Renders each event and gives the line to a sink in one call. Of a line that the sink takes only
// in part the rest is dropped: `would_block`, and the next one begins with an end of line.
class LineObserver : public LogObserver {
 public:
  LineObserver(LogRenderer render, std::span<char> line, LogSink sink)
      : render_(render), line_(line), sink_(sink) {}

  // What time it was when the port's clock started; since 1970, on a machine that knows.
  void set_epoch(Duration epoch) { epoch_ = epoch; }

 private:
  Error observe(const LogEvent& event) override;

  LogRenderer render_;
  std::span<char> line_;
  LogSink sink_;
  Duration epoch_{};
  bool line_open_ = false;
};

template <std::size_t size>
struct LogLineSpace {
  std::array<char, size> characters;
};

// Observers whose lines are at most so many bytes long.
template <std::size_t size>
class TextLog : private LogLineSpace<size>, public LineObserver {
  static_assert(size >= text_line_min, "bobbin: a line of text has at least 16 bytes");

 public:
  explicit TextLog(LogSink sink)
      : LineObserver(render_text, LogLineSpace<size>::characters, sink) {}
};

template <std::size_t size>
class JsonLog : private LogLineSpace<size>, public LineObserver {
  static_assert(size >= json_line_min, "bobbin: a line of JSON has at least 64 bytes");

 public:
  explicit JsonLog(LogSink sink)
      : LineObserver(render_json, LogLineSpace<size>::characters, sink) {}
};

}  // namespace bobbin
