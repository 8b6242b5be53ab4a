// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <bobbin/error.hpp>
#include <bobbin/log_format.hpp>
#include <bobbin/log_value.hpp>
#include <bobbin/time.hpp>

namespace bobbin {

enum class LogLevel : std::uint8_t { debug, info, warn, error, critical };

// "debug", "info", "warn", "error" or "critical".
std::string_view describe(LogLevel level);

// Something that happened, before anybody has made text of it: Twisted's event dictionary. It is
// valid for the length of the call only, and so is all that it refers to but `log_namespace` and
// `format`, which are constants of the program if a Logger made it.
struct LogEvent {
  LogLevel level = LogLevel::info;
  Instant time{};
  std::string_view log_namespace{};
  std::string_view format{};
  std::span<const LogValue> values{};  // one for each name in `format`, in that order
  LogValue source{};                   // of the Logger; `none` if it has none
  Error failure{};                     // what the event is about, if it was logged as a failure
};

// The fields of an event one after the other, each with its name.
class LogFields {
 public:
  explicit LogFields(const LogEvent& event) : scanner_(event.format), rest_(event.values) {}

  // False at the end.
  bool next(std::string_view& name, const LogValue*& value);

 private:
  LogScanner scanner_;
  std::span<const LogValue> rest_;
};

// The field of that name, null if there is none.
const LogValue* find_field(const LogEvent& event, std::string_view name);

}  // namespace bobbin
