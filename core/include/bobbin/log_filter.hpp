// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include <bobbin/log_observer.hpp>

namespace bobbin {

// Lets another observer hear only events of some level and above, which may differ by namespace:
// Twisted's FilteringLogObserver with its LogLevelFilterPredicate. A level set for "net" holds for
// "net.http" too, but not for "network", unless "net.http" has one of its own.
class FilteringObserver : public LogObserver {
 public:
  struct Rule {
    std::string_view log_namespace;
    LogLevel level = LogLevel::info;
  };

  // `level` is that of namespaces that no rule is about. `next` is in no publisher and outlives
  // this.
  FilteringObserver(LogObserver& next, std::span<Rule> rules, LogLevel level)
      : next_(next), rules_(rules), level_(level) {}

  // The name outlives the rule; the empty one sets what holds without a rule. Errors: no_capacity,
  // and nothing has changed.
  Error set_level(std::string_view log_namespace, LogLevel level);

  // Forgets all rules.
  void clear_levels() { count_ = 0; }

  LogLevel level_for(std::string_view log_namespace) const;

  bool wants(LogLevel level, std::string_view log_namespace) const override;

 private:
  Error observe(const LogEvent& event) override;

  LogObserver& next_;
  std::span<Rule> rules_;
  std::size_t count_ = 0;
  LogLevel level_;
};

template <std::size_t rules>
struct LogRules {
  static_assert(rules > 0, "bobbin: a LogFilter has room for at least one rule");

  std::array<FilteringObserver::Rule, rules> places;
};

// A filter with room for so many rules.
template <std::size_t rules>
class LogFilter : private LogRules<rules>, public FilteringObserver {
 public:
  explicit LogFilter(LogObserver& next, LogLevel level = LogLevel::info)
      : FilteringObserver(next, LogRules<rules>::places, level) {}
};

}  // namespace bobbin
