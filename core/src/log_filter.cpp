// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/log_filter.hpp>

namespace bobbin {

namespace {

bool lies_in(std::string_view name, std::string_view outer) {
  return name.starts_with(outer) && (name.size() == outer.size() || name[outer.size()] == '.');
}

}  // namespace

Error FilteringObserver::set_level(std::string_view log_namespace, LogLevel level) {
  if (log_namespace.empty()) {
    level_ = level;
    return {};
  }
  for (Rule& rule : rules_.first(count_)) {
    if (rule.log_namespace != log_namespace) continue;
    rule.level = level;
    return {};
  }
  if (count_ == rules_.size()) return Errc::no_capacity;
  rules_[count_++] = {.log_namespace = log_namespace, .level = level};
  return {};
}

LogLevel FilteringObserver::level_for(std::string_view log_namespace) const {
  LogLevel level = level_;
  std::size_t longest = 0;
  for (const Rule& rule : rules_.first(count_)) {
    if (rule.log_namespace.size() <= longest || !lies_in(log_namespace, rule.log_namespace))
      continue;
    longest = rule.log_namespace.size();
    level = rule.level;
  }
  return level;
}

bool FilteringObserver::wants(LogLevel level, std::string_view log_namespace) const {
  return level >= level_for(log_namespace) && next_.wants(level, log_namespace);
}

Error FilteringObserver::observe(const LogEvent& event) {
  return event.level >= level_for(event.log_namespace) ? next_.hear(event) : Error();
}

}  // namespace bobbin
