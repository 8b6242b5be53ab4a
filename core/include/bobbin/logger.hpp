// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>

#include <bobbin/config.hpp>
#include <bobbin/log_observer.hpp>

namespace bobbin {

// Whether events of this level are compiled at all, see BOBBIN_LOG_LEVEL.
constexpr bool log_compiled(LogLevel level) { return static_cast<int>(level) >= config::log_level; }

// Makes events of one namespace: Twisted's Logger. A plain value, to be kept by each class that
// logs and made from the publisher it is given. The default one logs to nobody.
//
//   log.info("listening on {address}", port.host());
//   log.debug("{used:4} bytes of {connection:-}", used, [&] { return find_number(); });
//
// A value is an integer, a bool, a Decimal, a duration, text, bytes, an Address, an Error, or what
// has a function `log_value`; or a function that returns one, which is called only if somebody
// wants the event. No more than `values_max` in one event: they are gathered on the stack, 16 bytes
// each on a 32-bit machine.
class Logger {
 public:
  static constexpr std::size_t values_max = 8;

  constexpr Logger() = default;

  // `log_namespace`, such as "net.http", outlives the Logger.
  constexpr Logger(LogPublisher& publisher, std::string_view log_namespace)
      : publisher_(&publisher), namespace_(log_namespace) {}

  // The source says which one of many logs: a connection's peer, a number. What it refers to
  // outlives the Logger too.
  template <class Source>
  constexpr Logger(LogPublisher& publisher, std::string_view log_namespace, Source&& source)
      : publisher_(&publisher), namespace_(log_namespace), source_(to_log_value(source)) {
    static_assert(LogLasting<Source>,
                  "bobbin: the source of a Logger would be gone before it is used");
  }

  template <class... Values>
  void debug(LogFormat<std::type_identity_t<Values>...> format, const Values&... values) const {
    log<LogLevel::debug>({}, format.text(), values...);
  }
  template <class... Values>
  void info(LogFormat<std::type_identity_t<Values>...> format, const Values&... values) const {
    log<LogLevel::info>({}, format.text(), values...);
  }
  template <class... Values>
  void warn(LogFormat<std::type_identity_t<Values>...> format, const Values&... values) const {
    log<LogLevel::warn>({}, format.text(), values...);
  }
  template <class... Values>
  void error(LogFormat<std::type_identity_t<Values>...> format, const Values&... values) const {
    log<LogLevel::error>({}, format.text(), values...);
  }
  template <class... Values>
  void critical(LogFormat<std::type_identity_t<Values>...> format, const Values&... values) const {
    log<LogLevel::critical>({}, format.text(), values...);
  }

  // An Error that nobody could do anything about, and what was going on: a critical event. The text
  // ends with the error. Tests that do not expect it fail, see LoggedErrors.
  template <class... Values>
  void failure(Error error, LogFormat<std::type_identity_t<Values>...> format,
               const Values&... values) const {
    log<LogLevel::critical>(error, format.text(), values...);
  }

  // Whether an event of this level would reach anybody.
  bool enabled(LogLevel level) const;

 private:
  using List = std::span<const LogValue>;

  template <LogLevel level, class... Values>
  void log(Error failure, std::string_view format, const Values&... values) const {
    static_assert(sizeof...(Values) <= values_max, "bobbin: too many values for one event");
    if constexpr (log_compiled(level)) {
      if constexpr ((LogLazy<Values> || ...)) {
        if (!enabled(level)) return;
      }
      const std::array<LogValue, sizeof...(Values)> list{to_log_value(values)...};
      emit(level, format, list, failure);
    }
  }

  void emit(LogLevel level, std::string_view format, List values, Error failure) const;

  LogPublisher* publisher_ = nullptr;
  std::string_view namespace_;
  LogValue source_;
};

}  // namespace bobbin
